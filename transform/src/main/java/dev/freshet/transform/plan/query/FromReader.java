package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.object;
import static dev.freshet.transform.plan.query.SyntaxTree.requireAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.requireFields;
import static dev.freshet.transform.plan.query.SyntaxTree.strings;
import static dev.freshet.transform.plan.query.SyntaxTree.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.Column;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Makes join trees of FROM clauses. */
final class FromReader {

    /** A text that reads more places than this is not worth taking apart; inlined CTEs can multiply. */
    private static final int MOST_LEAVES = 64;

    /** The same for those that read no table. */
    private static final int MOST_SOURCES = 1_000;

    private static final Set<String> TABLE_FIELDS = Set.of(
            "type",
            "alias",
            "sample",
            "query_location",
            "query_location_length",
            "schema_name",
            "table_name",
            "column_name_alias",
            "catalog_name",
            "at_clause",
            "qualified_name");
    /** What they give is decided by their arguments. */
    private static final Set<String> REPEATABLE_TABLE_FUNCTIONS =
            Set.of("unnest", "range", "generate_series", "json_each", "json_tree");

    private static final Set<String> FUNCTION_FIELDS = Set.of(
            "type",
            "alias",
            "sample",
            "query_location",
            "query_location_length",
            "function",
            "column_name_alias",
            "with_ordinality");
    private static final Set<String> SUBQUERY_FIELDS = Set.of(
            "type", "alias", "sample", "query_location", "query_location_length", "subquery", "column_name_alias");
    private static final Set<String> JOIN_FIELDS = Set.of(
            "type",
            "alias",
            "sample",
            "query_location",
            "query_location_length",
            "left",
            "right",
            "condition",
            "join_type",
            "ref_type",
            "using_columns",
            "delim_flipped",
            "duplicate_eliminated_columns",
            "is_implicit",
            "ranking_expression",
            "nearest_count",
            "nearest_order_type",
            "nearest_approx");

    private final QueryReader reader;
    private final Tables tables;
    private final List<Leaf> leaves = new ArrayList<>();
    private int sources;

    FromReader(QueryReader reader, Tables tables) {
        this.reader = reader;
        this.tables = tables;
    }

    List<Leaf> leaves() {
        return leaves;
    }

    boolean isSchema(String name) {
        return tables.isSchema(name);
    }

    Optional<JoinTree> read(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        return text(node, "type").equals("EMPTY") ? Optional.empty() : Optional.of(tree(node, visible, outside));
    }

    private JoinTree tree(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        requireAbsent(node, "sample", "a sample");
        if (sources > MOST_SOURCES) {
            throw new UnsupportedQueryException("has more than " + MOST_SOURCES + " places in FROM");
        }
        return switch (text(node, "type")) {
            case "BASE_TABLE" -> table(node, visible, outside);
            case "SUBQUERY" -> subquery(node, visible, outside);
            case "JOIN" -> join(node, visible, outside);
            case "EXPRESSION_LIST" -> {
                reader.readExpressions(node.path("values"), visible, List.of(Scope.NOTHING));
                yield new One(new Source(
                        sources++, text(node, "alias"), valueNames(node), Optional.empty(), Optional.empty(), node));
            }
            case "TABLE_FUNCTION" -> tableFunction(node, visible);
            case "PIVOT" -> throw new UnsupportedQueryException("uses PIVOT or UNPIVOT");
            default -> throw new UnsupportedQueryException("uses " + text(node, "type") + " in FROM");
        };
    }

    private static List<String> valueNames(ObjectNode node) throws UnsupportedQueryException {
        List<String> given = strings(node, "expected_names");
        int columns = node.path("values").path(0).size();
        return given.isEmpty()
                ? IntStream.range(0, columns).mapToObj(i -> "col" + i).toList()
                : nameable(given);
    }

    /** Rows made of constants, or of values of the tables to the left. */
    private JoinTree tableFunction(ObjectNode node, Map<String, CommonTable> visible) throws UnsupportedQueryException {
        requireFields(node, FUNCTION_FIELDS);
        ObjectNode call = object(node, "function");
        String name = text(call, "function_name");
        if (!REPEATABLE_TABLE_FUNCTIONS.contains(folded(name))) {
            throw new UnsupportedQueryException("uses the table function " + name);
        }
        if (!reader.readExpressions(call.path("arguments"), visible, List.of(Scope.NOTHING))
                .isEmpty()) {
            throw new UnsupportedQueryException("uses a subquery as an argument of " + name);
        }
        List<String> names = strings(node, "column_name_alias");
        return new One(new Source(
                sources++,
                text(node, "alias").isEmpty() ? name : text(node, "alias"),
                nameable(names),
                Optional.empty(),
                Optional.empty(),
                node));
    }

