package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.GroupedRows.called;
import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.object;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.DataType;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes a block's result of its groups' counts and sums. */
final class GroupedResult {

    private static final Set<String> SUMS = Set.of("sum", "count", "count_star", "avg");

    /**
     * The engine's own avg over exact types, to the last bit: it divides in another precision by the type that is averaged, and by the machine, so it is given the
     * digits and the count to divide. The type is filled in by {@link #typed}.
     */
    private static final String AVERAGE = "finalize(to_aggregate_state({'count': %2$s::UBIGINT,"
            + " 'value': replace(%1$s::VARCHAR, '.', '')::HUGEINT}, 'avg', ['%3$s']))";

    private final ParsedQuery parsed;
    private final Block block;
    private final List<JsonNode> grouping;
    /** What is made of a subquery; null where a result of single groups is wanted. */
    private final @Nullable UnaryOperator<JsonNode> subqueries;
    /** What is summed, each once. */
    private final List<JsonNode> addends = new ArrayList<>();
    /** The relation with the groups. */
    private String groups = "";

    /** For a result each of whose rows is made of one group. */
    GroupedResult(ParsedQuery parsed, Block block, List<JsonNode> grouping) {
        this(parsed, block, grouping, null);
    }

    /**
     * @param subqueries what to write in the place of a subquery, which must name nothing outside of it; groups may then also meet in window functions and DISTINCT
     */
    GroupedResult(
            ParsedQuery parsed, Block block, List<JsonNode> grouping, @Nullable UnaryOperator<JsonNode> subqueries) {
        this.subqueries = subqueries;
        this.parsed = parsed;
        this.block = block;
        this.grouping = List.copyOf(grouping);
    }

    List<JsonNode> grouping() {
        return grouping;
    }

    List<JsonNode> addends() {
        return addends;
    }

    /**
     * @param groups the name of the relation with the groups
     * @return the query over it; empty when the result needs more than counts and sums
     */
    Optional<ObjectNode> read(String groups) throws UnsupportedQueryException {
        this.groups = groups;
        ObjectNode result = parsed.emptySelect();
        ArrayNode items = result.putArray("select_list");
        if (block.aggregated()) {
            List<JsonNode> select = list(block.node(), "select_list");
            for (int i = 0; i < select.size(); i++) {
                Optional<JsonNode> made = made(select.get(i));
                if (made.isEmpty()) {
                    return Optional.empty();
                }
                boolean unnamed = made.get().path("alias").asText().isEmpty();
                items.add(
                        unnamed && select.size() == block.items().size()
                                ? called(made.get(), block.items().get(i).name())
                                : made.get());
            }
        } else {
            for (int i = 0; i < grouping.size(); i++) {
                items.add(called(
                        column(RowMaintenance.GROUP + i),
                        grouping.get(i).path("alias").asText()));
            }
        }
        result.set("from_table", object(parsed.fromTable(groups), "from_table"));
        return condition("having", result, "where_clause")
                        && condition("qualify", result, "qualify")
                        && (!block.limited() && subqueries == null || modifiers(result, items))
                ? Optional.of(result)
                : Optional.empty();
    }

    private boolean condition(String field, ObjectNode result, String place) throws UnsupportedQueryException {
        if (!isAbsent(block.node(), field)) {
            Optional<JsonNode> condition = made(block.node().get(field));
            if (condition.isEmpty()) {
                return false;
            }
            result.set(place, condition.get());
        }
        return true;
    }

    /** Orders and limits the result as the block does: a LIMIT around it may take the first ones. Without an order any rows would do, and others each time. */
    private boolean modifiers(ObjectNode result, ArrayNode items) throws UnsupportedQueryException {
        ArrayNode modifiers = result.putArray("modifiers");
        boolean ordered = false;
        for (JsonNode modifier : list(block.node(), "modifiers")) {
            ObjectNode copy = modifier.deepCopy();
            if (text(modifier, "type").equals("LIMIT_MODIFIER")) {
                if (!isConstant(modifier.path("limit")) || !isConstant(modifier.path("offset"))) {
                    return false;
                }
            } else if (text(modifier, "type").equals("ORDER_MODIFIER")) {
                for (JsonNode order : list(copy, "orders")) {
                    Optional<JsonNode> by = ordering(object(order, "expression"), items);
                    if (by.isEmpty()) {
                        return false;
                    }
                    ((ObjectNode) order).set("expression", by.get());
                    ordered = true;
                }
            } else if (subqueries == null
                    || !list(modifier, "distinct_on_targets").isEmpty()) {
                return false;
            }
            modifiers.add(copy);
        }
        return ordered || !block.limited();
    }

