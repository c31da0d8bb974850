package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StoreFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Reach;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Sums;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.session.LookupColumn;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counts and sums of several groupings beside one output. */
class GroupTotalsTest {

    private static final TableId MODEL = new TableId("dw", "analytics", "shares");
    /** What is grouped: by its parity, and all of it. */
    private static final String ROWS = "(values (1, 10), (2, 20), (3, 30)) as r(id, n)";

    private static final String SQL = "select id % 2 as odd, sum(n) as n, (select sum(n) from " + ROWS
            + ") as total from " + ROWS + " group by 1";
    private static final String OUTPUT = "SELECT g._freshet_group_0, g._freshet_sum_0, (SELECT _freshet_sum_0 FROM "
            + RowMaintenance.groups(1) + ") FROM " + RowMaintenance.groups(0) + " AS g";

    @TempDir
    Path directory;

    private StoreFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
        fixture.compute(MODEL, SQL);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private static Sums byParity(String change) {
        return new Sums(1, 1, grouped(ROWS), change.isEmpty() ? "" : grouped(change), Reads.LITTLE);
    }

    private static String grouped(String rows) {
        return "SELECT id % 2 AS _freshet_group_0, n AS _freshet_addend_0, 1::BIGINT AS _freshet_weight FROM " + rows;
    }

    private static Sums ofAll(String change) {
        return new Sums(0, 1, summed(ROWS), change.isEmpty() ? "" : summed(change), Reads.LITTLE);
    }

    private static String summed(String rows) {
        return "SELECT n AS _freshet_addend_0, 1::BIGINT AS _freshet_weight FROM " + rows;
    }

    private static Totals totals(String change, Reach reach) {
        return new Totals(List.of(byParity(change), ofAll(change)), OUTPUT, reach);
    }

    private <T> T inTransaction(Function<RowMaintenance, T> work) {
        try (StateTransaction transaction = fixture.store.begin()) {
            T done = work.apply(transaction.rowMaintenance().orElseThrow());
            transaction.commit(Map.of(), Instant.EPOCH);
            return done;
        }
    }

    private Optional<TableDelta> apply(Totals totals) {
        return inTransaction(state -> state.applyTotals(MODEL, totals));
    }

    private boolean keeps(Totals totals) {
        return inTransaction(state -> state.keepsTotals(MODEL, totals));
    }

    private List<String> tables() {
        return fixture
                .rows("select table_name from duckdb_tables() where schema_name = 'freshet_groups'")
                .keySet()
                .stream()
                .map(name -> String.valueOf(name.get(0)))
                .sorted()
                .collect(Collectors.toList());
    }

    private Map<List<@Nullable Object>, Long> stored() {
        return fixture.rows("select odd, n::bigint, total::bigint from " + StateNames.relation(MODEL));
    }

    @Test
    void changesGoIntoEachOfThem() {
        assertThat(apply(totals("", Reach.ALL_GROUPS)))
                .as("made of all rows")
                .get()
                .matches(TableDelta::isEmpty);
        assertThat(tables()).hasSize(2);
        assertThat(apply(totals("(values (4, 5)) as r(id, n)", Reach.ALL_GROUPS)))
                .get()
                .extracting(TableDelta::deleted, TableDelta::inserted)
                .containsExactly(2L, 2L);
        assertThat(stored()).isEqualTo(Map.of(row(0, 25L, 65L), 1L, row(1, 40L, 65L), 1L));
    }

    /** What is made of the groups may have changed although they did not. */
    @Test
    void theResultIsMadeAgainWhereTablesBesideChanged() {
        apply(totals("", Reach.ALL_GROUPS));
        Totals other = new Totals(
                List.of(byParity(""), ofAll("")),
                OUTPUT.replace("_freshet_group_0", "_freshet_group_0 + 10"),
                Reach.TABLES);
        assertThat(apply(other)).get().extracting(TableDelta::rows).isEqualTo(4L);
        assertThat(apply(new Totals(other.sums(), OUTPUT, Reach.ALL_GROUPS)))
                .as("no group changed")
                .get()
                .matches(TableDelta::isEmpty);
    }

    @Test
    void noneIsKeptWhenOneDoesNotFitItsRows() {
        apply(totals("", Reach.ALL_GROUPS));
        String gone =
                "SELECT n AS _freshet_addend_0, -1::BIGINT AS _freshet_weight FROM (values (9), (9), (9), (9)) as r(n)";
        Totals wrong = new Totals(
                List.of(byParity("(values (4, 5)) as r(id, n)"), new Sums(0, 1, summed(ROWS), gone, Reads.LITTLE)),
                OUTPUT,
                Reach.ALL_GROUPS);
        assertThat(apply(wrong)).isEmpty();
        assertThat(keeps(wrong)).isFalse();
        assertThat(apply(totals("", Reach.ALL_GROUPS))).get().matches(TableDelta::isEmpty);
        assertThat(stored()).isEqualTo(Map.of(row(0, 20L, 60L), 1L, row(1, 40L, 60L), 1L));
    }

