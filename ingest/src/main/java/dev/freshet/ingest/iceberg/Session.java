package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.StagingArea.StagingStatus;
import dev.freshet.state.PipelineId;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;

/** What an area holds from acquiring a pipeline on. */
final class Session {

    private final PipelineId pipeline;
    private final Owner owner;
    private final Tables tables;
    private final StagedTables reader;
    private final Upkeep upkeep;
    private final Parallel parallel;
    private final StagingSettings settings;
    private final Clock clock;
    private final Map<String, SourceStaging> sources = new ConcurrentHashMap<>();

    Session(
            PipelineId pipeline,
            Owner owner,
            Tables tables,
            StagedTables reader,
            Upkeep upkeep,
            Parallel parallel,
            StagingSettings settings,
            Clock clock) {
        this.pipeline = pipeline;
        this.owner = owner;
        this.tables = tables;
        this.reader = reader;
        this.upkeep = upkeep;
        this.parallel = parallel;
        this.settings = settings;
        this.clock = clock;
    }

    PipelineId pipeline() {
        return pipeline;
    }

    Owner owner() {
        return owner;
    }

    Upkeep upkeep() {
        return upkeep;
    }

    SourceStaging source(String name) {
        return sources.computeIfAbsent(
                name,
                missing -> new SourceStaging(
                        missing, tables, reader, parallel, clock, settings.positionInterval(), owner.epoch()));
    }

    StagingStatus status() {
        long files = 0;
        long bytes = 0;
        long rows = 0;
        for (ChangeTable table : tables.all()) {
            Map<String, String> summary =
                    table.snapshot().map(Snapshot::summary).orElse(Map.of());
            files += total(summary, SnapshotSummary.TOTAL_DATA_FILES_PROP);
            bytes += total(summary, SnapshotSummary.TOTAL_FILE_SIZE_PROP);
            rows += total(summary, SnapshotSummary.TOTAL_RECORDS_PROP);
        }
        return new StagingStatus(files, bytes, rows);
    }

    private static long total(Map<String, String> summary, String property) {
        return Long.parseLong(summary.getOrDefault(property, "0"));
    }
}
