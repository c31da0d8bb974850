package dev.freshet.ingest.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeBuffer;
import dev.freshet.ingest.ChangeSource.ResumePoint;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.LoadStep.LoadedRow;
import dev.freshet.ingest.StagedMirror;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.StagingAreaContract;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on Iceberg's JDBC catalog over SQLite and local files, and what goes wrong with catalogs and disks. */
class IcebergStagingAreaTest extends StagingAreaContract {

    private static final TableId ITEMS = new TableId("crm", "public", "items");

    @TempDir
    Path directory;

    private Duration grace = StagingSettings.FILE_GRACE;
    private Faults faults = Faults.named("none");

    @Override
    protected StagingArea open() {
        String name = directory + " " + UUID.randomUUID();
        faults = Faults.named(name);
        StagingSettings settings = StagingSettings.of(
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
                        "clients",
                        "4",
                        "jdbc.busy_timeout",
                        "60000",
                        "jdbc.journal_mode",
                        "WAL",
                        Faults.PROPERTY,
                        name));
        settings = new StagingSettings(
                settings.catalog(),
                settings.scratch(),
                settings.positionInterval(),
                grace,
                new StagingSettings.Fold(200, 100_000));
        InstantSource time = () -> now;
        return IcebergStagingArea.open(settings, time.withZone(ZoneOffset.UTC), UUID.randomUUID());
    }

    private TableChanges insert(TableId table, long position, int id) {
        return changes(table, KEYED, change(position, 0, new RowChange.Insert(Row.of(id, "new"), false)));
    }

    private CapturedBatch both(long start, long end) {
        return batch(start, end, List.of(insert(ORDERS, end, (int) end), insert(ITEMS, end, (int) end)));
    }

    private void loadBoth() {
        mirror.apply(area.stage(batch(
                0,
                10,
                List.of(),
                begin(ORDERS, 1, KEYED, 0),
                complete(ORDERS, 1, 5),
                begin(ITEMS, 1, KEYED, 0),
                complete(ITEMS, 1, 5))));
    }

    @Test
    void aCrashBetweenTwoTablesLeavesTheBatchIncomplete() {
        loadBoth();
        faults.after(1, Faults.Kind.DIES_BEFORE, 1);
        assertThatThrownBy(() -> area.stage(both(10, 30))).isInstanceOf(Faults.Dead.class);

        area = another();
        area.acquire(PIPELINE, Takeover.ALLOWED, LEASE);
        List<TableId> tables = List.of(ORDERS, ITEMS);
        ResumePoint resume = area.recover("crm", tables);
        assertThat(resume.position()).isEqualTo(at(10));
        assertThat(resume.staged()).containsValues(at(10), at(30));
        TableId ahead = resume.staged().get(ORDERS).equals(at(30)) ? ORDERS : ITEMS;
        TableId behind = ahead.equals(ORDERS) ? ITEMS : ORDERS;

        // A smaller batch comes first: it holds nothing of the transaction at 30 yet.
        mirror.apply(area.stage(batch(10, 20, List.of(insert(behind, 20, 20)))));
        assertThat(mirror.contents(ahead)).isEmpty();
        assertThat(area.recover("crm", tables).position()).isEqualTo(at(20));
        // The next one takes in what the table has had all along.
        StagedBatch whole = area.stage(batch(20, 30, List.of(insert(behind, 30, 30))));
        mirror.apply(whole);
        assertThat(mirror.contents(ahead)).containsExactly(List.of("30", "new"));
        assertThat(mirror.contents(behind)).hasSize(2);
        assertThat(area.recover("crm", tables).position()).isEqualTo(at(30));
    }

    @Test
    void aCrashAfterTheLastCommitLosesNothing() {
        loadBoth();
        faults.after(1, Faults.Kind.DIES_AFTER, 1);
        assertThatThrownBy(() -> area.stage(both(10, 30))).isInstanceOf(Faults.Dead.class);
        area = another();
        area.acquire(PIPELINE, Takeover.ALLOWED, LEASE);
        assertThat(area.recover("crm", List.of(ORDERS, ITEMS)).position()).isEqualTo(at(30));
        mirror.apply(area.pending("crm", List.of(ORDERS, ITEMS), at(10)).orElseThrow());
        assertThat(mirror.contents(ORDERS)).containsExactly(List.of("30", "new"));
        assertThat(mirror.contents(ITEMS)).containsExactly(List.of("30", "new"));
    }

    @Test
    void lostAnswersOfTheCatalogAreSurvived() {
        loadBoth();
        long rows = area.status().stagedRows();
        faults.after(0, Faults.Kind.ANSWER_LOST_AFTER, 1);
        mirror.apply(area.stage(both(10, 20)));
        faults.after(0, Faults.Kind.ANSWER_LOST_BEFORE, 1);
        mirror.apply(area.stage(both(20, 30)));
        assertThat(faults.hasHappened()).isTrue();
        assertThat(area.status().stagedRows()).isEqualTo(rows + 4);
        assertThat(mirror.contents(ORDERS)).hasSize(2);
    }

    @Test
    void aCatalogThatStaysSilentIsReportedAndReadAgain() {
        loadBoth();
        faults.after(0, Faults.Kind.ANSWER_LOST_BEFORE, 1_000);
        assertThatThrownBy(() -> area.stage(both(10, 20)))
                .isInstanceOfSatisfying(
                        FreshetException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OUTCOME_UNKNOWN))
                .hasMessageContaining("did not answer");
        faults.after(-1, Faults.Kind.ANSWER_LOST_BEFORE, 0);
        assertThat(area.recover("crm", List.of(ORDERS, ITEMS)).position()).isEqualTo(at(10));
        mirror.apply(area.stage(both(10, 20)));
        assertThat(mirror.contents(ITEMS)).containsExactly(List.of("20", "new"));
    }

    @Test
    void aFullDiskIsSurvived() throws IOException {
        loadBoth();
        long files = dataFiles();
        CapturedBatch batch = both(10, 20);
        for (int bytes = 0; bytes < 12_000; bytes += 3_000) {
            faults.bytesLeft.set(bytes);
            assertThatThrownBy(() -> area.stage(batch))
                    .isInstanceOfSatisfying(
                            FreshetException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.RETRYABLE))
                    .hasMessageContaining(directory.resolve("warehouse").toString())
                    .hasMessageContaining("No space left on device")
                    .hasMessageContaining("free disk space");
        }
        faults.bytesLeft.set(Long.MAX_VALUE);
        mirror.apply(area.stage(batch));
        assertThat(mirror.contents(ORDERS)).containsExactly(List.of("20", "new"));
        assertThat(mirror.contents(ITEMS)).containsExactly(List.of("20", "new"));
        assertThat(dataFiles()).as("no partial files").isEqualTo(files + 2);
        assertThat(area.recover("crm", List.of(ORDERS, ITEMS)).position()).isEqualTo(at(20));
    }

    private long dataFiles() throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("warehouse"))) {
            return all.filter(file -> file.toString().endsWith(".parquet")).count();
        }
    }

    @Test
    void positionsWithoutRowsAreRecordedNowAndThen() {
        loadBoth();
        now = now.plusSeconds(5);
        assertThat(area.stage(batch(10, 20, List.of())).end()).isEqualTo(at(20));
        int commits = faults.commits.get();
        StagedBatch unrecorded = area.stage(batch(20, 30, List.of()));
        assertThat(unrecorded.end()).isEqualTo(at(20));
        assertThat(faults.commits.get()).isEqualTo(commits);
        now = now.plusSeconds(2);
        StagedBatch recorded = area.stage(batch(30, 40, List.of()));
        assertThat(recorded.start()).isEqualTo(at(20));
        assertThat(recorded.end()).isEqualTo(at(40));
        assertThat(area.recover("crm", List.of(ORDERS, ITEMS)).position()).isEqualTo(at(40));
    }

    @Test
    void anOwnerThatIsSilentOrDeadIsReplaced() throws Exception {
        now = now.plus(LEASE).plusSeconds(1);
        StagingArea second = another();
        second.acquire(PIPELINE, Takeover.REFUSED, LEASE);

        // One whose process is gone is replaced at once.
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        ProcessIdentity self = ProcessIdentity.current();
        assertThat(self.knowsDead(new ProcessIdentity(self.host(), self.scope(), gone.pid(), -1)))
                .isTrue();
        assertThat(self.knowsDead(self)).isFalse();
        assertThat(self.knowsDead(new ProcessIdentity(self.host(), self.scope(), self.pid(), 1)))
                .as("a process id that was given out again")
                .isTrue();
        assertThat(self.knowsDead(new ProcessIdentity("elsewhere", "elsewhere", gone.pid(), -1)))
                .isFalse();
    }

    @Test
    void upkeepKeepsFilesFewWhileBatchesArrive() throws IOException {
        area.release();
        grace = Duration.ZERO;
        area = another();
        area.acquire(PIPELINE, Takeover.REFUSED, LEASE);
        loadBoth();
        long most = 0;
        CompletableFuture<Void> upkeep = CompletableFuture.completedFuture(null);
        for (int i = 1; i <= 300; i++) {
            mirror.apply(area.stage(batch(i * 10L, i * 10L + 10, List.of(insert(ORDERS, i * 10L + 5, i)))));
            if (i % 20 == 0) {
                // Beside staging, as in a service.
                upkeep.join();
                most = Math.max(most, area.status().files());
                Map<String, SourcePosition> through = Map.of("crm", mirror.position());
                upkeep = CompletableFuture.runAsync(() -> area.maintain(through));
            }
        }
        upkeep.join();
        assertThat(most).isLessThan(60);
        now = now.plusSeconds(1);
        area.maintain(Map.of("crm", mirror.position()));
        assertThat(area.status().files()).isLessThan(20);
        assertThat(dataFiles()).as("files on disk").isLessThan(30);
        try (Stream<Path> all = Files.walk(directory.resolve("warehouse"))) {
            assertThat(all.filter(Files::isRegularFile).count()).isLessThan(200);
        }
        try (StagedMirror fresh = new StagedMirror()) {
            fresh.apply(area.pending("crm", List.of(ORDERS, ITEMS), SourcePosition.START)
                    .orElseThrow());
            assertThat(fresh.contents(ORDERS))
                    .hasSize(300)
                    .containsExactlyInAnyOrderElementsOf(mirror.contents(ORDERS));
        }
    }

    @Test
    void poisonRowsOutliveFolding() {
        loadBoth();
        ChangeBuffer buffer = area.buffer(ORDERS);
        for (int i = 0; i < 300; i++) {
            buffer.add(new CapturedChange(
                    new RowChange.Insert(Row.of(i, i == 7 ? null : "row"), false),
                    20,
                    20,
                    0,
                    i,
                    i == 7 ? Optional.of("column \"name\": a date beyond the calendar") : Optional.empty()));
        }
        mirror.apply(area.stage(batch(10, 20, List.of(new TableChanges(ORDERS, KEYED, buffer)))));
        mirror.apply(area.stage(batch(20, 30, List.of(changes(ORDERS, KEYED, change(25, 0, update(8, "eight")))))));
        area.maintain(Map.of("crm", at(30)));
        StagedBatch folded =
                area.pending("crm", List.of(ORDERS), SourcePosition.START).orElseThrow();
        assertThat(folded.tables()).singleElement().satisfies(table -> {
            assertThat(table.files()).isEmpty();
            assertThat(table.base()).hasValueSatisfying(base -> {
                assertThat(base.start()).isEqualTo(at(30));
                assertThat(base.end()).isEqualTo(at(30));
            });
        });
        assertThat(folded.rows()).isEqualTo(300);
        try (StagedMirror fresh = new StagedMirror()) {
            fresh.apply(folded);
            assertThat(fresh.contents(ORDERS))
                    .hasSize(299)
                    .containsExactlyInAnyOrderElementsOf(mirror.contents(ORDERS));
            assertThat(fresh.contents(ORDERS)).contains(List.of("8", "eight")).doesNotContain(List.of("7", "row"));
        }
    }

    @Test
    void stagingIsQuick() {
        load();
        long position = 10;
        for (int rows : new int[] {1, 1_000, 100_000}) {
            List<Long> micros = new ArrayList<>();
            for (int i = 0; i < (rows == 100_000 ? 3 : 15); i++) {
                ChangeBuffer buffer = area.buffer(ORDERS);
                for (int row = 0; row < rows; row++) {
                    buffer.add(change(position + 1, row, new RowChange.Insert(Row.of(row, "some text " + row), false)));
                }
                CapturedBatch batch = batch(
                        position, position + 10, List.of(new TableChanges(ORDERS, KEYED, buffer)), new LoadStep[0]);
                long start = System.nanoTime();
                area.stage(batch);
                micros.add((System.nanoTime() - start) / 1_000);
                position += 10;
            }
            micros.sort(null);
            System.out.printf(
                    "staged %d rows in %.1f ms (median of %d, best %.1f)%n",
                    rows, micros.get(micros.size() / 2) / 1e3, micros.size(), micros.get(0) / 1e3);
        }
        assertThat(area.status().stagedRows()).isGreaterThan(315_000);
    }

    @Test
    void longLoadsAreSplitIntoFiles() {
        List<LoadedRow> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rows.add(new LoadedRow(Row.of(i, "x"), Optional.empty()));
        }
        mirror.apply(area.stage(batch(
                0,
                10,
                List.of(),
                begin(ORDERS, 1, KEYED, 0),
                new LoadStep.Chunk(
                        ORDERS,
                        1,
                        KEYED,
                        0,
                        Stream.generate(() -> rows)
                                .limit(100_001)
                                .flatMap(List::stream)
                                .iterator(),
                        SimulatedSource.snapshot(0),
                        ""),
                complete(ORDERS, 1, 5))));
        assertThat(area.status().files()).isEqualTo(2);
        assertThat(area.status().stagedRows()).isEqualTo(1_000_010);
    }
}
