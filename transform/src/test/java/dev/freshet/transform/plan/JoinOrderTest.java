package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.GroupedSums.Joined;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How few rows are joined without a plan: in which order, and what is asked of other tables. */
class JoinOrderTest {

    private static final Map<TableId, TableSchema> TABLES = Map.of(
            table("lines"), schema(2, "order_id", "line", "product_id", "price"),
            table("orders"), schema(1, "id", "customer_id", "day"),
            table("customers"), schema(1, "id", "nation_id"),
            table("nations"), schema(1, "id", "region"),
            table("products"), schema(1, "id", "supplier_id"),
            table("suppliers"), schema(1, "id", "nation_id"),
            table("views"), schema(0, "customer_id", "path"));

    private static final String REVENUE = "select n.region, sum(l.price) as revenue"
            + " from orders o join lines l on l.order_id = o.id and l.price > 0, customers c, nations n"
            + " where o.customer_id = c.id and c.nation_id = n.id and n.region > 1 group by n.region";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lines     |        | lines orders customers nations |",
                // Each order has many lines, unless only those that can be met are read.
                "orders    |        |                                |",
                "orders    | lines  | orders customers nations lines | lines",
                // All customers of a nation are many, however few of their orders are read.
                "nations   | lines  |                                |",
                "customers | orders |                                |",
            })
    void goesByKeysAndByWhatWasFound(String first, String found, String order, String relied) throws Exception {
        Optional<Joined> joined = from(REVENUE, first, found == null ? Set.of() : Set.of(found));
        assertThat(joined.map(JoinOrderTest::order)).isEqualTo(Optional.ofNullable(order));
        assertThat(joined.map(Joined::found).orElse(Set.of()).stream()
                        .map(leaf -> leaf.table().name())
                        .collect(Collectors.joining(" ")))
                .isEqualTo(relied == null ? "" : relied);
    }

    /** The few rows come last in the text: joins build on their right side. */
    @Test
    void keepsAllConditions() throws Exception {
        String text = from(REVENUE, "lines", Set.of())
                .orElseThrow()
                .rows()
                .text(leaf -> "(" + leaf.table().name() + ")");
        assertThat(text.toLowerCase(Locale.ROOT))
                .contains("on ((n.id = c.nation_id))")
                .contains("o.id = l.order_id")
                .contains("c.id = o.customer_id")
                .contains("l.price > 0")
                .contains("n.region > 1");
    }

    /** Before the next table is joined, so that there are fewer rows to join. */
    @Test
    void keepsRowsOutAsEarlyAsCanBe() throws Exception {
        String text = from(REVENUE, "lines", Set.of())
                .orElseThrow()
                .rows()
                .text(leaf -> "(" + leaf.table().name() + ")")
                .toLowerCase(Locale.ROOT);
        assertThat(text)
                .contains("on (((o.id = l.order_id) and (l.price > 0)))")
                .contains("where (n.region > 1)");
        String across = REVENUE.replace("group by", "and o.day > l.line and upper(c.id::varchar) <> 'A' group by");
        assertThat(from(across, "lines", Set.of()).orElseThrow().rows().text().toLowerCase(Locale.ROOT))
                .contains("on (((c.id = o.customer_id) and (o.\"day\" > l.line)))")
                .contains("on (((n.id = c.nation_id) and (upper(cast(c.id as varchar)) != 'a')))");
    }

    /** The name of what is selected, or of a lambda's argument, may be that of a column. */
    @Test
    void leavesConditionsWhereTheyAreInDoubt() throws Exception {
        String sql = "select price * 2 as line, day from lines as l join orders as o on l.order_id = o.id"
                + " where line > 3 and len(list_filter([1, 2], price -> price > 1)) = 1";
        assertThat(from(sql, "lines", Set.of()).orElseThrow().rows().text().toLowerCase(Locale.ROOT))
                .contains("on ((o.id = l.order_id))")
                .contains("(line > 3)")
                .contains("list_filter");
    }

    /** It joins nothing, so that no step has it. */
    @Test
    void keepsAnEqualityWithinOneTable() throws Exception {
        String sql = "select o.day, count(*) as n from lines as l join orders as o on l.order_id = o.id"
                + " and l.line = l.product_id group by o.day";
        assertThat(from(sql, "lines", Set.of()).orElseThrow().rows().text()).contains("l.line = l.product_id");
        assertThat(from(sql.replace("l.line = l.product_id", "line = product_id"), "lines", Set.of()))
                .isEmpty();
    }

    @Test
    void isFoundBelowASubquery() throws Exception {
        String sql = "select day, sum(price) as revenue from (select o.day, l.price from lines as l, orders as o"
                + " where l.order_id = o.id) as sold group by day";
        assertThat(from(sql, "lines", Set.of()).map(JoinOrderTest::order)).contains("lines orders");
    }

    /** As dbt projects are often written. */
    @Test
    void goesThroughQueriesOfOneTable() throws Exception {
        String sql = "with ordered as (select * from orders where day > 3),"
                + " sold as (select l.order_id as of_order, price * 2 as price from lines as l)"
                + " select day, sum(price) as revenue from ordered join sold on sold.of_order = ordered.id group by day";
        Joined joined = from(sql, "lines", Set.of()).orElseThrow();
        assertThat(order(joined)).isEqualTo("lines orders");
        assertThat(joined.rows().text().toLowerCase(Locale.ROOT))
                .contains("\"day\" > 3")
                .contains("on ((ordered.id = sold.of_order))");
        assertThat(from(sql, "orders", Set.of("lines")).map(JoinOrderTest::order))
                .contains("orders lines");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // USING makes one column of two.
                "select day, count(*) as n from lines as l join (select id as order_id, day from orders) as o"
                        + " using (order_id) group by day",
                // A star's columns stand in the order of the tables.
                "select day, count(*) as n from (select * from lines as l, orders as o where l.order_id = o.id) as all_of"
                        + " group by day",
                // In WHERE the name could be that of either table.
                "select day, count(*) as n from lines as l join orders as o on l.order_id = o.id and price > 1 group by day",
                // What it names stands to its left.
                "select s.late, count(*) as n from orders as o, (select l.order_id, l.price + o.day as late from lines as l)"
                        + " as s where s.order_id = o.id group by s.late",
                // A key that is only compared meets many rows.
                "select day, count(*) as n from lines as l join orders as o on l.order_id > o.id group by day",
                "select v.path, count(*) as n from customers as c join views as v on c.id = v.customer_id group by v.path",
            })
    void isTheTextsOwnInDoubt(String sql) throws Exception {
        assertThat(from(sql, sql.contains("lines") ? "lines" : "customers", Set.of()))
                .isEmpty();
    }

    /** As subqueries they would meet every row with every other, were they not planned. */
    @Test
    void asksForRowsByJoins() throws Exception {
        String asking = "select day, count(*) as n from orders as o where day > 1"
                + " and exists (select 1 from lines as l where l.order_id = id and price > 2)"
                + " and not exists (select * from (select v.customer_id as c from views as v) as s where s.c = o.customer_id)"
                + " group by day";
        assertThat(ofFew(asking).orElseThrow())
                .contains(
                        "semi join (select * from (lines) as l where (price > 2)) as l on ((o.id = l.order_id))",
                        "anti join (select * from (select v.customer_id as c from (views) as v) as s) as s on ((o.customer_id = s.c))",
                        "where (\"day\" > 1)")
                .doesNotContain("exists");
        assertThat(ofFew("select day, count(*) as n from (select * from orders as o where day > 1) as o"
                        + " where exists (select 1 from lines as l where l.order_id = o.id) group by day"))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Some of it is of both: a join by nothing but that would meet every row with every other.
                "o.id > (select max(l.order_id) from lines as l)",
                "exists (select 1 from lines as l where l.order_id > o.id)",
                "exists (select 1 from lines as l where l.order_id = o.id and l.price > o.day)",
                "exists (select 1 from lines as l, products as p where l.order_id = o.id and p.id = l.product_id)",
                "exists (select count(*) from lines as l where l.order_id = o.id)",
                "(o.day > 1 or exists (select 1 from lines as l where l.order_id = o.id))",
                "o.id in (select l.order_id from lines as l)",
                // Two tables of one name in a join.
                "exists (select 1 from lines as l where l.order_id = o.id)"
                        + " and exists (select 1 from lines as l where l.order_id = o.id and l.price > 1)",
            })
    void asksAsTheTextDoesInDoubt(String condition) throws Exception {
        assertThat(ofFew("select day, count(*) as n from orders as o where " + condition + " group by day"))
                .isEmpty();
    }

    private Optional<String> ofFew(String sql) throws Exception {
        return read(sql, (parsed, sums) -> sums.rowsOfFew())
                .map(rows -> rows.text(leaf -> "(" + leaf.table().name() + ")").toLowerCase(Locale.ROOT));
    }

    private Optional<Joined> from(String sql, String first, Set<String> found) throws Exception {
        return read(sql, (parsed, sums) -> {
            Leaf leaf = parsed.leaves().stream()
                    .filter(each -> each.table().name().equals(first))
                    .findFirst()
                    .orElseThrow();
            return sums.rowsFrom(
                    leaf,
                    parsed.leaves().stream()
                            .filter(each -> found.contains(each.table().name()))
                            .collect(Collectors.toSet()));
        });
    }

    private <T> T read(String sql, BiFunction<ParsedQuery, GroupedSums, T> reader) throws Exception {
        try (DuckDbStateStore store = TestStore.open(directory, 1);
                StateTransaction transaction = store.begin()) {
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            String named = sql;
            for (TableId table : TABLES.keySet()) {
                named = named.replaceAll(
                        "(?<=from |join |, )" + table.name() + "\\b(?!\\.)", "\"shop.public\"." + table.name());
            }
            ParsedQuery parsed = ParsedQuery.of(state, state.functions(), named, TABLES);
            return reader.apply(parsed, GroupedSums.of(parsed).orElseThrow());
        }
    }

    /** The tables in the order in which they are joined, which the text has from right to left. */
    private static String order(Joined joined) {
        String text = joined.rows().text(leaf -> "(leaf " + leaf.table().name() + ")");
        Matcher leaves = Pattern.compile("\\(leaf (\\w+)\\)").matcher(text);
        StringBuilder order = new StringBuilder();
        while (leaves.find()) {
            order.insert(0, leaves.group(1) + " ");
        }
        return order.toString().trim();
    }

    private static TableId table(String name) {
        return new TableId("shop", "public", name);
    }

    private static TableSchema schema(int keys, String... columns) {
        return new TableSchema(
                Arrays.stream(columns)
                        .map(name -> new Column(name, Simple.BIGINT))
                        .toList(),
                IntStream.range(0, keys).mapToObj(i -> columns[i]).toList());
    }
}
