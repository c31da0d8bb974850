package dev.freshet.ingest.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeBuffer;
import dev.freshet.ingest.ChangeSource.LoadProgress;
import dev.freshet.ingest.ChangeSource.ResumePoint;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.StagedMirror;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens on the way (crashes between and after commits, lost answers, a full disk, loads that begin, resume and are voided, batches
 * that nobody read, upkeep in between), the staged batches put together are the source's tables.
 */
class StagingHistoryTest {

    private static final PipelineId PIPELINE = new PipelineId("shop", "prod");
    private static final int TRANSACTIONS = 60;

    @TempDir
    Path directory;

    private Random random = new Random();
    private SimulatedSource source = new SimulatedSource(random, 0);
    private IcebergStagingArea area;
    private Faults faults;
    private StagedMirror mirror = new StagedMirror();
    /** How many transactions the database has committed, and how many of them were captured. */
    private int now;

    private int captured;
    private SourcePosition position = SourcePosition.START;
    private Map<TableId, SourcePosition> staged = Map.of();
    private final Map<TableId, LoadProgress> loads = new HashMap<>();
    private long lastLoad;
    private int instances;
    private final StringBuilder log = new StringBuilder();
    private final Map<String, Integer> seen = new HashMap<>();

    @AfterEach
    void close() {
        mirror.close();
        area.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 0})
    void stagedBatchesAreTheSource(long given) {
        long seed = given == 0 ? System.nanoTime() : given;
        System.out.println("seed " + seed);
        random = new Random(seed);
        source = new SimulatedSource(random, TRANSACTIONS);
        try {
            restart();
            while (captured < source.size()) {
                step();
            }
            finish();
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + "\n" + log, e);
        }
        System.out.println("seed " + seed + " " + seen + ", " + area.status());
    }

    private void note(String what, Object detail) {
        seen.merge(what, 1, Integer::sum);
        log.append(what).append(' ').append(detail).append('\n');
    }

    private void restart() {
        String name = directory + " " + instances++;
        faults = Faults.named(name);
        StagingSettings local = StagingSettings.of(
                directory,
                Map.of(
                        "catalog-impl",
                        FaultyCatalog.class.getName(),
                        "io-impl",
                        FaultyFileIO.class.getName(),
                        "uri",
                        "jdbc:sqlite:" + directory.resolve("catalog.db"),
                        "warehouse",
                        directory.resolve("warehouse").toString(),
                        "jdbc.busy_timeout",
                        "60000",
                        "jdbc.journal_mode",
                        "WAL",
                        "jdbc.synchronous",
                        "OFF",
                        Faults.PROPERTY,
                        name));
        StagingSettings settings = new StagingSettings(
                local.catalog(),
                local.scratch(),
                random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(200),
                Duration.ZERO,
                new StagingSettings.Fold(12, 100_000));
        area = IcebergStagingArea.open(settings, Clock.systemUTC(), UUID.randomUUID());
        area.acquire(PIPELINE, Takeover.ALLOWED, Duration.ofSeconds(30));
        recover();
    }

    private void recover() {
        ResumePoint resume = area.recover("crm", SimulatedSource.TABLES);
        note("recovered", resume);
        position = resume.position();
        captured = (int) (position.ordinal() / 10);
        now = Math.max(now, captured);
        staged = resume.staged();
        loads.clear();
        loads.putAll(resume.loads());
        // A keyless table's load is read in one go, so what is begun is begun anew.
        LoadProgress log = loads.get(SimulatedSource.LOG);
        if (log != null && !log.complete()) {
            loads.remove(SimulatedSource.LOG);
        }
    }

    private void step() {
        now = Math.min(source.size(), now + random.nextInt(4));
        orderFault();
        CapturedBatch batch = nextBatch();
        try {
            StagedBatch result = stage(batch);
            note(
                    "staged",
                    result.id() + " " + result.start().ordinal() + ".."
                            + result.end().ordinal());
            if (random.nextInt(4) > 0 && !result.start().isAfter(mirror.position())) {
                mirror.apply(result);
            }
            check();
        } catch (Faults.Dead dead) {
            note("crashed", "");
            area.close();
            restart();
        }
        try {
            upkeep();
        } catch (Faults.Dead dead) {
            note("crashed in upkeep", "");
            area.close();
            restart();
        }
    }

    private void orderFault() {
        int chance = random.nextInt(100);
        if (chance < 8) {
            faults.after(random.nextInt(4), Faults.Kind.DIES_BEFORE, 1);
        } else if (chance < 14) {
            faults.after(random.nextInt(4), Faults.Kind.DIES_AFTER, 1);
        } else if (chance < 22) {
            faults.after(random.nextInt(4), Faults.Kind.ANSWER_LOST_BEFORE, 1);
        } else if (chance < 30) {
            faults.after(random.nextInt(4), Faults.Kind.ANSWER_LOST_AFTER, 1);
        } else if (chance < 38) {
            faults.bytesLeft.set(random.nextInt(30_000));
        }
    }

    /** Stages as a service does: what can be tried again is, the rest is captured again. */
    private StagedBatch stage(CapturedBatch batch) {
        try {
            return accepted(batch, staged(batch));
        } catch (FreshetException e) {
            note("" + e.kind(), e.getMessage());
            assertThat(e.kind()).isIn(ErrorKind.RETRYABLE, ErrorKind.OUTCOME_UNKNOWN);
            faults.bytesLeft.set(Long.MAX_VALUE);
            if (e.kind() == ErrorKind.RETRYABLE && random.nextBoolean()) {
                try {
                    return accepted(batch, staged(batch));
                } catch (FreshetException again) {
                    note("again " + again.kind(), again.getMessage());
                    assertThat(again.kind()).isEqualTo(ErrorKind.OUTCOME_UNKNOWN);
                }
            }
            recover();
            return stage(nextBatch());
        }
    }

    /** What is told of before it is durable is what it is then. */
    private StagedBatch staged(CapturedBatch batch) {
        List<StagedBatch> written = new ArrayList<>();
        StagedBatch result = area.stage(batch, written::add);
        if (!written.isEmpty()) {
            note("early", result.id());
            assertThat(written).containsExactly(result);
        }
        return result;
    }

    private StagedBatch accepted(CapturedBatch batch, StagedBatch result) {
        position = batch.end();
        captured = (int) (position.ordinal() / 10);
        for (LoadStep step : batch.loads()) {
            loads.put(step.table(), progress(step, loads));
        }
        return result;
    }

    private static LoadProgress progress(LoadStep step, Map<TableId, LoadProgress> loads) {
        if (step instanceof LoadStep.Begin begin) {
            return new LoadProgress(begin.load(), false, 0, "", begin.start(), SourcePosition.START);
        }
        LoadProgress before = loads.get(step.table());
        if (step instanceof LoadStep.Chunk chunk) {
            return new LoadProgress(
                    before.load(), false, before.chunks() + 1, chunk.lastKey(), before.start(), before.end());
        }
        SourcePosition end = ((LoadStep.Complete) step).end();
        return new LoadProgress(before.load(), true, before.chunks(), before.lastKey(), before.start(), end);
    }

    private CapturedBatch nextBatch() {
        int through = Math.min(now, captured + random.nextInt(4));
        long ordinal = Math.max(position.ordinal(), through * 10L + (random.nextInt(3) == 0 ? 5 : 0));
        List<LoadStep> steps = loadSteps();
        Map<TableId, LoadProgress> loading = new HashMap<>(loads);
        steps.forEach(step -> loading.put(step.table(), progress(step, loading)));
        List<TableChanges> tables = new ArrayList<>();
        for (TableId table : SimulatedSource.TABLES) {
            ChangeBuffer buffer = area.buffer(table);
            long skip = staged.getOrDefault(table, SourcePosition.START).ordinal();
            for (int i = captured + 1; i <= through; i++) {
                for (CapturedChange change : source.changes(i, table)) {
                    // Sometimes the source repeats what is staged already.
                    if (change.position() > skip || random.nextInt(3) == 0) {
                        buffer.add(completed(change, table, loading.get(table)));
                    }
                }
            }
            if (buffer.size() > 0) {
                tables.add(new TableChanges(table, SimulatedSource.schema(table), buffer));
            }
        }
        SourcePosition end = new SourcePosition(ordinal, ordinal == 0 ? "" : "lsn " + ordinal);
        return new CapturedBatch("crm", position, end, Instant.ofEpochSecond(through), tables, steps);
    }

    /** A row that moves while its table is loaded is completed from the table: neither the rows read nor the log may have all of it. */
    private CapturedChange completed(CapturedChange change, TableId table, @Nullable LoadProgress load) {
        if (load == null
                || change.position() <= load.start().ordinal()
                || (load.complete() && change.position() > load.end().ordinal())) {
            return change;
        }
        return source.completed(
                change, table, load.complete() ? (int) (load.end().ordinal() / 10) : now);
    }

    private List<LoadStep> loadSteps() {
        List<LoadStep> steps = new ArrayList<>();
        for (TableId table : SimulatedSource.TABLES) {
            LoadProgress progress = loads.get(table);
            if (progress == null || random.nextInt(25) == 0) {
                // What a crash left staged ahead of its source was not completed for a load that begins now: the
                // state store would ask for another load.
                boolean ahead = staged.getOrDefault(table, SourcePosition.START).isAfter(position);
                if (!ahead && random.nextInt(3) > 0) {
                    lastLoad++;
                    LoadStep begin = new LoadStep.Begin(table, lastLoad, SimulatedSource.schema(table), position);
                    steps.add(begin);
                    progress = new LoadProgress(lastLoad, false, 0, "0", position, SourcePosition.START);
                }
            }
            if (progress != null && !progress.complete()) {
                read(table, progress, steps);
            }
        }
        return steps;
    }

    private void read(TableId table, LoadProgress progress, List<LoadStep> steps) {
        SourcePosition seenUpTo = new SourcePosition(now * 10L, "lsn " + now * 10L);
        int from = progress.lastKey().isEmpty() ? 0 : Integer.parseInt(progress.lastKey());
        boolean whole = table.equals(SimulatedSource.LOG);
        int chunks = progress.chunks();
        while (from < 12 && random.nextInt(3) > 0) {
            int to = whole ? 12 : from + 1 + random.nextInt(6);
            steps.add(new LoadStep.Chunk(
                    table,
                    progress.load(),
                    SimulatedSource.schema(table),
                    chunks++,
                    source.read(now, table, from, to).iterator(),
                    SimulatedSource.snapshot(now),
                    "" + to));
            from = to;
            if (whole) {
                // Its snapshot has to reach the complete step, so the two go together.
                steps.add(new LoadStep.Complete(
                        table, progress.load(), seenUpTo, Optional.of(SimulatedSource.snapshot(now))));
                return;
            }
        }
        if (from >= 12 && !whole) {
            steps.add(new LoadStep.Complete(table, progress.load(), seenUpTo, Optional.empty()));
        }
    }

    private void check() {
        int at = (int) Math.min(source.size(), mirror.position().ordinal() / 10);
        for (TableId table : SimulatedSource.TABLES) {
            if (mirror.isReady(table)) {
                assertThat(mirror.contents(table))
                        .as("%s after transaction %s", table, at)
                        .containsExactlyInAnyOrderElementsOf(source.contents(at, table));
            }
        }
    }

    private void upkeep() {
        int chance = random.nextInt(20);
        if (chance == 0) {
            note("state store deleted", "");
            mirror.close();
            mirror = new StagedMirror();
        }
        if (chance < 8) {
            catchUp();
        }
        if (chance < 6) {
            try {
                area.maintain(Map.of("crm", mirror.position()));
                note("upkeep", mirror.position().ordinal());
            } catch (FreshetException e) {
                note("upkeep " + e.kind(), e.getMessage());
                assertThat(e.kind()).isIn(ErrorKind.RETRYABLE, ErrorKind.OUTCOME_UNKNOWN);
            }
        }
    }

    private void catchUp() {
        area.pending("crm", SimulatedSource.TABLES, mirror.position()).ifPresent(pending -> {
            note("pending", pending.start().ordinal() + ".." + pending.end().ordinal());
            mirror.apply(pending);
        });
        check();
    }

    private boolean isLoaded() {
        return SimulatedSource.TABLES.stream()
                .allMatch(table -> loads.containsKey(table) && loads.get(table).complete());
    }

    private void finish() {
        faults.bytesLeft.set(Long.MAX_VALUE);
        faults.after(-1, Faults.Kind.DIES_BEFORE, 0);
        now = source.size();
        long end = source.size() * 10L;
        for (int i = 0; i < 60 && !isLoaded(); i++) {
            List<LoadStep> steps = loadSteps();
            SourcePosition next = new SourcePosition(++end, "lsn " + end);
            CapturedBatch batch = new CapturedBatch("crm", position, next, Instant.EPOCH, List.of(), steps);
            accepted(batch, staged(batch));
        }
        CapturedBatch last = new CapturedBatch(
                "crm", position, new SourcePosition(end + 1000, "end"), Instant.EPOCH, List.of(), List.of());
        area.stage(last);
        catchUp();
        area.maintain(Map.of("crm", mirror.position()));
        try (StagedMirror fresh = new StagedMirror()) {
            area.pending("crm", SimulatedSource.TABLES, SourcePosition.START).ifPresent(fresh::apply);
            for (TableId table : SimulatedSource.TABLES) {
                for (StagedMirror each : List.of(mirror, fresh)) {
                    assertThat(each.isReady(table)).isTrue();
                    assertThat(each.contents(table))
                            .as("%s at the end", table)
                            .containsExactlyInAnyOrderElementsOf(source.contents(source.size(), table));
                }
            }
        }
    }
}
