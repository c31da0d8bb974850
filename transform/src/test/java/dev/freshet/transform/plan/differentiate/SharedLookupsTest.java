package dev.freshet.transform.plan.differentiate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.differentiate.SharedLookups.Worthwhile;
import dev.freshet.transform.plan.query.Leaf;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is looked for on behalf of which models. */
class SharedLookupsTest {

    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId LINES = new TableId("shop", "public", "lines");
    private static final TableId ONE = new TableId("dw", "analytics", "one");
    private static final TableId TWO = new TableId("dw", "analytics", "two");
    private static final TableId THREE = new TableId("dw", "analytics", "three");
    private static final ChangedValues ORDER_IDS = new ChangedValues(ORDERS, "id");
    private static final ChangedValues LINE_ORDERS = new ChangedValues(LINES, "order_id");
    private static final Leaf LEAF = new Leaf(
            0,
            LINES,
            table(
                    new Column("id", Simple.BIGINT),
                    new Column("order_id", Simple.BIGINT),
                    new Column("price", Simple.BIGINT)));

    private final SharedLookups lookups = new SharedLookups(new Worthwhile(100, 2, 50, 0, 1));
    private final Map<TableId, TableSchema> schemas =
            new HashMap<>(Map.of(LINES, LEAF.schema(), ORDERS, table(new Column("id", Simple.BIGINT))));
    private final Set<TableId> changed = new HashSet<>(Set.of(ORDERS, LINES));
    private final List<Object> asked = new ArrayList<>();
    private Optional<String> atHand = Optional.empty();
    private long rows = 1_000;

    private static TableSchema table(Column... columns) {
        return new TableSchema(List.of(columns), List.of("id"));
    }

    /** Answers what lookups ask and nothing else. */
    private RowMaintenance state() {
        return (RowMaintenance) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {RowMaintenance.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "rows":
                            return rows;
                        case "atHand":
                            return atHand;
                        case "changed":
                            return changed.contains((TableId) arguments[0]);
                        case "schema":
                            return Optional.ofNullable(schemas.get((TableId) arguments[0]));
                        case "matching":
                            asked.add(Set.copyOf((List<?>) arguments[2]));
                            asked.add(arguments[3]);
                            return "found";
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private String relation(ChangedValues... wanted) {
        return lookups.relation(state(), LEAF, "order_id", List.of(wanted));
    }

    private String byKey(ChangedValues... wanted) {
        return lookups.relation(state(), LEAF, "id", List.of(wanted));
    }

    @Test
    void oneModelLooksForItself() {
        lookups.add(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        assertThat(relation()).isEqualTo(StateNames.relation(LINES));
    }

    @Test
    void twoModelsShareValuesAndColumns() {
        lookups.add(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        lookups.add(TWO, LEAF, "order_id", List.of(ORDER_IDS, LINE_ORDERS), List.of("id"));
        assertThat(relation()).isEqualTo("found");
        assertThat(asked).containsExactly(Set.of(ORDER_IDS, LINE_ORDERS), List.of("id", "order_id", "price"));
    }

    @Test
    void inASmallTableEachLooksForItself() {
        lookups.add(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        lookups.add(TWO, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        rows = 99;
        assertThat(relation()).isEqualTo(StateNames.relation(LINES));
    }

    @Test
    void onlyColumnsThatAreThereCount() {
        lookups.add(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        lookups.add(TWO, LEAF, "order_id", List.of(LINE_ORDERS), List.of("price"));
        schemas.put(ORDERS, table(new Column("id", Simple.VARCHAR)));
        assertThat(relation()).isEqualTo("found");
        assertThat(asked)
                .as("'id' of orders has another type by now")
                .containsExactly(Set.of(LINE_ORDERS), List.of("order_id", "price"));
    }

    @Test
    void whoWantsOtherValuesLooksForItself() {
        lookups.add(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        lookups.add(TWO, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        assertThat(relation(ORDER_IDS)).isEqualTo("found");
        assertThat(relation(ORDER_IDS, LINE_ORDERS)).isEqualTo(StateNames.relation(LINES));
        changed.remove(LINES);
        assertThat(relation(ORDER_IDS, LINE_ORDERS)).as("no lines changed").isEqualTo("found");
    }

    @Test
    void whoLooksForFewTakesWhatIsFoundForOthers() {
        lookups.addFew(TWO, LEAF, "order_id", List.of(ORDER_IDS), List.of("id"));
        assertThat(relation(ORDER_IDS)).as("nobody else").isEqualTo(StateNames.relation(LINES));
        lookups.addFew(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("id"));
        assertThat(relation(ORDER_IDS)).as("others with few").isEqualTo(StateNames.relation(LINES));
        lookups.add(ONE, LEAF, "order_id", List.of(ORDER_IDS), List.of("price"));
        assertThat(relation(ORDER_IDS)).isEqualTo("found");
        assertThat(asked).containsExactly(Set.of(ORDER_IDS), List.of("id", "order_id", "price"));
    }

    @Test
    void rowsByTheTablesKeyMayBeAtHand() {
        atHand = Optional.of("at hand");
        lookups.add(ONE, LEAF, "id", List.of(ORDER_IDS), List.of("price"));
        assertThat(byKey(ORDER_IDS)).as("one model is enough").isEqualTo("at hand");
        assertThat(relation(ORDER_IDS)).as("another column").isEqualTo(StateNames.relation(LINES));
        schemas.put(ORDERS, table(new Column("id", Simple.VARCHAR)));
        assertThat(byKey(ORDER_IDS)).as("another type").isEqualTo(StateNames.relation(LINES));
        changed.remove(ORDERS);
        assertThat(byKey(ORDER_IDS)).as("which does not count").isEqualTo("at hand");
        rows = 49;
        assertThat(byKey(ORDER_IDS)).as("a small table").isEqualTo(StateNames.relation(LINES));
    }

    @Test
    void rowsThatAreNotAtHandAreLookedFor() {
        lookups.add(ONE, LEAF, "id", List.of(ORDER_IDS), List.of("price"));
        assertThat(byKey(ORDER_IDS)).isEqualTo(StateNames.relation(LINES));
        lookups.add(TWO, LEAF, "id", List.of(ORDER_IDS), List.of("price"));
        assertThat(byKey(ORDER_IDS)).isEqualTo("found");
    }

    @Test
    void whoseTablesDidNotChangeLooksForNothing() {
        lookups.add(ONE, LEAF, "order_id", List.of(LINE_ORDERS), List.of("price"));
        lookups.add(TWO, LEAF, "order_id", List.of(ORDER_IDS), List.of("id"));
        lookups.add(THREE, LEAF, "order_id", List.of(ORDER_IDS), List.of());
        changed.remove(LINES);
        assertThat(relation(ORDER_IDS)).isEqualTo("found");
        assertThat(asked).containsExactly(Set.of(ORDER_IDS), List.of("id", "order_id"));
        changed.add(LINES);
        changed.remove(ORDERS);
        assertThat(relation(LINE_ORDERS)).as("one is left").isEqualTo(StateNames.relation(LINES));
    }
}
