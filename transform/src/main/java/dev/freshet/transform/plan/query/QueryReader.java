package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.object;
import static dev.freshet.transform.plan.query.SyntaxTree.requireAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.requireFields;
import static dev.freshet.transform.plan.query.SyntaxTree.strings;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.RowMaintenance.Functions;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import dev.freshet.transform.plan.query.Query.SetKind;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes blocks of a syntax tree, from the inside out. The tree is changed on the way: CTEs are inlined and tables replaced by markers. */
final class QueryReader {

    private static final Set<String> SELECT_FIELDS = Set.of(
            "type",
            "modifiers",
            "cte_map",
            "select_list",
            "from_table",
            "where_clause",
            "group_expressions",
            "group_sets",
            "aggregate_handling",
            "having",
            "sample",
            "qualify");
    private static final Set<String> SET_FIELDS =
            Set.of("type", "modifiers", "cte_map", "setop_type", "left", "right", "setop_all", "children");

    /** Written like columns, decided by the clock or the session. */
    private static final Set<String> SPECIAL_NAMES = Set.of(
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "current_user",
            "session_user",
            "user",
            "current_role",
            "current_catalog",
            "current_schema");

    private final Functions functions;
    private final FromReader from;

    QueryReader(Functions functions, Tables tables) {
        this.functions = functions;
        this.from = new FromReader(this, tables);
    }

    List<Leaf> leaves() {
        return from.leaves();
    }

    /** @param outside what names that the query itself does not know may stand for, the nearest first; empty for a query that is in no expression */
    Query query(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        Map<String, CommonTable> tables = CommonTable.declared(node, visible, outside);
        return switch (text(node, "type")) {
            case "SELECT_NODE" -> block(node, tables, outside);
            case "SET_OPERATION_NODE" -> setOperation(node, tables, outside);
            case "RECURSIVE_CTE_NODE" -> throw new UnsupportedQueryException("uses WITH RECURSIVE");
            default -> throw new UnsupportedQueryException("uses " + text(node, "type"));
        };
    }

    private SetOperation setOperation(ObjectNode node, Map<String, CommonTable> tables, List<Scope> outside)
            throws UnsupportedQueryException {
        requireFields(node, SET_FIELDS);
        SetKind kind =
                switch (text(node, "setop_type")) {
                    case "UNION" -> SetKind.UNION;
                    case "INTERSECT" -> SetKind.INTERSECT;
                    case "EXCEPT" -> SetKind.EXCEPT;
                    default ->
                        throw new UnsupportedQueryException(
                                "uses " + text(node, "setop_type").replace('_', ' '));
                };
        List<Query> operands = new ArrayList<>();
        for (String side : List.of("left", "right")) {
            if (!isAbsent(node, side)) {
                operands.add(query(object(node, side), tables, outside));
            }
        }
        for (JsonNode child : list(node, "children")) {
            operands.add(query((ObjectNode) child, tables, outside));
        }
        if (operands.size() < 2) {
            throw new UnsupportedQueryException("has a set operation without operands");
        }
        Modifiers modifiers = Modifiers.of(node);
        if (modifiers.distinctOn().isPresent()) {
            throw new UnsupportedQueryException("uses DISTINCT ON over a set operation");
        }
        readExpressions(node.get("modifiers"), tables, List.of(Scope.NOTHING));
        return new SetOperation(
                kind, node.path("setop_all").asBoolean(), operands, modifiers.limited(), modifiers.distinct());
    }

