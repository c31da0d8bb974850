package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.sql.SqlText;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens at a source, in whatever pieces it is staged: after each cycle the mirrors hold what the source held at that position, the
 * deltas are exactly the difference, and a model's log leads from any earlier cut to the present.
 */
class AppliedChangesGiveTheSourceTest {

    private static final TableId MODEL = new TableId("dw", "m", "copy");
    private static final int CYCLES = 12;

    @TempDir
    Path directory;

    private Random random;
    private StoreFixture fixture;
    private List<SimulatedTable> tables;
    private final Map<TableId, Long> loadingSince = new HashMap<>();
    private final Map<TableId, long[]> readAt = new HashMap<>();
    private final NavigableMap<Long, Map<List<@Nullable Object>, Long>> modelAt = new TreeMap<>();
    private long transactions;
    private long loads;
    private int reloads;

    /** Seeds that once found something, and some more; many more with {@code -Dfreshet.property.seeds=40}. */
    static LongStream seeds() {
        return LongStream.concat(
                LongStream.of(21), LongStream.rangeClosed(1, Integer.getInteger("freshet.property.seeds", 3)));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void afterEachCycle(long seed) {
        System.out.println("seed " + seed);
        random = new Random(seed);
        tables = List.of(
                new SimulatedTable(new TableId("s", "p", "poisoned"), List.of("rid"), true, random),
                new SimulatedTable(new TableId("s", "p", "loaded"), List.of("rid", "first_event"), false, random),
                new SimulatedTable(new TableId("s", "p", "keyless"), List.of(), false, random),
                new SimulatedTable(new TableId("s", "p", "keyless_poisoned"), List.of(), true, random));
        try (StoreFixture opened = new StoreFixture(directory)) {
            fixture = opened;
            long start = 0;
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                long end = work(start);
                StagedBatch batch = stage(start, end);
                crashSometimes(batch);
                batch = applyAndCheck(batch, start, end);
                replaySometimes(batch, end);
                start = end;
            }
        }
        System.out.println("loads " + loads + ", of which asked for " + reloads);
        assertThat(reloads).as("loads asked for").isLessThan(CYCLES / 2);
    }

    /** A few source transactions; ids are handed out in another order than the commits. */
    private long work(long start) {
        long position = start;
        int count = 1 + random.nextInt(8);
        for (int i = 0; i < count; i++) {
            position += 1 + random.nextInt(3);
            long tx = transactions++ ^ 1;
            for (SimulatedTable table : tables) {
                table.transaction(position, tx);
                table.remember(position);
            }
        }
        return position;
    }

    private StagedBatch stage(long start, long end) {
        List<StagedTable> staged = new ArrayList<>();
        for (SimulatedTable table : tables) {
            boolean loads = table.id.name().equals("loaded") || table.id.name().equals("keyless");
            if (loadingSince.containsKey(table.id)) {
                staged.add(loaded(table, end, readAt.get(table.id)));
            } else if (loads && random.nextInt(4) == 0) {
                long first = start + random.nextLong(end - start + 1);
                long second = first + random.nextLong(end - first + 1);
                long third = second + random.nextLong(end - second + 1);
                loadingSince.put(table.id, start + random.nextLong(first - start + 1));
                readAt.put(table.id, new long[] {first, second, third});
                boolean now = random.nextBoolean();
                staged.add(
                        now
                                ? loaded(table, end, readAt.get(table.id))
                                : new StagedTable(
                                        table.id,
                                        table.schema,
                                        at(start),
                                        at(end),
                                        files(table, start, end),
                                        Optional.empty(),
                                        true));
            } else {
                staged.add(new StagedTable(
                        table.id, table.schema, at(start), at(end), files(table, start, end), Optional.empty(), false));
            }
        }
        return StagedFiles.batch("s", start, end, staged.toArray(StagedTable[]::new));
    }

    private StagedTable loaded(SimulatedTable table, long end, long[] positions) {
        long since = loadingSince.remove(table.id);
        var base = table.stagedBase(fixture.files, ++loads, since, positions);
        return StagedFiles.loaded(
                table.id, table.schema, end, base, files(table, since, end).toArray(Path[]::new));
    }

    /** The events in one or two files, with some that lie outside of the batch. */
    private List<Path> files(SimulatedTable table, long start, long end) {
        long middle = start + random.nextLong(end - start + 1);
        return List.of(
                fixture.files.write(table.schema, table.events(Math.max(0, start - random.nextInt(4)), middle)),
                fixture.files.write(table.schema, table.events(middle, end)));
    }

    private void crashSometimes(StagedBatch batch) {
        if (random.nextInt(4) == 0) {
            try (StateTransaction transaction = fixture.store.begin()) {
                transaction.reconcile(batch);
            } catch (ReloadNeededException ignored) {
                // The next attempt meets it again.
            }
            if (random.nextBoolean()) {
                fixture.reopen();
            }
        }
    }

    private StagedBatch applyAndCheck(StagedBatch batch, long start, long end) {
        try {
            cycle(batch, end);
            return batch;
        } catch (ReloadNeededException e) {
            reloads++;
            SimulatedTable table = tables.stream()
                    .filter(candidate -> candidate.id.equals(e.table()))
                    .findFirst()
                    .orElseThrow();
            assertThat(table.id.name())
                    .as("only a load's image can be of the wrong row")
                    .isEqualTo("loaded");
            List<StagedTable> staged = new ArrayList<>(batch.tables());
            staged.removeIf(candidate -> candidate.table().equals(e.table()));
            loadingSince.put(table.id, end);
            staged.add(loaded(table, end, new long[] {end, end, end}));
            StagedBatch again = StagedFiles.batch("s", start, end, staged.toArray(StagedTable[]::new));
            cycle(again, end);
            return again;
        }
    }

