package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.at;
import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StagedFiles.loaded;
import static dev.freshet.state.duckdb.StoreFixture.row;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Staged changes become mirrors. */
class ReconcileTest {

    private static final TableId NOTES = new TableId("shop", "public", "notes");
    private static final TableSchema KEYED =
            schema(List.of("id"), "id", Simple.INTEGER, "title", Simple.VARCHAR, "body", Simple.VARCHAR);
    private static final TableSchema KEYLESS = schema(List.of(), "id", Simple.INTEGER, "title", Simple.VARCHAR);

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<TableDelta> apply(TableSchema schema, long start, long end, Event... events) {
        return fixture.apply(batch(NOTES, schema, start, end, fixture.files.write(schema, List.of(events))));
    }

    private void has(List<?>... rows) {
        assertThat(fixture.contents(NOTES).keySet()).containsExactlyInAnyOrder(castRows(rows));
    }

    @SuppressWarnings("unchecked")
    private static List<Object>[] castRows(List<?>... rows) {
        return (List<Object>[]) rows;
    }

    @Test
    void lastEventOfAKeyDecidesAndNoOpsAreDropped() {
        apply(
                KEYED,
                0,
                10,
                Event.of("c", 10, 1, 1, "a", "x"),
                Event.of("c", 10, 2, 2, "b", "y"),
                Event.of("u", 10, 3, 1, "c", "x"));
        has(row(1, "c", "x"), row(2, "b", "y"));

        List<TableDelta> deltas = apply(
                KEYED,
                10,
                20,
                Event.of("u", 20, 1, 1, "c", "x"),
                Event.of("d", 20, 2, 2),
                Event.of("c", 20, 3, 3, null, ""));

        assertThat(deltas).singleElement().satisfies(delta -> {
            assertThat(delta.deleted()).isEqualTo(1);
            assertThat(delta.inserted()).isEqualTo(1);
            assertThat(delta.replaced()).isFalse();
        });
        assertThat(fixture.reconciliations).containsExactly(new Reconciliation(NOTES, 1, 0));
        has(row(1, "c", "x"), row(3, null, ""));
        assertThat(apply(KEYED, 20, 30, Event.of("u", 30, 1, 3, null, ""), Event.of("d", 30, 2, 99)))
                .isEmpty();
    }

    @Test
    void onlyPositionsAfterTheCursorAndNotBeyondTheBatchCount() {
        Event first = Event.of("c", 10, 1, 1, "a", "x");
        Event second = Event.of("u", 20, 1, 1, "b", "x");
        Event third = Event.of("u", 30, 1, 1, "c", "x");
        Path file = fixture.files.write(KEYED, List.of(first, second, third));
        fixture.apply(batch(NOTES, KEYED, 0, 20, file));
        has(row(1, "b", "x"));
        assertThat(fixture.apply(batch(NOTES, KEYED, 0, 10, file))).isEmpty();
        assertThat(fixture.apply(batch(NOTES, KEYED, 0, 20, file))).isEmpty();
        has(row(1, "b", "x"));
        fixture.apply(batch(NOTES, KEYED, 10, 30, file));
        has(row(1, "c", "x"));
        assertThat(fixture.store.cut().position("shop")).isEqualTo(at(30));
    }

    @Test
    void unavailableValuesComeFromThePrecedingImageThroughChainsOfMoves() {
        apply(
                KEYED,
                0,
                10,
                Event.of("c", 10, 1, 1, "a", "long"),
                Event.of("c", 10, 2, 5, "e", "five"),
                Event.of("c", 10, 3, 9, "n", null));
        apply(
                KEYED,
                10,
                20,
                Event.of("u", 20, 1, 1, "a2", null).without("body"),
                Event.of("d", 20, 2, 1),
                Event.of("m", 20, 3, 2, "a3", null).without("body"),
                Event.of("c", 20, 4, 1, "new", "other"),
                Event.of("d", 20, 5, 2),
                Event.of("m", 20, 6, 3, "a4", null).without("body"),
                Event.of("u", 20, 7, 3, null, null).without("title", "body"),
                Event.of("u", 20, 8, 5, "e", "six"),
                Event.of("u", 20, 9, 5, "e2", null).without("body"),
                Event.of("u", 20, 10, 9, "n2", null).without("body"));
        has(row(3, "a4", "long"), row(1, "new", "other"), row(5, "e2", "six"), row(9, "n2", null));
        assertThat(fixture.reconciliations).singleElement().satisfies(found -> assertThat(found.filled())
                .isPositive());
    }

