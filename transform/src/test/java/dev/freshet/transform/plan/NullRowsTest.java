package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.IncrementalMaintainer.Choice;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Query;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rows without a value in the column that a result is cut by have to be looked at. */
class NullRowsTest {

    private static final Map<TableId, TableSchema> TABLES = Map.of(
            table("orders"), schema(1, "id", "customer_id", "day"),
            table("customers"), schema(1, "id", "nation_id"),
            table("nations"), schema(1, "id", "region"),
            table("views"), schema(0, "customer_id", "path"));

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "select customer_id, count(*) as n from orders group by customer_id                                 | orders",
                "select customer_id, count(*) over (partition by customer_id) as n from orders                      | orders",
                "select customer_id from views union all select id from customers                                   | customers views",
                "select v.customer_id, c.nation_id from views v left join customers c on c.id = v.customer_id       | views",
                "select v.customer_id, c.nation_id from customers c right join views v on c.id = v.customer_id      | views",
                "select v.customer_id from views v anti join customers c on c.id = v.customer_id                    | views",
                // Only compared, not demanded to be equal: all customers are read.
                "select v.customer_id from views v left join customers c on c.id is not distinct from v.customer_id | views",
                // What is counted of nobody's orders meets no customer.
                "select c.id, b.n from customers c left join"
                        + " (select customer_id, count(*) as n from orders group by customer_id) b on b.customer_id = c.id | customers",
                "select v.customer_id from views v"
                        + " where not exists (select 1 from orders o where o.customer_id = v.customer_id)           | views",
                // No row without a value comes through.
                "select v.customer_id, c.nation_id from views v join customers c on c.id = v.customer_id            |",
                "select v.customer_id, c.nation_id from views v, customers c where c.id = v.customer_id             |",
                "select customer_id, nation_id from views join (select id as customer_id, nation_id from customers)"
                        + " using (customer_id)                                                                     |",
                "select s.customer_id, count(*) as n from (select v.customer_id from views v"
                        + " join customers c on c.id = v.customer_id) s group by s.customer_id                      |",
            })
    void areThoseThatAnEqualityDoesNotDrop(String sql, String minding) throws Exception {
        try (DuckDbStateStore store = TestStore.open(directory, 1);
                StateTransaction transaction = store.begin()) {
            ParsedQuery parsed = parsed(transaction, sql);
            assertThat(minding(parsed, Partitioning.of(parsed.query()).get(0)))
                    .isEqualTo(minding == null ? "" : minding);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "select v.path, c.nation_id from views v left join customers c on c.id = v.customer_id                     | true",
                "select s.path, c.nation_id from (select * from views where path > 1) s"
                        + " left join customers c on c.id = s.customer_id                                                  | true",
                "select v.path from views v anti join customers c on c.id = v.customer_id                                  | true",
                // They meet each other, or rows of a table that is read in full.
                "select s.n, c.nation_id from (select customer_id, count(*) as n from views group by customer_id) s"
                        + " left join customers c on c.id = s.customer_id                                                  | false",
                "select s.n, c.nation_id from (select customer_id, count(*) over (partition by customer_id) as n from views) s"
                        + " left join customers c on c.id = s.customer_id                                                  | false",
                "select s.path, c.nation_id from (select distinct customer_id, path from views) s"
                        + " left join customers c on c.id = s.customer_id                                                  | false",
                "select v.path, n.region from views v left join customers c on c.id = v.customer_id"
                        + " left join nations n on n.id = v.path                                                           | false",
                "select v.path, (select max(n.region) from nations n) as most from views v"
                        + " left join customers c on c.id = v.customer_id                                                  | false",
                "select s.path, c.nation_id from (select customer_id, path from views union all select id, id from nations) s"
                        + " left join customers c on c.id = s.customer_id                                                  | false",
            })
    void areTheChangedOnesWhereEachGoesItsOwnWay(String sql, boolean alone) throws Exception {
        try (DuckDbStateStore store = TestStore.open(directory, 1);
                StateTransaction transaction = store.begin()) {
            ParsedQuery parsed = parsed(transaction, sql);
            Partitioning parts = Partitioning.ofRows((Query.Block) parsed.query()).stream()
                    .filter(each -> each.name().equals("customer_id"))
                    .findFirst()
                    .orElseThrow();
            assertThat(parts.isNullRowByRow(parsed.leaves())).isEqualTo(alone);
        }
    }

    /** A fifth of the values that these meet by are missing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select a.t, b.g as other from %3$s as a left join %1$s as b on b.id = a.g",
                "select a.g, a.t, b.n from %3$s as a left join (select g, count(*) as n from %1$s group by g) as b on b.g = a.g",
                "select a.g, count(*) as n from %3$s as a anti join %1$s as b on b.g = a.g group by a.g",
                "select a.t, count(*) as n, count(b.g) as met from %3$s as a left join %3$s as b on b.g = a.g group by a.t",
                "select a.t, s.n from %3$s as a left join (select g, count(*) over (partition by g) as n from %1$s) as s"
                        + " on s.g = a.g",
                "select s.t, b.t as other from (select distinct g, t from %3$s) as s left join %1$s as b on b.g = s.g",
                "select a.t, b.t as other, c.t as third from %3$s as a left join %1$s as b on b.id = a.g"
                        + " left join %2$s as c on c.t = a.t",
                "select a.t, b.t as other, (select count(*) from %2$s) as n from %3$s as a left join %1$s as b on b.id = a.g",
                "select a.g, b.t from %1$s as a join %2$s as b on b.g = a.g",
                "select a.id, a.g, (select count(*) from %2$s as b where b.g = a.g) as n from %1$s as a",
                "select a.g, a.t from %3$s as a where a.g in (select b.g from %1$s as b)",
                "select g, sum(v) as v from (select g, v from %3$s union all select g, v from %1$s) group by g",
            })
    void areNotMissed(String sql) throws Exception {
        OneModel.run(directory, sql, Choice.EVERYTHING_POSSIBLE, 25, rows -> true, new ArrayList<>());
    }

    private static String minding(ParsedQuery parsed, Partitioning partitioning) {
        return parsed.leaves().stream()
                .filter(partitioning::mindsNull)
                .map(leaf -> leaf.table().name())
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static ParsedQuery parsed(StateTransaction transaction, String sql) throws Exception {
        RowMaintenance state = transaction.rowMaintenance().orElseThrow();
        String named = sql;
        for (TableId table : TABLES.keySet()) {
            named = named.replaceAll("(?<=from |join |, )" + table.name() + "\\b", "\"shop.public\"." + table.name());
        }
        return ParsedQuery.of(state, state.functions(), named, TABLES);
    }

    private static TableId table(String name) {
        return new TableId("shop", "public", name);
    }

    private static TableSchema schema(int keys, String... columns) {
        return new TableSchema(
                Arrays.stream(columns)
                        .map(name -> new Column(name, Simple.BIGINT))
                        .toList(),
                List.of(columns).subList(0, keys));
    }
}