    private Block block(ObjectNode node, Map<String, CommonTable> tables, List<Scope> outside)
            throws UnsupportedQueryException {
        requireFields(node, SELECT_FIELDS);
        requireAbsent(node, "sample", "a sample");
        if (list(node, "group_sets").size() > 1) {
            throw new UnsupportedQueryException("uses grouping sets");
        }
        Optional<JoinTree> tree = from.read(object(node, "from_table"), tables, outside);
        Scope scope = from.scope(tree);
        List<Item> items = new SelectList(scope, tree).items(node);
        Scope inner = scope.without(redefined(items));
        List<Scope> around = new ArrayList<>(List.of(inner));
        around.addAll(outside);
        List<Nested> nested = new ArrayList<>();
        for (String field :
                List.of("select_list", "where_clause", "group_expressions", "having", "qualify", "modifiers")) {
            nested.addAll(readExpressions(node.path(field), tables, around));
        }
        boolean groupAll = text(node, "aggregate_handling").equals("FORCE_AGGREGATES");
        if (!groupAll && !text(node, "aggregate_handling").equals("STANDARD_HANDLING")) {
            throw new UnsupportedQueryException("uses " + text(node, "aggregate_handling"));
        }
        boolean aggregated = groupAll
                || !list(node, "group_expressions").isEmpty()
                || !isAbsent(node, "having")
                || hasAggregate(node.path("select_list"))
                || hasAggregate(node.path("qualify"))
                || hasAggregate(node.path("modifiers"));
        Modifiers modifiers = Modifiers.of(node);
        requirePlainUnnest(node, aggregated, modifiers);
        List<ScopeColumn> distinctOn = new ArrayList<>();
        for (JsonNode target : modifiers.distinctOn().orElse(List.of())) {
            inner.resolve(target).ifPresent(distinctOn::add);
        }
        return new Block(
                node,
                tree,
                items,
                aggregated,
                groups(node, items, inner, groupAll),
                grouping(node, items, inner, groupAll),
                inner,
                windows(node, inner),
                modifiers.distinct(),
                modifiers.distinctOn().isPresent() ? Optional.of(List.copyOf(distinctOn)) : Optional.empty(),
                modifiers.limited(),
                FromReader.equalities(node.path("where_clause"), inner),
                nested,
                SelectList.unnests(node.path("select_list")));
    }

    /** Where lists become rows, nothing but the rows of FROM may decide which. */
    private static void requirePlainUnnest(ObjectNode node, boolean aggregated, Modifiers modifiers)
            throws UnsupportedQueryException {
        boolean windows = !windows(node, Scope.NOTHING).isEmpty();
        if (SelectList.unnests(node.path("select_list"))
                && (aggregated || windows || modifiers.distinctOn().isPresent())) {
            throw new UnsupportedQueryException("uses unnest beside groups or windows: unnest in a query of its own");
        }
        for (String field : List.of("where_clause", "group_expressions", "having", "qualify", "modifiers")) {
            if (SelectList.unnests(node.path(field))) {
                throw new UnsupportedQueryException("uses unnest outside of the SELECT list");
            }
        }
    }

    /** Aliases that name something else than a column of the same name: which of the two is meant depends on the place. */
    private static Set<String> redefined(List<Item> items) {
        Set<String> names = new HashSet<>();
        for (Item item : items) {
            String name = folded(item.name());
            if (item.column().isEmpty() || !folded(item.column().get().name()).equals(name)) {
                names.add(name);
            }
        }
        return names;
    }

    private List<ScopeColumn> groups(ObjectNode node, List<Item> items, Scope scope, boolean groupAll)
            throws UnsupportedQueryException {
        List<ScopeColumn> groups = new ArrayList<>();
        if (groupAll) {
            // Every item without an aggregate is a group; only plain columns matter here, and they have none.
            items.forEach(item -> item.column().ifPresent(groups::add));
        }
        for (JsonNode expression : list(node, "group_expressions")) {
            scope.resolve(expression)
                    .or(() -> byPosition(expression, items))
                    .or(() -> byAlias(expression, items, scope))
                    .ifPresent(groups::add);
        }
        return groups;
    }

    private List<JsonNode> grouping(ObjectNode node, List<Item> items, Scope scope, boolean groupAll)
            throws UnsupportedQueryException {
        List<JsonNode> grouping = new ArrayList<>();
        List<JsonNode> select = list(node, "select_list");
        if (groupAll) {
            select.stream().filter(item -> !hasAggregate(item)).forEach(grouping::add);
        }
        for (JsonNode expression : list(node, "group_expressions")) {
            grouping.add(select.size() == items.size() ? meant(expression, select, scope) : expression);
        }
        return grouping;
    }

    private static JsonNode meant(JsonNode expression, List<JsonNode> select, Scope scope) {
        if (isType(expression, "VALUE_CONSTANT")) {
            int position = expression.path("literal").path("text").asInt(0);
            return position >= 1 && position <= select.size() ? select.get(position - 1) : expression;
        }
        JsonNode names = expression.path("column_names");
        if (isType(expression, "COLUMN_REF")
                && names.size() == 1
                && !scope.couldMean(names.get(0).asText())) {
            List<JsonNode> called = select.stream()
                    .filter(item -> folded(item.path("alias").asText())
                            .equals(folded(names.get(0).asText())))
                    .toList();
            return called.size() == 1 ? called.get(0) : expression;
        }
        return expression;
    }