    @Test
    void unavailableValueThatNobodyKnowsAsksForAReload() {
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"));
        assertThatThrownBy(() ->
                        apply(KEYED, 10, 20, Event.of("u", 20, 1, 7, "b", null).without("body")))
                .isInstanceOfSatisfying(
                        ReloadNeededException.class, e -> assertThat(e.table()).isEqualTo(NOTES))
                .hasMessageContaining("'shop.public.notes' must be loaded again")
                .hasMessageContaining("body");
        has(row(1, "a", "x"));
        assertThat(fixture.store.cut().number()).isEqualTo(1);
    }

    /** A row of the same key that came after a delete is another row: it takes nothing from the one before. */
    @Test
    void anotherRowOfAKeyTakesNothingFromTheOneBefore() {
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"));
        assertThatThrownBy(() -> apply(
                        KEYED,
                        10,
                        20,
                        Event.of("u", 20, 1, 1, "b", "y"),
                        Event.of("d", 20, 2, 1, null, null),
                        Event.of("c", 20, 3, 1, "c", null).without("body")))
                .isInstanceOf(ReloadNeededException.class);
        has(row(1, "a", "x"));
    }

    @Test
    void truncateRetractsEverythingBeforeIt() {
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"), Event.of("c", 10, 2, 2, "b", "y"));
        List<TableDelta> deltas = apply(
                KEYED,
                10,
                20,
                Event.of("c", 20, 1, 4, "lost", ""),
                Event.of("t", 20, 2),
                Event.of("c", 20, 3, 1, "a", "x"),
                Event.of("c", 20, 4, 3, "c", "z"));
        assertThat(deltas).singleElement().satisfies(delta -> {
            assertThat(delta.deleted()).isEqualTo(1);
            assertThat(delta.inserted()).isEqualTo(1);
        });
        has(row(1, "a", "x"), row(3, "c", "z"));
        apply(KEYED, 20, 30, Event.of("t", 30, 1));
        has();
    }

    @Test
    void poisonRowIsAbsentAndQuarantinedUntilItsNextCompleteChange() {
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"), Event.of("c", 10, 2, 2, "b", "y"));
        apply(KEYED, 10, 20, Event.of("u", 20, 1, 1, null, "x").poisoned("column \"title\" is odd"));
        has(row(2, "b", "y"));
        assertThat(fixture.rows("SELECT name, row_key, reason FROM freshet.quarantine")
                        .keySet())
                .containsExactly(row("notes", "[\"1\"]", "column \"title\" is odd"));
        apply(KEYED, 20, 30, Event.of("u", 30, 1, 1, "fine", null).without("body"));
        has(row(2, "b", "y"));
        assertThat(fixture.rows("SELECT reason FROM freshet.quarantine").keySet())
                .containsExactly(row("column \"title\" is odd; its later change did not carry column \"body\""));
        apply(KEYED, 30, 40, Event.of("u", 40, 1, 1, "fine", "whole"));
        has(row(1, "fine", "whole"), row(2, "b", "y"));
        assertThat(fixture.rows("SELECT * FROM freshet.quarantine")).isEmpty();
    }

    @Test
    void keylessRowsAreCounted() {
        apply(
                KEYLESS,
                0,
                10,
                Event.of("c", 10, 1, 1, "a"),
                Event.of("c", 10, 2, 1, "a"),
                Event.of("c", 10, 3, 1, "a"),
                Event.of("c", 10, 4, null, null),
                Event.of("c", 10, 5, null, null));
        List<TableDelta> deltas = apply(
                KEYLESS,
                10,
                20,
                Event.of("d", 20, 1, 1, "a"),
                Event.of("d", 20, 2, 1, "a"),
                Event.of("c", 20, 3, 1, "b"),
                Event.of("d", 20, 4, null, null),
                Event.of("c", 20, 5, 1, null).without("title"));
        assertThat(deltas).singleElement().satisfies(delta -> {
            assertThat(delta.deleted()).isEqualTo(3);
            assertThat(delta.inserted()).isEqualTo(2);
        });
        assertThat(fixture.contents(NOTES))
                .containsOnly(
                        Map.entry(row(1, "a"), 1L),
                        Map.entry(row(null, null), 1L),
                        Map.entry(row(1, "b"), 1L),
                        Map.entry(row(1, null), 1L));
        assertThatThrownBy(() -> apply(KEYLESS, 20, 30, Event.of("d", 30, 1, 8, "never")))
                .isInstanceOf(ReloadNeededException.class);
    }