    private static boolean isConstant(JsonNode value) {
        return value.isNull() || value.isMissingNode() || isClass(value, "CONSTANT");
    }

    /** What ORDER BY names is first of all a column of the result. */
    private Optional<JsonNode> ordering(JsonNode expression, ArrayNode items) throws UnsupportedQueryException {
        if (isClass(expression, "CONSTANT")) {
            return Optional.of(expression);
        }
        JsonNode names = expression.path("column_names");
        if (isType(expression, "COLUMN_REF") && names.size() == 1) {
            List<Integer> called = new ArrayList<>();
            List<JsonNode> select = list(block.node(), "select_list");
            for (int i = 0; i < select.size(); i++) {
                if (folded(select.get(i).path("alias").asText())
                        .equals(folded(names.get(0).asText()))) {
                    called.add(i);
                }
            }
            if (called.size() > 1) {
                return Optional.empty();
            }
            if (called.size() == 1) {
                return Optional.of(called(items.get(called.get(0)), ""));
            }
        }
        Optional<JsonNode> made = made(expression);
        // Within an expression an alias may stand for something else.
        return made.filter(one -> isType(expression, "COLUMN_REF") || !namesAnAlias(expression));
    }

    private boolean namesAnAlias(JsonNode expression) {
        boolean[] found = {false};
        SyntaxTree.visit(
                expression,
                part -> found[0] |= isType(part, "COLUMN_REF")
                        && part.path("column_names").size() == 1
                        && block.node().path("select_list").findValuesAsText("alias").stream()
                                .anyMatch(alias -> folded(alias)
                                        .equals(folded(part.path("column_names")
                                                .path(0)
                                                .asText()))));
        return found[0];
    }

    /** An expression of the result, made of the group's columns. */
    private Optional<JsonNode> made(JsonNode expression) throws UnsupportedQueryException {
        String alias = expression.path("alias").asText();
        for (int i = 0; i < grouping.size(); i++) {
            if (isSame(expression, grouping.get(i))) {
                return Optional.of(called(column(RowMaintenance.GROUP + i), alias));
            }
        }
        if (isClass(expression, "SUBQUERY") && subqueries != null) {
            return subquery((ObjectNode) expression, subqueries);
        }
        if (isClass(expression, "STAR")
                || isClass(expression, "SUBQUERY")
                || isClass(expression, "WINDOW") && subqueries == null
                || isType(expression, "COLUMN_REF")
                        && block.scope()
                                .couldMean(
                                        expression.path("column_names").get(0).asText())) {
            return Optional.empty();
        }
        if (isClass(expression, "FUNCTION")) {
            String name = folded(text(expression, "function_name"));
            if (parsed.isAggregate(name)) {
                return SUMS.contains(name) ? sum(expression, name).map(sum -> called(sum, alias)) : Optional.empty();
            }
        }
        return parts(expression);
    }

    private Optional<JsonNode> subquery(ObjectNode expression, UnaryOperator<JsonNode> subqueries)
            throws UnsupportedQueryException {
        ObjectNode made = (ObjectNode) subqueries.apply(expression);
        if (!isAbsent(expression, "child")) {
            Optional<JsonNode> child = made(expression.get("child"));
            if (child.isEmpty()) {
                return Optional.empty();
            }
            made.set("child", child.get());
        }
        return Optional.of(made);
    }