    @Test
    void theyStayAcrossARestart() {
        apply(totals("", Reach.ALL_GROUPS));
        fixture.reopen();
        assertThat(keeps(totals("", Reach.ALL_GROUPS))).isTrue();
        apply(totals("(values (4, 5)) as r(id, n)", Reach.ALL_GROUPS));
        assertThat(stored()).isEqualTo(Map.of(row(0, 25L, 65L), 1L, row(1, 40L, 65L), 1L));
    }

    /** Fewer groupings than before leave no table behind, and neither does a model that is dropped. */
    @Test
    void whatIsNotNeededIsDropped() {
        apply(totals("", Reach.ALL_GROUPS));
        Totals one = new Totals(
                List.of(byParity("")),
                "SELECT _freshet_group_0, _freshet_sum_0, 60 FROM " + RowMaintenance.groups(0),
                Reach.ALL_GROUPS);
        apply(one);
        assertThat(tables()).hasSize(1);
        try (StateTransaction transaction = fixture.store.begin()) {
            transaction.drop(MODEL);
            transaction.commit(Map.of(), Instant.EPOCH);
        }
        assertThat(tables()).isEmpty();
    }

    /** Any other way of computing the model passes them over. */
    @Test
    void allAreForgottenByAFullComputation() {
        apply(totals("", Reach.ALL_GROUPS));
        fixture.compute(MODEL, SQL);
        assertThat(keeps(totals("", Reach.ALL_GROUPS))).isFalse();
        assertThat(fixture.rows("select * from freshet_groups." + tables().get(1)))
                .isEmpty();
        assertThat(apply(totals("", Reach.ALL_GROUPS))).get().matches(TableDelta::isEmpty);
    }

    /** In a table of so many groups and rows few are looked up by one column of several, any of which may be NULL. */
    @ParameterizedTest
    @ValueSource(longs = {30_000, LookupColumn.WORTHWHILE + 1_000})
    void fewOfManyGroupsAreFoundWhateverIsNullInThem(long groups) {
        String rows = "(select nullif(range % 1000, 7) as place, nullif(range, 5) as id, range as n from range("
                + groups + "))";
        String sql = "select place, id, sum(n)::bigint as n, count(*) as rows from %s group by place, id";
        fixture.compute(MODEL, sql.formatted(rows));
        String output = "SELECT _freshet_group_0, _freshet_group_1, _freshet_sum_0::BIGINT, _freshet_count FROM "
                + RowMaintenance.groups(0);
        String grouped = "SELECT place AS _freshet_group_0, id AS _freshet_group_1, n AS _freshet_addend_0,"
                + " weight::BIGINT AS _freshet_weight FROM ";
        String all = grouped + "(select *, 1 as weight from " + rows + ")";
        apply(new Totals(List.of(new Sums(2, 1, all, "", Reads.TABLES)), output, Reach.GROUP));

        String expected = rows;
        Iterator<Reads> reads =
                List.of(Reads.LITTLE, Reads.TABLES, Reads.LITTLE, Reads.TABLES).iterator();
        for (String change : List.of(
                "(1, 1, 10, 1), (1, 1, 1, -1), (NULL, 7, 10, 1), (2, 2, 2, -1), (9, -9, 9, 1)",
                "(5, NULL, 1, 1), (NULL, 1007, 1007, -1)",
                "(NULL, NULL, 3, 1), (4, NULL, 4, 1)",
                "(NULL, NULL, 5, 1), (NULL, NULL, 3, -1), (5, NULL, 5, -1)")) {
            String changes = "(values " + change + ") as c(place, id, n, weight)";
            expected = "(select * from " + expected + " union all select place, id, n from " + changes
                    + " where weight = 1 except all select place, id, n from " + changes + " where weight = -1)";
            apply(new Totals(List.of(new Sums(2, 1, all, grouped + changes, reads.next())), output, Reach.GROUP));
            assertThat(fixture.rows("select * from (" + sql.formatted(expected) + ") except all select * from "
                            + StateNames.relation(MODEL)))
                    .as(change)
                    .isEmpty();
            assertThat(fixture.rows("select * from " + StateNames.relation(MODEL) + " except all select * from ("
                            + sql.formatted(expected) + ")"))
                    .as(change)
                    .isEmpty();
        }
    }
}