    private static Optional<ScopeColumn> byPosition(JsonNode expression, List<Item> items) {
        if (!isType(expression, "VALUE_CONSTANT")
                || !expression.path("literal").path("kind").asText().equals("INTEGER")) {
            return Optional.empty();
        }
        int position = expression.path("literal").path("text").asInt(0);
        return position >= 1 && position <= items.size()
                ? items.get(position - 1).column()
                : Optional.empty();
    }

    private static Optional<ScopeColumn> byAlias(JsonNode expression, List<Item> items, Scope scope) {
        JsonNode names = expression.path("column_names");
        if (!isType(expression, "COLUMN_REF")
                || names.size() != 1
                || scope.couldMean(names.get(0).asText())) {
            return Optional.empty();
        }
        List<Item> called = items.stream()
                .filter(item -> folded(item.name()).equals(folded(names.get(0).asText())))
                .toList();
        return called.size() == 1 ? called.get(0).column() : Optional.empty();
    }

    private static List<List<ScopeColumn>> windows(ObjectNode node, Scope scope) {
        List<List<ScopeColumn>> windows = new ArrayList<>();
        for (String field :
                List.of("select_list", "qualify", "modifiers", "having", "where_clause", "group_expressions")) {
            SyntaxTree.visit(node.path(field), part -> {
                if (isClass(part, "WINDOW")) {
                    List<ScopeColumn> partition = new ArrayList<>();
                    part.path("partitions")
                            .forEach(expression -> scope.resolve(expression).ifPresent(partition::add));
                    windows.add(List.copyOf(partition));
                }
            });
        }
        return windows;
    }

    private boolean hasAggregate(JsonNode expressions) {
        boolean[] found = {false};
        SyntaxTree.visit(
                expressions,
                part -> found[0] |= isClass(part, "FUNCTION")
                        && functions
                                .aggregates()
                                .contains(folded(part.path("function_name").asText())));
        return found[0];
    }

    /**
     * Reads the subqueries in expressions and refuses what is not repeatable.
     *
     * @param around what names in a subquery that it does not know itself may stand for, the nearest first
     */
    List<Nested> readExpressions(JsonNode expressions, Map<String, CommonTable> tables, List<Scope> around)
            throws UnsupportedQueryException {
        List<ObjectNode> parts = new ArrayList<>();
        SyntaxTree.visit(expressions, parts::add);
        List<JsonNode> demanded = SyntaxTree.conjuncts(expressions);
        List<Nested> nested = new ArrayList<>();
        for (ObjectNode part : parts) {
            if (isClass(part, "SUBQUERY")) {
                Query query = query(object(object(part, "subquery"), "node"), tables, around);
                nested.add(Nested.of(part, query, demanded.stream().anyMatch(part::equals), around));
            } else if (isClass(part, "FUNCTION") || isClass(part, "WINDOW")) {
                requireRepeatable(text(part, "function_name"));
                if (ClockUse.named(part) != ClockUse.NONE) {
                    throw notRepeatable(text(part, "function_name"));
                }
            } else if (isType(part, "COLUMN_REF")) {
                List<String> names = strings(part, "column_names");
                if (names.size() == 1 && SPECIAL_NAMES.contains(folded(names.get(0)))) {
                    requireRepeatable(names.get(0));
                }
                if (names.size() > 2 && from.isSchema(names.get(0))) {
                    throw new UnsupportedQueryException(
                            "names a column with its schema (" + String.join(".", names) + "): use the table's alias");
                }
            }
        }
        return nested;
    }

    private void requireRepeatable(String function) throws UnsupportedQueryException {
        if (!functions.repeatable().contains(folded(function)) && !SelectList.UNNESTING.contains(folded(function))) {
            throw notRepeatable(function);
        }
    }

    private static UnsupportedQueryException notRepeatable(String function) {
        return new UnsupportedQueryException(
                "uses " + function + ", whose result is not known to depend on its arguments alone");
    }
}