    /** The parts of the expression itself are made, and not those of a copy: subqueries are known by identity. */
    private Optional<JsonNode> parts(JsonNode expression) throws UnsupportedQueryException {
        JsonNode copy = expression.deepCopy();
        if (copy instanceof ObjectNode node) {
            List<String> names = new ArrayList<>();
            node.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                if (node.get(name).isContainerNode()) {
                    Optional<JsonNode> part = made(expression.get(name));
                    if (part.isEmpty()) {
                        return Optional.empty();
                    }
                    node.set(name, part.get());
                }
            }
        } else if (copy instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.get(i).isContainerNode()) {
                    Optional<JsonNode> part = made(expression.get(i));
                    if (part.isEmpty()) {
                        return Optional.empty();
                    }
                    array.set(i, part.get());
                }
            }
        }
        return Optional.of(copy);
    }

    private Optional<JsonNode> sum(JsonNode call, String name) throws UnsupportedQueryException {
        List<JsonNode> arguments = list(call, "arguments");
        if (call.path("distinct").asBoolean(true)
                || !call.path("order_bys").path("orders").isEmpty()
                || arguments.size() > 1) {
            return Optional.empty();
        }
        boolean filtered = !isAbsent(call, "filter");
        if (arguments.isEmpty() && !filtered) {
            return Optional.of(column(RowMaintenance.COUNT));
        }
        // What is not there is not summed: NULL stands for a row that the filter leaves out.
        JsonNode addend = name.startsWith("count") ? counted(arguments) : argument(arguments.get(0));
        if (filtered) {
            ObjectNode chosen = (ObjectNode) parsed.expression("CASE WHEN true THEN 1 END");
            ObjectNode branch = (ObjectNode) list(chosen, "case_checks").get(0);
            branch.set("when_expr", call.get("filter").deepCopy());
            branch.set("then_expr", addend);
            addend = chosen;
        }
        int number = numberOf(addend);
        if (name.startsWith("count")) {
            return Optional.of(column(RowMaintenance.VALUES + number));
        }
        String value = name.equals("avg")
                ? AVERAGE.formatted(RowMaintenance.SUM + number, RowMaintenance.VALUES + number, typeOf(groups, number))
                : RowMaintenance.SUM + number;
        return Optional.of(
                parsed.expression("CASE WHEN " + RowMaintenance.VALUES + number + " > 0 THEN " + value + " END"));
    }

    private static String typeOf(String groups, int addend) {
        return groups + "type_" + addend + "_";
    }

    /**
     * A result that knows what it averages.
     *
     * @param groups the name of the relation with the groups
     * @param addends the types of what is summed
     */
    static String typed(String result, String groups, List<DataType> addends) {
        String typed = result;
        for (int i = 0; i < addends.size(); i++) {
            typed = typed.replace(typeOf(groups, i), addends.get(i).sql());
        }
        return typed;
    }

    private static JsonNode argument(JsonNode argument) {
        JsonNode expression = argument.has("expression") ? argument.get("expression") : argument;
        return expression.deepCopy();
    }

    /** 1 for a row that counts. */
    private JsonNode counted(List<JsonNode> arguments) throws UnsupportedQueryException {
        ObjectNode counted = (ObjectNode) parsed.expression("CASE WHEN 1 IS NOT NULL THEN 1 END");
        if (!arguments.isEmpty()) {
            ObjectNode branch = (ObjectNode) list(counted, "case_checks").get(0);
            ((ArrayNode) object(branch, "when_expr").get("children")).set(0, argument(arguments.get(0)));
        }
        return counted;
    }

    private int numberOf(JsonNode addend) {
        for (int i = 0; i < addends.size(); i++) {
            if (isSame(addends.get(i), addend)) {
                return i;
            }
        }
        addends.add(addend);
        return addends.size() - 1;
    }

    private JsonNode column(String name) throws UnsupportedQueryException {
        return parsed.expression(StateNames.quote(name));
    }

    /** Whether two expressions are the same text, or names of the same column. */
    private boolean isSame(JsonNode left, JsonNode right) {
        Optional<ScopeColumn> column = block.scope().resolve(left);
        return column.isPresent() && column.equals(block.scope().resolve(right))
                || bare(left).equals(bare(right));
    }

    private static JsonNode bare(JsonNode expression) {
        JsonNode copy = expression.deepCopy();
        strip(copy);
        return copy;
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(List.of("alias", "query_location", "query_location_length"));
        }
        node.forEach(GroupedResult::strip);
    }
}
