package dev.freshet.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.ingest.ChangeSource.LoadProgress;
import dev.freshet.ingest.ChangeSource.ResumePoint;
import dev.freshet.ingest.LoadStep.LoadedRow;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.Takeover;
import dev.freshet.state.TransactionSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link StagingArea} does. A subclass says how one is opened. */
public abstract class StagingAreaContract {

    protected static final PipelineId PIPELINE = new PipelineId("shop", "prod");
    protected static final Duration LEASE = Duration.ofSeconds(30);
    protected static final TableId ORDERS = new TableId("crm", "public", "orders");
    protected static final TableId LOG = new TableId("crm", "public", "log; drop \"x\" ../..");
    protected static final TableSchema KEYED = new TableSchema(
            List.of(new Column("id", Simple.INTEGER), new Column("name", Simple.VARCHAR)), List.of("id"));
    protected static final TableSchema BAG = new TableSchema(List.of(new Column("line", Simple.VARCHAR)), List.of());

    protected StagingArea area;
    protected StagedMirror mirror;
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** Another instance over the same storage. */
    protected abstract StagingArea open();

    /** What the area's clock says. */
    protected Instant now = Instant.parse("2026-11-20T10:00:00Z");

    @BeforeEach
    void acquire() {
        area = another();
        area.acquire(PIPELINE, Takeover.REFUSED, LEASE);
        mirror = new StagedMirror();
        opened.add(mirror);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    protected final StagingArea another() {
        StagingArea next = open();
        opened.add(next);
        return next;
    }

    protected static SourcePosition at(long ordinal) {
        return ordinal == 0 ? SourcePosition.START : new SourcePosition(ordinal, "lsn " + ordinal);
    }

    /** A change whose transaction has the number of its position. */
    protected static CapturedChange change(long position, long sequence, RowChange change) {
        return new CapturedChange(change, position, position, position * 1_000_000, sequence, Optional.empty());
    }

    protected final TableChanges changes(TableId table, TableSchema schema, CapturedChange... changes) {
        ChangeBuffer buffer = area.buffer(table);
        for (CapturedChange change : changes) {
            buffer.add(change);
        }
        return new TableChanges(table, schema, buffer);
    }

    protected static CapturedBatch batch(long start, long end, List<TableChanges> tables, LoadStep... loads) {
        return new CapturedBatch("crm", at(start), at(end), Instant.ofEpochSecond(end), tables, List.of(loads));
    }

    protected static LoadStep begin(TableId table, long load, TableSchema schema, long start) {
        return new LoadStep.Begin(table, load, schema, at(start));
    }

    protected static LoadStep chunk(TableId table, long load, TableSchema schema, int number, Row... rows) {
        List<LoadedRow> loaded = new ArrayList<>();
        for (Row row : rows) {
            loaded.add(new LoadedRow(row, Optional.empty()));
        }
        return new LoadStep.Chunk(
                table,
                load,
                schema,
                number,
                loaded.iterator(),
                new TransactionSnapshot(1, 1, List.of()),
                "key " + number);
    }

    protected static LoadStep complete(TableId table, long load, long end) {
        return new LoadStep.Complete(table, load, at(end), Optional.empty());
    }

    /** Loads ORDERS with rows 1 and 2 and moves to position 10. */
    protected final StagedBatch load() {
        return area.stage(batch(
                0,
                10,
                List.of(),
                begin(ORDERS, 1, KEYED, 0),
                chunk(ORDERS, 1, KEYED, 0, Row.of(1, "one"), Row.of(2, "two")),
                complete(ORDERS, 1, 5)));
    }

    protected static RowChange update(int id, String name) {
        return new RowChange.Update(null, Row.of(id, name));
    }

    @Test
    void aLoadAndChangesBecomeTheTable() {
        assertThat(area.recover("crm", List.of(ORDERS, LOG)))
                .isEqualTo(new ResumePoint(SourcePosition.START, Map.of(), Map.of(), Map.of()));
        mirror.apply(load());
        assertThat(mirror.contents(ORDERS)).containsExactlyInAnyOrder(List.of("1", "one"), List.of("2", "two"));

        BitSet name = new BitSet();
        name.set(1);
        StagedBatch staged = area.stage(batch(
                10,
                20,
                List.of(changes(
                        ORDERS,
                        KEYED,
                        change(12, 0, new RowChange.Insert(Row.of(3, "three"), false)),
                        change(12, 1, update(1, "ONE")),
                        change(20, 0, new RowChange.Delete(Row.of(2, null))),
                        change(20, 1, new RowChange.Insert(Row.partial(new Object[] {22, null}, name), true))))));
        mirror.apply(staged);
        assertThat(staged.rows()).isEqualTo(4);
        assertThat(staged.newestCommit()).isEqualTo(Instant.ofEpochSecond(20));
        assertThat(mirror.contents(ORDERS))
                .containsExactlyInAnyOrder(List.of("1", "ONE"), List.of("3", "three"), List.of("22", "two"));
    }

    @Test
    void rowsCanBeReadBeforeTheyAreDurable() {
        mirror.apply(load());
        List<StagedBatch> written = new ArrayList<>();
        StagedBatch staged =
                area.stage(batch(10, 20, List.of(changes(ORDERS, KEYED, change(12, 0, update(1, "ONE"))))), early -> {
                    written.add(early);
                    assertThat(area.pending("crm", List.of(ORDERS), at(10)))
                            .as("for others it is not there yet")
                            .isEmpty();
                    mirror.apply(early);
                    assertThat(mirror.contents(ORDERS))
                            .containsExactlyInAnyOrder(List.of("1", "ONE"), List.of("2", "two"));
                });
        assertThat(written).containsExactly(staged);
        assertThat(area.pending("crm", List.of(ORDERS), at(10))).isPresent();
    }

    @Test
    void ofLoadsAndOfNothingNobodyIsToldEarly() {
        List<StagedBatch> written = new ArrayList<>();
        List<CapturedBatch> batches = List.of(
                batch(
                        0,
                        10,
                        List.of(changes(ORDERS, KEYED, change(4, 0, update(1, "ONE")))),
                        begin(ORDERS, 1, KEYED, 0),
                        chunk(ORDERS, 1, KEYED, 0, Row.of(1, "one"))),
                batch(10, 20, List.of(changes(ORDERS, KEYED, change(15, 0, update(1, "TWO"))))),
                batch(20, 30, List.of(), complete(ORDERS, 1, 5)),
                batch(30, 40, List.of()));
        for (CapturedBatch batch : batches) {
            mirror.apply(area.stage(batch, written::add));
        }
        assertThat(written).isEmpty();
        assertThat(mirror.contents(ORDERS)).containsExactly(List.of("1", "TWO"));
    }

    @Test
    void whatWasWrittenAndCouldNotBeCommittedIsNotThere() {
        mirror.apply(load());
        CapturedBatch batch = batch(10, 20, List.of(changes(ORDERS, KEYED, change(12, 0, update(1, "ONE")))));
        assertThatThrownBy(() -> area.stage(batch, early -> {
                    throw new IllegalStateException("the process ends here");
                }))
                .isInstanceOf(RuntimeException.class);
        assertThat(area.recover("crm", List.of(ORDERS)).position()).isEqualTo(at(10));
        mirror.apply(area.stage(batch(10, 20, List.of(changes(ORDERS, KEYED, change(12, 0, update(1, "EIN")))))));
        assertThat(mirror.contents(ORDERS)).containsExactlyInAnyOrder(List.of("1", "EIN"), List.of("2", "two"));
    }

    @Test
    void whatWasStagedIsThereForTheNextInstance() {
        load();
        area.stage(batch(10, 20, List.of(changes(ORDERS, KEYED, change(12, 0, update(1, "ONE"))))));
        area.release();

        StagingArea next = another();
        next.acquire(PIPELINE, Takeover.REFUSED, LEASE);
        assertThat(next.recover("crm", List.of(ORDERS)))
                .isEqualTo(new ResumePoint(
                        at(20),
                        Map.of(ORDERS, at(20)),
                        Map.of(ORDERS, new LoadProgress(1, true, 1, "key 0", at(0), at(5))),
                        Map.of(ORDERS, KEYED)));
        mirror.apply(next.pending("crm", List.of(ORDERS), SourcePosition.START).orElseThrow());
        assertThat(mirror.contents(ORDERS)).containsExactlyInAnyOrder(List.of("1", "ONE"), List.of("2", "two"));
        assertThat(next.pending("crm", List.of(ORDERS), at(20))).isEmpty();
    }

    @Test
    void aLoadIsLoadingUntilTheStreamHasPassedItsEnd() {
        StagedBatch begun = area.stage(batch(0, 10, List.of(), begin(ORDERS, 7, KEYED, 0)));
        assertThat(begun.tables()).singleElement().satisfies(table -> {
            assertThat(table.loading()).isTrue();
            assertThat(table.files()).isEmpty();
        });
        StagedBatch read = area.stage(batch(
                10,
                20,
                List.of(changes(ORDERS, KEYED, change(15, 0, update(1, "ONE")))),
                chunk(ORDERS, 7, KEYED, 0, Row.of(1, "one")),
                chunk(ORDERS, 7, KEYED, 1, Row.of(2, "two"))));
        assertThat(read.tables()).allMatch(StagedTable::loading);
        assertThat(area.recover("crm", List.of(ORDERS)).loads())
                .isEqualTo(Map.of(ORDERS, new LoadProgress(7, false, 2, "key 1", at(0), SourcePosition.START)));
        StagedBatch completed = area.stage(batch(20, 20, List.of(), complete(ORDERS, 7, 25)));
        assertThat(completed.tables()).allMatch(StagedTable::loading);
        StagedBatch early = area.stage(batch(20, 24, List.of(changes(ORDERS, KEYED, change(24, 0, update(2, "TWO"))))));
        assertThat(early.tables()).allMatch(StagedTable::loading);

        // Without rows, but it is what the load waits for.
        StagedBatch visible = area.stage(batch(24, 26, List.of()));
        assertThat(visible.end()).isEqualTo(at(26));
        assertThat(visible.tables()).singleElement().satisfies(table -> {
            assertThat(table.base()).isPresent();
            assertThat(table.after()).isEqualTo(at(0));
        });
        for (StagedBatch each : List.of(begun, read, completed, early, visible)) {
            mirror.apply(each);
        }
        assertThat(mirror.contents(ORDERS)).containsExactlyInAnyOrder(List.of("1", "ONE"), List.of("2", "TWO"));
    }

    @Test
    void aNewLoadVoidsTheOneBefore() {
        mirror.apply(load());
        mirror.apply(area.stage(
                batch(10, 20, List.of(), begin(ORDERS, 2, KEYED, 10), chunk(ORDERS, 2, KEYED, 0, Row.of(8, "lost")))));
        assertThat(mirror.isReady(ORDERS)).isFalse();
        mirror.apply(area.stage(batch(
                20,
                30,
                List.of(),
                begin(ORDERS, 3, KEYED, 20),
                chunk(ORDERS, 3, KEYED, 0, Row.of(9, "nine")),
                complete(ORDERS, 3, 30))));
        assertThat(mirror.contents(ORDERS)).containsExactly(List.of("9", "nine"));
    }

    @Test
    void keylessRowsThatTheBaseShowsAreNotCountedTwice() {
        mirror.apply(area.stage(batch(
                0,
                10,
                List.of(changes(
                        LOG,
                        BAG,
                        change(3, 0, new RowChange.Insert(Row.of("a"), false)),
                        change(9, 0, new RowChange.Insert(Row.of("a"), false)),
                        change(10, 0, new RowChange.Update(Row.of("a"), Row.of("b"))))),
                begin(LOG, 1, BAG, 0),
                chunk(LOG, 1, BAG, 0, Row.of("a")),
                new LoadStep.Complete(LOG, 1, at(4), Optional.of(new TransactionSnapshot(4, 4, List.of()))))));
        assertThat(mirror.contents(LOG)).containsExactlyInAnyOrder(List.of("a"), List.of("b"));
    }

    @Test
    void aReplayedBatchChangesNothing() {
        mirror.apply(load());
        RowChange insert = new RowChange.Insert(Row.of(3, "three"), false);
        mirror.apply(area.stage(batch(10, 20, List.of(changes(ORDERS, KEYED, change(12, 0, insert))))));
        long rows = area.status().stagedRows();
        StagedBatch again = area.stage(batch(10, 20, List.of(changes(ORDERS, KEYED, change(12, 0, insert)))));
        assertThat(again.start()).isEqualTo(at(20));
        assertThat(again.end()).isEqualTo(at(20));
        assertThat(again.tables()).isEmpty();
        assertThat(area.status().stagedRows()).isEqualTo(rows);

        // A batch that repeats some of it and goes further.
        mirror.apply(area.stage(batch(
                10, 30, List.of(changes(ORDERS, KEYED, change(12, 0, insert), change(25, 0, update(3, "THREE")))))));
        assertThat(area.status().stagedRows()).isEqualTo(rows + 1);
        assertThat(mirror.contents(ORDERS)).contains(List.of("3", "THREE"));
    }

    @Test
    void aGapInTheStreamIsRefused() {
        load();
        assertThatThrownBy(() -> area.stage(batch(11, 20, List.of())))
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining("changes would be missing");
    }

    @Test
    void batchNumbersGrowAcrossInstances() {
        Set<Long> numbers = new HashSet<>();
        long last = load().id().number();
        numbers.add(last);
        for (int i = 1; i <= 6; i++) {
            long number = area.stage(batch(i * 10, i * 10 + 10, List.of())).id().number();
            assertThat(number).isGreaterThan(last);
            last = number;
            if (i % 3 == 0) {
                area = another();
                area.acquire(PIPELINE, Takeover.ALLOWED, LEASE);
                // What was not recorded is captured again.
                SourcePosition position = area.recover("crm", List.of(ORDERS)).position();
                area.stage(new CapturedBatch("crm", position, at(i * 10 + 10), Instant.EPOCH, List.of(), List.of()));
            }
        }
    }

    @Test
    void theLastPositionOfASourceThatWentIdleIsRecordedInTime() {
        long end = load().end().ordinal();
        area.stage(batch(end, end + 10, List.of()));
        long reached = area.stage(batch(end + 10, end + 20, List.of())).end().ordinal();
        now = now.plusSeconds(5);
        StagedBatch settled = area.settle("crm").orElseThrow();
        assertThat(settled.start().ordinal()).isEqualTo(reached);
        reached = settled.end().ordinal();
        assertThat(reached).isEqualTo(end + 20);
        assertThat(area.settle("crm")).isEmpty();
        assertThat(area.recover("crm", List.of(ORDERS)).position()).isEqualTo(at(end + 20));
    }

    @Test
    void aTableThatWasNotCapturedForAWhileIsLoadedAnew() {
        mirror.apply(load());
        area.recover("crm", List.of(LOG));
        mirror.apply(area.stage(batch(10, 20, List.of())));
        assertThat(area.recover("crm", List.of(ORDERS, LOG)).loads()).isEmpty();
        SourcePosition position = area.recover("crm", List.of(ORDERS)).position();
        mirror.apply(area.stage(new CapturedBatch(
                "crm",
                position,
                at(40),
                Instant.EPOCH,
                List.of(),
                List.of(
                        begin(ORDERS, 1, KEYED, position.ordinal()),
                        chunk(ORDERS, 1, KEYED, 0, Row.of(5, "five")),
                        complete(ORDERS, 1, 40)))));
        assertThat(mirror.contents(ORDERS)).containsExactly(List.of("5", "five"));
    }

    @Test
    void aColumnMayComeAndGo() {
        mirror.apply(load());
        TableSchema wider = new TableSchema(
                List.of(
                        new Column("id", Simple.BIGINT),
                        new Column("name", Simple.VARCHAR),
                        new Column("odd \"name\" é", Simple.DATE)),
                List.of("id"));
        mirror.apply(area.stage(batch(
                10,
                20,
                List.of(changes(
                        ORDERS, wider, change(12, 0, new RowChange.Insert(Row.of(1L << 40, "far", 1), false)))))));
        assertThat(mirror.contents(ORDERS)).contains(List.of("1099511627776", "far", "1970-01-02"));
        TableSchema narrower = new TableSchema(List.of(new Column("id", Simple.BIGINT)), List.of("id"));
        area.stage(batch(
                20, 30, List.of(changes(ORDERS, narrower, change(22, 0, new RowChange.Insert(Row.of(4L), false))))));
        try (StagedMirror fresh = new StagedMirror()) {
            fresh.apply(
                    area.pending("crm", List.of(ORDERS), SourcePosition.START).orElseThrow());
            assertThat(fresh.contents(ORDERS))
                    .containsExactlyInAnyOrder(List.of("1"), List.of("2"), List.of("1099511627776"), List.of("4"));
        }
    }

    @Test
    void aLiveOwnerIsNotDisturbedAndNamed() {
        StagingArea other = another();
        assertThatThrownBy(() -> other.acquire(PIPELINE, Takeover.REFUSED, LEASE))
                .isInstanceOfSatisfying(
                        FreshetException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.USER))
                .hasMessageContaining("shop/prod")
                .hasMessageContaining("process " + ProcessHandle.current().pid())
                .hasMessageContaining("--take-over");
        load();
        area.renew();
        area.release();
        other.acquire(PIPELINE, Takeover.REFUSED, LEASE);
        assertFenced(() -> area.renew());
    }