    private void cycle(StagedBatch batch, long end) {
        Map<TableId, Map<List<@Nullable Object>, Long>> before = new HashMap<>();
        tables.forEach(table -> before.put(table.id, mirror(table)));
        Map<TableId, String> deltaModels = new HashMap<>();
        List<TableDelta> deltas;
        boolean modelled;
        try (StateTransaction transaction = fixture.store.begin()) {
            deltas = transaction.reconcile(batch);
            for (int i = 0; i < deltas.size(); i++) {
                TableDelta delta = deltas.get(i);
                TableId copy = new TableId("check", "deltas", "d" + i);
                transaction.drop(copy);
                transaction.recompute(
                        copy,
                        "SELECT * EXCLUDE (_freshet_weight, _freshet_row_hash) FROM " + StateNames.delta(delta.table())
                                + ", range(abs(_freshet_weight))" + " WHERE _freshet_weight > 0",
                        List.of());
                deltaModels.put(delta.table(), StateNames.relation(copy));
            }
            modelled = transaction.isReady(tables.get(1).id) && transaction.isReady(tables.get(2).id);
            if (modelled) {
                transaction.recompute(
                        MODEL,
                        "SELECT * FROM " + StateNames.relation(tables.get(1).id) + " UNION ALL SELECT * FROM "
                                + StateNames.relation(tables.get(2).id),
                        List.of());
            }
            transaction.commit(Map.of("s", batch.end()), Instant.EPOCH);
        }
        for (SimulatedTable table : tables) {
            boolean loading = loadingSince.containsKey(table.id);
            Map<List<@Nullable Object>, Long> expected = loading ? before.get(table.id) : table.expected(end);
            assertThat(mirror(table)).as("%s at %d", table.id, end).isEqualTo(expected);
            checkDelta(table, deltas, before.get(table.id), expected, deltaModels);
        }
        if (modelled) {
            checkLog();
        }
    }

    private Map<List<@Nullable Object>, Long> mirror(SimulatedTable table) {
        boolean known = !fixture.rows("SELECT 1 FROM freshet.source WHERE name = " + SqlText.literal(table.id.name()))
                .isEmpty();
        return known ? fixture.contents(table.id) : Map.of();
    }

    private void checkDelta(
            SimulatedTable table,
            List<TableDelta> deltas,
            Map<List<@Nullable Object>, Long> before,
            Map<List<@Nullable Object>, Long> after,
            Map<TableId, String> deltaModels) {
        Map<List<@Nullable Object>, Long> coming = new HashMap<>();
        difference(before, after).forEach((row, weight) -> {
            if (weight > 0) {
                coming.put(row, weight);
            }
        });
        long inserted = coming.values().stream().mapToLong(Long::longValue).sum();
        long deleted = difference(before, after).values().stream()
                .filter(weight -> weight < 0)
                .mapToLong(weight -> -weight)
                .sum();
        Optional<TableDelta> delta = deltas.stream()
                .filter(candidate -> candidate.table().equals(table.id))
                .findFirst();
        if (delta.isEmpty()) {
            assertThat(inserted + deleted).isZero();
            return;
        }
        assertThat(delta.get().inserted()).isEqualTo(inserted);
        assertThat(delta.get().deleted()).isEqualTo(deleted);
        assertThat(fixture.rows("SELECT * EXCLUDE range FROM " + deltaModels.get(table.id)))
                .isEqualTo(coming);
    }

    /** From a random earlier cut the log leads to what the model holds now. */
    private void checkLog() {
        try (StateSnapshot snapshot = fixture.store.read();
                RowCursor rows = snapshot.contents(MODEL)) {
            Map<List<@Nullable Object>, Long> now = StoreFixture.bag(rows);
            modelAt.put(snapshot.cut().number(), now);
            List<Long> cuts = new ArrayList<>(modelAt.keySet());
            long from = cuts.get(random.nextInt(cuts.size()));
            try (RowCursor changes = snapshot.changes(MODEL, from).orElseThrow()) {
                assertThat(StoreFixture.bag(changes)).isEqualTo(difference(modelAt.get(from), now));
            }
        }
    }

    private static Map<List<@Nullable Object>, Long> difference(
            Map<List<@Nullable Object>, Long> before, Map<List<@Nullable Object>, Long> after) {
        Map<List<@Nullable Object>, Long> net = new HashMap<>(after);
        before.forEach((row, copies) -> net.merge(row, -copies, Long::sum));
        net.values().removeIf(weight -> weight == 0);
        return net;
    }

    private void replaySometimes(StagedBatch batch, long end) {
        if (random.nextInt(3) == 0 && batch.tables().stream().noneMatch(StagedTable::loading)) {
            try (StateTransaction transaction = fixture.store.begin()) {
                assertThat(transaction.reconcile(batch))
                        .as("replay of %s", batch.id())
                        .isEmpty();
                transaction.commit(Map.of("s", batch.end()), Instant.EPOCH);
            }
            assertThat(fixture.store.cut().position("s")).isEqualTo(at(end));
        }
    }
}
