package dev.freshet.deploy.run;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.pipeline.TableExtract;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.state.Takeover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings source tables into a state store that follows no changes: as a file that the database writes and the store reads, or, where a value does not go that way,
 * row by row through a staging area, as a service loads them.
 */
final class Extract {

    private static final Logger LOG = LoggerFactory.getLogger(Extract.class);

    private final StateStore state;
    private final Pipeline.Parts parts;
    private final ServiceSettings local;
    private final PipelineId pipeline;
    private final Clock clock;
    private final Map<String, SourcePosition> staged = new HashMap<>();

    Extract(StateStore state, Pipeline.Parts parts, ServiceSettings local, PipelineId pipeline, Clock clock) {
        this.state = state;
        this.parts = parts;
        this.local = local;
        this.pipeline = pipeline;
        this.clock = clock;
    }

    /** Returns how many rows were read. */
    long take(TableReader reader, TableScan scan, TableSchema schema) {
        // The store reads files of the staging area, and no others.
        Path file = local.stagingDirectory().resolve("copied.csv");
        try {
            OptionalLong copied = reader.copy(scan, file);
            if (copied.isPresent() && isFilled(scan, schema, file)) {
                return copied.getAsLong();
            }
        } finally {
            delete(file);
        }
        return staged(reader, scan.table(), schema);
    }

    /** Whether the store could read all of it. */
    private boolean isFilled(TableScan scan, TableSchema schema, Path file) {
        try (StateTransaction transaction = state.begin()) {
            boolean filled = transaction.fill(scan.table(), schema, scan.columns(), file);
            var unused = transaction.commit(Map.of(), clock.instant());
            return filled;
        } catch (FreshetException e) {
            LOG.debug("{} is read row by row: {}", scan.table(), e.getMessage(), e);
            return false;
        }
    }

    private long staged(TableReader reader, TableId table, TableSchema schema) {
        try (StagingArea area = parts.staging(local)) {
            area.acquire(pipeline, Takeover.ALLOWED, local.lease());
            SourcePosition before = staged.getOrDefault(table.connection(), SourcePosition.START);
            SourcePosition read = new SourcePosition(before.ordinal() + 1, "extract");
            long rows = new TableExtract(area, reader, table, schema, before, read).run();
            staged.put(table.connection(), read);
            StagedBatch batch = area.pending(table.connection(), List.of(table), before)
                    .orElseThrow(() -> new FreshetException(
                            ErrorKind.INTERNAL, "nothing was staged of source '" + table.connection() + "'"));
            try (StateTransaction transaction = state.begin()) {
                transaction.reconcile(batch);
                var unused = transaction.commit(Map.of(table.connection(), read), clock.instant());
            }
            return rows;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException ignored) {
            // what stays in the scratch directory is removed at the next start
        }
    }
}
