package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.at;
import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StagedFiles.loaded;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every image of a row in a batch, whole. */
class VersionsTest {

    private static final TableId NOTES = new TableId("shop", "public", "notes");
    private static final TableSchema KEYED =
            schema(List.of("id"), "id", Simple.INTEGER, "title", Simple.VARCHAR, "body", Simple.VARCHAR);

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

    @Test
    void eachChangeIsOneWhileFoldingKeepsTheLast() {
        List<Event> events = new ArrayList<>(List.of(Event.of("c", 10, 1, 1, "0", "x")));
        for (int i = 1; i <= 50; i++) {
            events.add(Event.of("u", 10 + i % 3, 1 + i, 1, "" + i, "x"));
        }
        events.sort((left, right) ->
                Long.compare(left.position() * 1000 + left.sequence(), right.position() * 1000 + right.sequence()));
        List<String> versions = versions(0, 20, events.toArray(Event[]::new));
        assertThat(versions).hasSize(51).doesNotHaveDuplicates().startsWith("w 10:1 1 0 x");
    }

    @Test
    void lackingValuesComeFromTheNearestImageBeforeOrTheRowBeforeTheBatchAndThroughMoves() {
        versions(
                0,
                10,
                Event.of("c", 10, 1, 1, "a", "long"),
                Event.of("c", 10, 2, 5, "e", "five"),
                Event.of("c", 10, 3, 7, "s", null));
        assertThat(versions(
                        10,
                        20,
                        Event.of("u", 20, 1, 1, "a2", null).without("body"),
                        Event.of("d", 20, 2, 1),
                        Event.of("m", 20, 3, 2, "a3", null).without("body"),
                        Event.of("c", 20, 4, 1, "new", "other"),
                        Event.of("u", 20, 5, 1, "newer", null).without("body"),
                        Event.of("d", 20, 6, 2),
                        Event.of("m", 20, 7, 3, "a4", null).without("body"),
                        Event.of("u", 20, 8, 3, null, null).without("title", "body"),
                        Event.of("u", 20, 9, 5, "e", null).without("body"),
                        Event.of("u", 20, 10, 5, "e", "six"),
                        Event.of("u", 20, 11, 5, "e2", null).without("body"),
                        Event.of("u", 20, 12, 7, "s2", null).without("body")))
                .containsExactly(
                        "w 20:1 1 a2 long",
                        "d 20:2 1",
                        "w 20:3 2 a3 long",
                        "w 20:4 1 new other",
                        "w 20:5 1 newer other",
                        "d 20:6 2",
                        "w 20:7 3 a4 long",
                        "w 20:8 3 a4 long",
                        "w 20:9 5 e five",
                        "w 20:10 5 e six",
                        "w 20:11 5 e2 six",
                        "w 20:12 7 s2 null");
    }

    @Test
    void truncationsAndPoisonEndRows() {
        versions(0, 10, Event.of("c", 10, 1, 1, "a", "x"));
        assertThat(versions(
                        10,
                        20,
                        Event.of("u", 20, 1, 1, "b", "x"),
                        Event.of("t", 20, 2),
                        Event.of("c", 20, 3, 1, "c", "y"),
                        Event.of("u", 20, 4, 1, "d", "y").poisoned("a year that is too large")))
                .containsExactly("w 20:1 1 b x", "t 20:2", "w 20:3 1 c y", "d 20:4 1 d y");
    }

    @Test
    void whatWasTakenBeforeIsNotToldAgain() {
        Event first = Event.of("c", 10, 1, 1, "a", "x");
        Event second = Event.of("u", 20, 1, 1, "b", "x");
        Path file = fixture.files.write(KEYED, List.of(first, second));
        assertThat(versions(batch(NOTES, KEYED, 0, 10, file))).containsExactly("w 10:1 1 a x");
        assertThat(versions(batch(NOTES, KEYED, 0, 20, file))).containsExactly("w 20:1 1 b x");
        assertThat(versions(batch(NOTES, KEYED, 0, 20, file))).isEmpty();
    }

    @Test
    void aLoadTellsWhatIsKnownSinceItBegan() {
        Path base = fixture.files.write(KEYED, List.of(Event.row(1, 1, "b", "x"), Event.row(1, 2, "k", "y")));
        Path changes = fixture.files.write(
                KEYED, List.of(Event.of("u", 6, 1, 1, "b", null).without("body"), Event.of("u", 7, 1, 1, "c", "z")));
        try (StateTransaction transaction = fixture.store.begin()) {
            List<TableDelta> unused = transaction.reconcile(batch(
                    "shop",
                    0,
                    10,
                    loaded(
                            NOTES,
                            KEYED,
                            10,
                            new StagedBase(1, at(5), at(8), Optional.empty(), List.of(base)),
                            changes)));
            StagedVersions versions = transaction.stageVersions(NOTES);
            assertThat(versions.loaded()).isTrue();
            assertThat(versions.through()).isEqualTo(at(10));
            assertThat(read(transaction, versions))
                    .as("what body was before the load is not known")
                    .containsExactly("w 7:1 1 c z");
        }
    }

    @Test
    void aTableWithoutKeyHasNoVersions() {
        TableSchema keyless = schema(List.of(), "id", Simple.INTEGER);
        try (StateTransaction transaction = fixture.store.begin()) {
            List<TableDelta> unused = transaction.reconcile(
                    batch(NOTES, keyless, 0, 10, fixture.files.write(keyless, List.of(Event.of("c", 10, 1, 1)))));
            assertThatThrownBy(() -> transaction.stageVersions(NOTES))
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("has no key");
        }
    }

    private List<String> versions(long start, long end, Event... events) {
        return versions(batch(NOTES, KEYED, start, end, fixture.files.write(KEYED, List.of(events))));
    }

    private List<String> versions(StagedBatch batch) {
        try (StateTransaction transaction = fixture.store.begin()) {
            List<TableDelta> unused = transaction.reconcile(batch);
            List<String> versions = read(transaction, transaction.stageVersions(NOTES));
            transaction.commit(Map.of(batch.source(), batch.end()), Instant.EPOCH);
            return versions;
        }
    }

    /** Operation, place and the row. */
    private static List<String> read(StateTransaction transaction, StagedVersions versions) {
        List<String> read = new ArrayList<>();
        if (versions.events() == 0) {
            return read;
        }
        try (RowCursor rows = transaction.query("select " + StagedVersions.OP + " as op, " + StagedVersions.POSITION
                + " || ':' || " + StagedVersions.SEQUENCE + " as place, id, title, body from "
                + StateNames.versions(NOTES) + " order by " + StagedVersions.EVENT)) {
            while (rows.next()) {
                StringJoiner row = new StringJoiner(" ");
                boolean isWrite = "w".equals(rows.value(0));
                for (int i = 0; i < 5; i++) {
                    if (isWrite || rows.value(i) != null) {
                        row.add(String.valueOf(rows.value(i)));
                    }
                }
                read.add(row.toString());
            }
        }
        return read;
    }
}