    @Test
    void baseReplacesTheContentsAndKeepsLaterChanges() {
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"), Event.of("c", 10, 2, 2, "old", "y"));
        Path changes = fixture.files.write(
                KEYED,
                List.of(
                        Event.of("u", 20, 1, 1, "a2", null).without("body"),
                        Event.of("d", 30, 1, 3),
                        Event.of("c", 30, 2, 4, "d", "w"),
                        Event.of("u", 50, 1, 1, "future", "x")));
        StagedTable loading = new StagedTable(NOTES, KEYED, at(10), at(20), List.of(changes), Optional.empty(), true);
        assertThat(fixture.apply(batch("shop", 10, 20, loading))).isEmpty();
        try (StateTransaction transaction = fixture.store.begin()) {
            assertThat(transaction.isReady(NOTES)).isFalse();
        }
        Path rows = fixture.files.write(
                KEYED,
                List.of(
                        Event.row(7, 1, "a", "base"),
                        Event.row(7, 3, "gone", "z"),
                        Event.row(7, 5, "e", "v"),
                        Event.row(6, 9, "other load", "")));
        StagedBase base = new StagedBase(7, at(15), at(25), Optional.empty(), List.of(rows));
        fixture.apply(batch("shop", 20, 40, loaded(NOTES, KEYED, 40, base, changes)));
        has(row(1, "a2", "base"), row(4, "d", "w"), row(5, "e", "v"));
        try (StateTransaction transaction = fixture.store.begin()) {
            assertThat(transaction.isReady(NOTES)).isTrue();
        }
        assertThat(fixture.apply(batch("shop", 20, 40, loaded(NOTES, KEYED, 40, base, changes))))
                .isEmpty();
    }

    @Test
    void baseImageOfAKeyThatAnotherRowTookOverIsNotTrusted() {
        Path changes = fixture.files.write(
                KEYED,
                List.of(
                        Event.of("d", 20, 1, 1),
                        Event.of("m", 20, 2, 2, "moved", null).without("body"),
                        Event.of("c", 30, 1, 1, "new", "new body")));
        Path rows = fixture.files.write(KEYED, List.of(Event.row(1, 1, "new", "new body")));
        StagedBase base = new StagedBase(1, at(10), at(30), Optional.empty(), List.of(rows));
        assertThatThrownBy(() -> fixture.apply(batch("shop", 0, 30, loaded(NOTES, KEYED, 30, base, changes))))
                .isInstanceOf(ReloadNeededException.class);
        Path both = fixture.files.write(
                KEYED, List.of(Event.row(1, 1, "new", "new body"), Event.row(1, 2, "moved", "its body")));
        StagedBase later = new StagedBase(1, at(10), at(30), Optional.empty(), List.of(both));
        fixture.apply(batch("shop", 0, 30, loaded(NOTES, KEYED, 30, later, changes)));
        has(row(1, "new", "new body"), row(2, "moved", "its body"));
    }

    @Test
    void keylessBaseLeavesOutTransactionsThatItShows() {
        Path changes = fixture.files.write(
                KEYLESS,
                List.of(
                        Event.of("c", 20, 1, 1, "shown").in(100),
                        Event.of("c", 30, 1, 2, "running").in(101),
                        Event.of("d", 40, 1, 3, "base").in(105)));
        Path rows = fixture.files.write(
                KEYLESS, List.of(Event.row(1, 1, "shown"), Event.row(1, 3, "base"), Event.row(1, 3, "base")));
        StagedBase base =
                new StagedBase(1, at(10), at(35), Optional.of(TransactionSnapshot.parse("101:103:101")), List.of(rows));
        fixture.apply(batch("shop", 0, 50, loaded(NOTES, KEYLESS, 50, base, changes)));
        assertThat(fixture.contents(NOTES))
                .containsOnly(
                        Map.entry(row(1, "shown"), 1L),
                        Map.entry(row(2, "running"), 1L),
                        Map.entry(row(3, "base"), 1L));
        StagedBase empty =
                new StagedBase(2, at(60), at(60), Optional.of(TransactionSnapshot.parse("200:200:")), List.of());
        fixture.apply(batch("shop", 50, 60, loaded(NOTES, KEYLESS, 60, empty)));
        assertThat(fixture.contents(NOTES)).isEmpty();
    }

