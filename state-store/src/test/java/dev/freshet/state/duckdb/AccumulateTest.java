package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StoreFixture.bag;
import static dev.freshet.state.duckdb.StoreFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Accumulation.MergedColumns;
import dev.freshet.state.Accumulation.OnSchemaChange;
import dev.freshet.state.Accumulation.Strategy;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** History-keeping models: what is stored stays, and a run's rows are taken in by dbt's strategies. */
class AccumulateTest {

    private static final TableId MODEL = new TableId("dw", "analytics", "events");
    private static final String THIS = "\"dw.analytics\".\"events\"";

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
    void appendAddsAndNeverTakes() {
        run(append("select 1 as id, 'a' as name", "select 2 as id, 'b' as name"));
        TableDelta delta = run(append("select 1 as id, 'a' as name", "select 2 as id, 'b' as name"));
        assertThat(delta.inserted()).isEqualTo(1);
        run(append("select 1 as id, 'a' as name", "select 2 as id, 'b' as name"));
        assertThat(rows()).isEqualTo(counted(row(1, "a"), row(2, "b"), row(2, "b")));
        run(append("select 9 as id, 'z' as name", "select max(id) + 1 as id, 'own' as name from " + THIS));
        assertThat(rows()).isEqualTo(counted(row(1, "a"), row(2, "b"), row(2, "b"), row(3, "own")));
    }

    @Test
    void mergeReplacesByKeyAndLogsOnlyWhatReallyChanged() {
        run(merge("select * from (values (1, 'a'), (2, 'b')) v(id, name)", "", MergedColumns.ALL));
        TableDelta delta =
                run(merge("", "select * from (values (2, 'b'), (1, 'A'), (3, 'c')) v(id, name)", MergedColumns.ALL));
        assertThat(delta.deleted()).isEqualTo(1);
        assertThat(delta.inserted()).isEqualTo(2);
        assertThat(rows()).isEqualTo(counted(row(1, "A"), row(2, "b"), row(3, "c")));
        assertThat(run(merge("", "select 1 as id, 'A' as name", MergedColumns.ALL))
                        .isEmpty())
                .isTrue();
    }

    @Test
    void mergeMayUpdateSomeColumnsOnly() {
        run(merge("select 1 as id, 'a' as name, 10 as n", "", MergedColumns.ALL));
        run(merge(
                "",
                "select * from (values (1, 'x', 11), (2, 'y', 20)) v(id, name, n)",
                new MergedColumns(List.of("N"), List.of())));
        assertThat(rows()).isEqualTo(counted(row(1, "a", 11), row(2, "y", 20)));
    }

    @Test
    void aMergeThatIsGivenTwoRowsOfAKeyFails() {
        run(merge("select 1 as id, 'a' as name", "", MergedColumns.ALL));
        assertThatThrownBy(() ->
                        run(merge("", "select * from (values (1, 'x'), (1, 'y')) v(id, name)", MergedColumns.ALL)))
                .isInstanceOf(ModelFailedException.class)
                .hasMessageContaining("several rows for one value of unique_key (id)");
        assertThat(rows()).isEqualTo(counted(row(1, "a")));
    }

    @Test
    void deleteInsertReplacesAllRowsOfAKeyAndKeepsDuplicates() {
        run(deleteInsert("select * from (values (1, 'a'), (1, 'b'), (2, 'c')) v(day, name)", ""));
        run(deleteInsert("", "select * from (values (1, 'd'), (1, 'd')) v(day, name)"));
        assertThat(rows()).isEqualTo(counted(row(1, "d"), row(1, "d"), row(2, "c")));
    }

    @Test
    void aKeyOfSeveralColumnsAndNullThatEqualsNothing() {
        Accumulation first = new Accumulation(
                Strategy.DELETE_INSERT,
                "select * from (values (1, 'x', 1), (1, 'y', 2), (null, 'x', 3)) v(a, b, n)",
                "select * from (values (1, 'x', 9), (null, 'x', 4)) v(a, b, n)",
                List.of("a", "b"),
                MergedColumns.ALL,
                OnSchemaChange.IGNORE);
        run(first);
        run(first);
        assertThat(rows()).isEqualTo(counted(row(1, "x", 9), row(1, "y", 2), row(null, "x", 3), row(null, "x", 4)));
    }