    private JoinTree table(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        requireFields(node, TABLE_FIELDS);
        requireAbsent(node, "at_clause", "AT");
        String schema = text(node, "schema_name");
        String name = text(node, "table_name");
        CommonTable common = schema.isEmpty() ? visible.get(folded(name)) : null;
        if (common != null) {
            return common(node, common, outside);
        }
        TableId table = tables.named(folded(schema + "." + name))
                .orElseThrow(
                        () -> new UnsupportedQueryException("reads \"" + name + "\", which it does not reference"));
        if (leaves.size() == MOST_LEAVES) {
            throw new UnsupportedQueryException("reads tables in more than " + MOST_LEAVES + " places");
        }
        Leaf leaf = new Leaf(leaves.size(), table, tables.schema(table));
        leaves.add(leaf);
        String alias = text(node, "alias").isEmpty() ? name : text(node, "alias");
        List<String> names = renamed(
                leaf.schema().columns().stream().map(Column::name).toList(), strings(node, "column_name_alias"));
        node.put("alias", alias);
        node.put("schema_name", "");
        node.put("catalog_name", "");
        node.put("table_name", leaf.marker());
        object(node, "qualified_name").putArray("path").add(leaf.marker());
        return new One(new Source(sources++, alias, names, Optional.of(leaf), Optional.empty(), node));
    }

    /** The query of a WITH clause takes the place of its name. */
    private JoinTree common(ObjectNode node, CommonTable common, List<Scope> outside) throws UnsupportedQueryException {
        String alias = text(node, "alias").isEmpty() ? text(node, "table_name") : text(node, "alias");
        List<String> given = strings(node, "column_name_alias");
        List<String> columns = given.size() >= common.columns().size() ? given : common.columns();
        if (!given.isEmpty() && given.size() < common.columns().size()) {
            throw new UnsupportedQueryException("renames some columns of a WITH query twice");
        }
        ObjectNode query = common.query().deepCopy();
        Query read = reader.query(query, common.visible(), common.enclosed() ? outside : List.of());
        if (common.enclosed()) {
            requireNothingOutside(read, text(node, "table_name"));
        }
        node.removeAll();
        node.put("type", "SUBQUERY");
        node.put("alias", alias);
        node.putNull("sample");
        ObjectNode wrapped = node.putObject("subquery");
        wrapped.set("node", query);
        wrapped.putArray("named_param_map");
        columns.forEach(node.putArray("column_name_alias")::add);
        return new One(new Source(
                sources++, alias, renamed(read.names(), columns), Optional.empty(), Optional.of(read), node));
    }

    /** What it names around itself could be something else where it is put. */
    private static void requireNothingOutside(Query query, String name) throws UnsupportedQueryException {
        try {
            new LineageReader().requireNothingOutside(query);
        } catch (UnsupportedQueryException e) {
            throw new UnsupportedQueryException(
                    "has a WITH query in a subquery, \"" + name + "\", that may name columns outside of it");
        }
    }

    private JoinTree subquery(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        requireFields(node, SUBQUERY_FIELDS);
        Query query = reader.query(object(object(node, "subquery"), "node"), visible, outside);
        return new One(new Source(
                sources++,
                text(node, "alias"),
                renamed(query.names(), strings(node, "column_name_alias")),
                Optional.empty(),
                Optional.of(query),
                node));
    }

    private static List<String> renamed(List<String> names, List<String> aliases) throws UnsupportedQueryException {
        if (aliases.size() > names.size()) {
            throw new UnsupportedQueryException("gives a table more column aliases than it has columns");
        }
        List<String> renamed = new ArrayList<>(aliases);
        renamed.addAll(names.subList(aliases.size(), names.size()));
        return nameable(renamed);
    }

    /** Columns that share a name get names with a number from the store's parser: neither they nor what looks like such a name can be told. */
    private static List<String> nameable(List<String> names) {
        Set<String> once = new HashSet<>();
        List<String> shared = names.stream()
                .map(SyntaxTree::folded)
                .filter(name -> !once.add(name) && !name.isEmpty())
                .toList();
        return names.stream()
                .map(name -> shared.stream()
                                .anyMatch(other -> folded(name).equals(other)
                                        || folded(name).startsWith(other + "_"))
                        ? ""
                        : name)
                .toList();
    }