    @Test
    void schemaGainsChangesAndLosesColumns() {
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"), Event.of("c", 10, 2, 2, "b", "y"));
        TableSchema wider = schema(
                List.of("id"),
                "id",
                Simple.INTEGER,
                "title",
                Simple.VARCHAR,
                "body",
                Simple.VARCHAR,
                "stars",
                Simple.INTEGER);
        Path narrowFile = fixture.files.write(
                KEYED, List.of(Event.of("u", 20, 1, 1, "a", "x"), Event.of("u", 20, 2, 2, "b2", "y")));
        Path wideFile = fixture.files.write(wider, List.of(Event.of("c", 21, 1, 3, "c", "z", 5)));
        List<TableDelta> deltas = fixture.apply(batch(NOTES, wider, 10, 21, narrowFile, wideFile));
        assertThat(deltas).singleElement().satisfies(delta -> assertThat(delta.replaced())
                .isTrue());
        has(row(1, "a", "x", null), row(2, "b2", "y", null), row(3, "c", "z", 5));
        assertThat(apply(wider, 21, 30, Event.of("u", 30, 1, 1, "a", "x", null)))
                .isEmpty();

        TableSchema other = schema(List.of("id"), "title", Simple.VARCHAR, "id", Simple.BIGINT, "stars", Simple.BIGINT);
        apply(other, 30, 40, Event.of("u", 40, 1, "c2", 3L, 6L));
        has(row("a", 1L, null), row("b2", 2L, null), row("c2", 3L, 6L));
        assertThat(apply(other, 40, 50, Event.of("u", 50, 1, "a", 1L, null))).isEmpty();
        TableSchema impossible =
                schema(List.of("id"), "title", Simple.INTEGER, "id", Simple.BIGINT, "stars", Simple.BIGINT);
        assertThatThrownBy(() -> apply(impossible, 50, 60, Event.of("u", 60, 1, 1, 1L, null)))
                .isInstanceOf(ReloadNeededException.class)
                .hasMessageContaining("does not fit the new types");
        fixture.reopen();
        has(row("a", 1L, null), row("b2", 2L, null), row("c2", 3L, 6L));
    }

    @Test
    void jsonThatDuckDbRefusesIsAPoisonRow() {
        TableSchema json = schema(List.of("id"), "id", Simple.INTEGER, "doc", Simple.JSON);
        apply(json, 0, 10, Event.of("c", 10, 1, 1, "{\"a\": 1}"), Event.of("c", 10, 2, 2, "\"\\ud800\""));
        has(row(1, "{\"a\": 1}"));
        assertThat(fixture.rows("SELECT reason FROM freshet.quarantine").keySet())
                .containsExactly(row("column \"doc\" holds JSON that can't be read"));
    }

    @Test
    void namesThatCannotLiveTogetherAreRefused() {
        TableSchema clash = schema(List.of(), "Id", Simple.INTEGER, "id", Simple.INTEGER);
        assertThatThrownBy(() -> fixture.apply(batch(NOTES, clash, 0, 10)))
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining("'shop.public.notes' has two columns named 'id'");
        apply(KEYED, 0, 10, Event.of("c", 10, 1, 1, "a", "x"));
        TableId upper = new TableId("shop", "public", "Notes");
        assertThatThrownBy(() -> fixture.apply(batch(upper, KEYED, 10, 20)))
                .hasMessageContaining("does not tell upper case from lower");
    }

    @Test
    void oddNamesOfFilesAndColumnsAreTakenLiterally() throws IOException {
        TableSchema odd = schema(List.of("the \"key\""), "the \"key\"", Simple.INTEGER, "it's; --", Simple.VARCHAR);
        Path folder = Files.createDirectories(directory.resolve("we[i]rd *dir's"));
        Path file = Files.move(
                fixture.files.write(odd, List.of(Event.of("c", 10, 1, 1, "a"))), folder.resolve("f?.parquet"));
        fixture.apply(batch(NOTES, odd, 0, 10, file));
        Path partial =
                fixture.files.write(odd, List.of(Event.of("u", 20, 1, 1, null).without("it's; --")));
        fixture.apply(batch(NOTES, odd, 10, 20, partial));
        has(row(1, "a"));
    }

    @Test
    void nothingButTheStagedDirectoriesIsRead(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret.csv"), "a,b");
        assertThatThrownBy(() -> fixture.rows("SELECT * FROM read_csv('" + secret + "')"))
                .hasMessageContaining("file system operations are disabled");
        List<String> attempts = new ArrayList<>(
                List.of("COPY freshet.store TO '" + directory.resolve("out.csv") + "'", "DELETE FROM freshet.cut"));
        attempts.add("WITH x AS (DELETE FROM freshet.cut RETURNING *) SELECT * FROM x");
        attempts.add("SELECT 1; DELETE FROM freshet.cut");
        attempts.add("SELECT 1) ; DELETE FROM freshet.cut; SELECT * FROM (SELECT 1");
        attempts.add("WITH x AS (COPY freshet.store TO '" + directory.resolve("out.csv") + "') SELECT 1");
        for (String attempt : attempts) {
            assertThatThrownBy(() -> fixture.rows(attempt)).as(attempt).isInstanceOf(FreshetException.class);
        }
        assertThat(directory.resolve("out.csv")).doesNotExist();
    }
}