    @Test
    void furtherColumnsAreLeftOutAndAMissingOneFails() {
        run(append("select 1 as id, 'a' as name", "select 2 as id, 'b' as name, true as extra"));
        run(append("", "select 2 as id, 'b' as name, true as extra"));
        assertThat(rows()).isEqualTo(counted(row(1, "a"), row(2, "b")));
        assertThatThrownBy(() -> run(append("", "select 2 as id")))
                .isInstanceOf(ModelFailedException.class)
                .hasMessageContaining("has no column \"name\"")
                .hasMessageContaining("--full-refresh");
    }

    @Test
    void aMergeMayLeaveSomeColumnsAlone() {
        run(merge("select 1 as id, 'a' as name, 10 as n", "", MergedColumns.ALL));
        run(merge(
                "",
                "select * from (values (1, 'x', 11), (2, 'y', 20)) v(id, name, n)",
                new MergedColumns(List.of(), List.of("NAME"))));
        assertThat(rows()).isEqualTo(counted(row(1, "a", 11), row(2, "y", 20)));
    }

    @Test
    void newColumnsAreAddedAndOldOnesStay() {
        run(changing(OnSchemaChange.APPEND_NEW_COLUMNS, "select 1 as id, 'a' as name", ""));
        TableDelta delta = run(changing(OnSchemaChange.APPEND_NEW_COLUMNS, "", "select 2 as id, 7 as n"));
        assertThat(delta.replaced()).isTrue();
        run(changing(OnSchemaChange.APPEND_NEW_COLUMNS, "", "select 3 as id, 8 as n"));
        assertThat(rows()).isEqualTo(counted(row(1, "a", null), row(2, null, 7), row(3, null, 8)));
    }

    @Test
    void columnsBecomeThoseOfTheQuery() {
        run(changing(OnSchemaChange.SYNC_ALL_COLUMNS, "select 1 as id, 'a' as name", ""));
        run(changing(OnSchemaChange.SYNC_ALL_COLUMNS, "", "select 2::bigint as id, 7 as n"));
        assertThat(rows()).isEqualTo(counted(row(1L, null), row(2L, 7)));
    }

    @Test
    void aNewColumnFailsWhenAsked() {
        run(changing(OnSchemaChange.FAIL, "select 1 as id", ""));
        assertThatThrownBy(() -> run(changing(OnSchemaChange.FAIL, "", "select 2 as id, 7 as n")))
                .isInstanceOf(ModelFailedException.class)
                .hasMessageContaining("new column \"n\"");
    }

    @Test
    void aKeyThatIsNoLongerUniqueMakesABag() {
        run(merge("select 1 as id, 'a' as name", "", MergedColumns.ALL));
        run(append("", "select 1 as id, 'a' as name"));
        assertThat(rows()).isEqualTo(counted(row(1, "a"), row(1, "a")));
    }

    private static Accumulation append(String first, String continued) {
        return changing(OnSchemaChange.IGNORE, first, continued);
    }

    private static Accumulation changing(OnSchemaChange rule, String first, String continued) {
        return new Accumulation(Strategy.APPEND, first, continued, List.of(), MergedColumns.ALL, rule);
    }

    private static Accumulation merge(String first, String continued, MergedColumns merged) {
        return new Accumulation(Strategy.MERGE, first, continued, List.of("id"), merged, OnSchemaChange.IGNORE);
    }

    private static Accumulation deleteInsert(String first, String continued) {
        return new Accumulation(
                Strategy.DELETE_INSERT, first, continued, List.of("day"), MergedColumns.ALL, OnSchemaChange.IGNORE);
    }

    private TableDelta run(Accumulation accumulation) {
        try (StateTransaction transaction = fixture.store.begin()) {
            TableDelta delta = transaction.accumulate(MODEL, accumulation);
            transaction.commit(Map.of(), Instant.EPOCH);
            return delta;
        }
    }

    @SafeVarargs
    private static Map<List<@Nullable Object>, Long> counted(List<@Nullable Object>... rows) {
        Map<List<@Nullable Object>, Long> counted = new HashMap<>();
        for (List<@Nullable Object> row : rows) {
            counted.merge(row, 1L, Long::sum);
        }
        return counted;
    }

    private Map<List<@Nullable Object>, Long> rows() {
        try (StateSnapshot snapshot = fixture.store.read();
                RowCursor rows = snapshot.contents(MODEL)) {
            return bag(rows);
        }
    }
}
