package dev.freshet.benchmarks;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.ChangeSourceFactory.Setup;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Freshet's own way from the log to staging, as the service goes it: the same parts, settings and calls, without the cycle behind. A row counts
 * when it is durable in staging and acknowledged to the source.
 */
final class StagedCapture implements Contestant {

    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final SourceDatabase database;
    private final PipelineId pipeline;
    private final List<TableId> tables;
    private final ServiceSettings settings;
    private final Plugins plugins = new Plugins();
    private final StagingArea staging;

    /** @param directory of its own, for staging and scratch space */
    StagedCapture(SourceDatabase database, String project, List<TableId> tables, Path directory) {
        this.database = database;
        this.pipeline = new PipelineId(project, SourceDatabase.OUTPUT);
        this.tables = List.copyOf(tables);
        this.settings = ServiceSettings.defaults(directory);
        try {
            Files.createDirectories(settings.scratch());
            Files.createDirectories(settings.stagingDirectory());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.staging = plugins.staging(settings);
        staging.acquire(pipeline, Takeover.REFUSED, settings.lease());
    }

    @Override
    public String name() {
        return "freshet";
    }

    /** Makes the slot and reads every table. The time ends when the last row is staged. */
    Drain load() throws InterruptedException {
        Drain.Watch watch = new Drain.Watch();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (ChangeSource source = open(watch)) {
            Set<TableId> loading = new HashSet<>(tables);
            long rows = 0;
            while (!loading.isEmpty()) {
                Optional<CapturedBatch> captured = next(source, deadline);
                if (captured.isEmpty()) {
                    continue;
                }
                watch.first();
                rows += stage(source, captured.get()).rows();
                captured.get().loads().stream()
                        .filter(step -> step instanceof LoadStep.Complete)
                        .forEach(step -> loading.remove(step.table()));
            }
            Drain drain = watch.last(rows);
            settle(source, deadline);
            return drain;
        }
    }

    /** The load's end is recorded with the next position that is. */
    private void settle(ChangeSource source, long deadline) throws InterruptedException {
        SourcePosition present = source.present();
        SourcePosition reached = SourcePosition.START;
        while (present.isAfter(reached)) {
            Optional<CapturedBatch> captured = next(source, deadline);
            if (captured.isPresent()) {
                reached = stage(source, captured.get()).end();
            } else {
                source.present();
            }
        }
    }

    @Override
    public Drain drain(long rows) throws InterruptedException {
        Drain.Watch watch = new Drain.Watch();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (ChangeSource source = open(watch)) {
            long staged = 0;
            while (staged < rows) {
                Optional<CapturedBatch> captured = next(source, deadline);
                if (captured.isPresent()) {
                    if (!captured.get().loads().isEmpty()) {
                        throw new FreshetException(ErrorKind.INTERNAL, "a table is loaded again instead of streamed");
                    }
                    staged += stage(source, captured.get()).rows();
                }
            }
            Drain drain = watch.last(staged);
            if (staged != rows) {
                throw new FreshetException(
                        ErrorKind.INTERNAL, "staged " + staged + " row changes where " + rows + " were made");
            }
            return drain;
        }
    }

    private ChangeSource open(Drain.Watch watch) {
        ChangeSource source = plugins.source(database.connection())
                .create(new Setup(
                        database.connection(),
                        pipeline,
                        tables,
                        Map.of(),
                        Takeover.REFUSED,
                        settings.scratch().resolve(SourceDatabase.OUTPUT),
                        table -> {
                            // Asked for when the first row of a batch has come.
                            watch.first();
                            return staging.buffer(table);
                        }));
        try {
            source.start(staging.recover(SourceDatabase.OUTPUT, tables));
            return source;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    private Optional<CapturedBatch> next(ChangeSource source, long deadlineNanos) throws InterruptedException {
        if (System.nanoTime() - deadlineNanos > 0) {
            throw new FreshetException(
                    ErrorKind.SOURCE,
                    "capture did not end within " + LIMIT.toMinutes() + " minutes; it says: "
                            + source.status().problem().orElse("nothing"));
        }
        return source.next(new ChangeSource.Limits(settings.batchInterval(), PATIENCE, settings.batchRows()));
    }

    private StagedBatch stage(ChangeSource source, CapturedBatch captured) {
        StagedBatch staged = staging.stage(captured);
        source.acknowledge(staged.end());
        return staged;
    }

    @Override
    public void close() {
        staging.release();
        staging.close();
    }
}