    private JoinTree join(ObjectNode node, Map<String, CommonTable> visible, List<Scope> outside)
            throws UnsupportedQueryException {
        requireFields(node, JOIN_FIELDS);
        requireAbsent(node, "ranking_expression", "a nearest join");
        if (!SyntaxTree.list(node, "duplicate_eliminated_columns").isEmpty()) {
            throw new UnsupportedQueryException("uses a join of an unknown form");
        }
        Kind kind = kind(node);
        JoinTree left = tree(object(node, "left"), visible, outside);
        // A subquery may name what stands to its left.
        List<Scope> around = new ArrayList<>(List.of(scope(Optional.of(left))));
        around.addAll(outside);
        JoinTree right = tree(object(node, "right"), visible, around);
        boolean subqueries = !reader.readExpressions(node.path("condition"), visible, List.of(Scope.NOTHING))
                .isEmpty();
        List<String> using = strings(node, "using_columns");
        if (!using.isEmpty() && !visibleSources(left, right).stream().allMatch(Source::hasAllNames)) {
            throw new UnsupportedQueryException("uses USING over a table function");
        }
        List<Equality> equalities = new ArrayList<>();
        Scope both = new Scope(visibleSources(left, right), merged(left, right), Set.of());
        if (!isAbsent(node, "condition")) {
            equalities.addAll(equalities(node.path("condition"), both));
        }
        for (String column : using) {
            Optional<ScopeColumn> mine = scope(Optional.of(left)).named(column);
            Optional<ScopeColumn> other = scope(Optional.of(right)).named(column);
            if (mine.isPresent() && other.isPresent()) {
                equalities.add(new Equality(mine.get(), other.get()));
            }
        }
        return new Join(kind, left, right, equalities, subqueries, node);
    }

    private static Kind kind(ObjectNode node) throws UnsupportedQueryException {
        String reference = text(node, "ref_type");
        return switch (reference) {
            case "CROSS" -> Kind.INNER;
            case "REGULAR" -> kind(text(node, "join_type"));
            case "ASOF" -> {
                // The row that is met is chosen among all of the right side: only the left one's rows are independent
                // of each other.
                if (kind(text(node, "join_type")) != Kind.INNER && kind(text(node, "join_type")) != Kind.LEFT) {
                    throw new UnsupportedQueryException("uses an ASOF join that is neither INNER nor LEFT");
                }
                if (!strings(node, "using_columns").isEmpty()) {
                    throw new UnsupportedQueryException("uses an ASOF join with USING");
                }
                yield Kind.LEFT;
            }
            default ->
                throw new UnsupportedQueryException("uses a " + reference.toLowerCase(java.util.Locale.ROOT) + " join");
        };
    }

    private static Kind kind(String type) throws UnsupportedQueryException {
        return switch (type) {
            case "INNER" -> Kind.INNER;
            case "LEFT" -> Kind.LEFT;
            case "RIGHT" -> Kind.RIGHT;
            case "OUTER", "FULL" -> Kind.FULL;
            case "SEMI" -> Kind.SEMI;
            case "ANTI" -> Kind.ANTI;
            default -> throw new UnsupportedQueryException("uses a join of type " + type);
        };
    }

    /** The columns that a SELECT over this FROM clause can name. */
    Scope scope(Optional<JoinTree> tree) throws UnsupportedQueryException {
        return tree.isEmpty() ? new Scope(List.of(), Set.of(), Set.of()) : scopeOf(tree.get());
    }

    static Scope scopeOf(JoinTree tree) throws UnsupportedQueryException {
        return new Scope(tree.visible(), merged(tree), unclear(tree));
    }

    private static List<Source> visibleSources(JoinTree left, JoinTree right) {
        List<Source> sources = new ArrayList<>(left.visible());
        sources.addAll(right.visible());
        return sources;
    }

    private static Set<String> merged(JoinTree... trees) throws UnsupportedQueryException {
        Set<String> names = new HashSet<>();
        for (JoinTree tree : trees) {
            if (tree instanceof Join join) {
                names.addAll(merged(join.left(), join.right()));
                for (String column : strings(join.node(), "using_columns")) {
                    names.add(folded(column));
                }
            }
        }
        return names;
    }

    /** USING columns whose value is not simply the left side's. */
    private static Set<String> unclear(JoinTree tree) throws UnsupportedQueryException {
        Set<String> names = new HashSet<>();
        if (tree instanceof Join join) {
            names.addAll(unclear(join.left()));
            names.addAll(unclear(join.right()));
            if (join.kind() == Kind.RIGHT || join.kind() == Kind.FULL) {
                for (String column : strings(join.node(), "using_columns")) {
                    names.add(folded(column));
                }
            }
        }
        return names;
    }

    static List<Equality> equalities(JsonNode condition, Scope scope) {
        List<Equality> equalities = new ArrayList<>();
        for (JsonNode part : SyntaxTree.conjuncts(condition)) {
            if (SyntaxTree.isType(part, "COMPARE_EQUAL")) {
                Optional<ScopeColumn> left = scope.resolve(part.path("left"));
                Optional<ScopeColumn> right = scope.resolve(part.path("right"));
                if (left.isPresent() && right.isPresent()) {
                    equalities.add(new Equality(left.get(), right.get()));
                }
            }
        }
        return equalities;
    }
}