    @Test
    void aZombieChangesNothing() {
        load();
        ChangeBuffer late = area.buffer(ORDERS);
        late.add(change(12, 0, update(1, "zombie")));
        StagingArea next = another();
        next.acquire(PIPELINE, Takeover.ALLOWED, LEASE);
        next.recover("crm", List.of(ORDERS, LOG));

        assertFenced(() -> area.stage(batch(10, 20, List.of(new TableChanges(ORDERS, KEYED, late)))));
        assertFenced(() -> area.stage(batch(
                10, 20, List.of(changes(LOG, BAG, change(12, 0, new RowChange.Insert(Row.of("zombie"), false)))))));
        assertThat(area.stage(batch(10, 20, List.of())).end())
                .as("what a zombie lets the source forget")
                .isEqualTo(at(10));
        assertFenced(() -> area.renew());
        assertFenced(() -> area.maintain(Map.of("crm", at(10))));

        assertThat(next.recover("crm", List.of(ORDERS, LOG)).position()).isEqualTo(at(10));
        mirror.apply(
                next.pending("crm", List.of(ORDERS, LOG), SourcePosition.START).orElseThrow());
        assertThat(mirror.contents(ORDERS)).containsExactlyInAnyOrder(List.of("1", "one"), List.of("2", "two"));
        assertThat(mirror.contents(LOG)).isEmpty();
    }

    private static void assertFenced(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FreshetException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.USER))
                .hasMessageContaining("no longer the owner");
    }

    @Test
    void buffersGiveBackWhatTheyGot() {
        try (ChangeBuffer buffer = area.buffer(ORDERS)) {
            List<CapturedChange> wanted = new ArrayList<>();
            BitSet second = new BitSet();
            second.set(1);
            for (int i = 0; i < 120_000; i++) {
                CapturedChange change = i % 1000 == 0
                        ? change(i, i, new RowChange.Truncate())
                        : change(
                                i,
                                i,
                                new RowChange.Update(
                                        i % 2 == 0 ? null : Row.of(i, "before"),
                                        Row.partial(new Object[] {i, null}, second)));
                wanted.add(change);
                buffer.add(change);
            }
            assertThat(buffer.size()).isEqualTo(120_000);
            for (int times = 0; times < 2; times++) {
                List<CapturedChange> read = new ArrayList<>();
                buffer.forEach(read::add);
                assertThat(read).isEqualTo(wanted);
            }
        }
    }
}
