package dev.freshet.transform.plan.query;

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
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A query that groups rows and makes its result of counts and sums only. Rows that come and go change such a group by their own part: nothing else
 * has to be read. This takes the query into the rows that are grouped ({@link #rows}) and the result made of the groups ({@link #output}).
 *
 * <p>The rows come from inner joins, filters and projections only, so each is a product of one row of each leaf; in {@link #rows} every leaf gives its
 * rows a weight, and the product of these is the weight of the row.
 */
public final class GroupedSums {

    private static final String GROUPS_MARKER = "__freshet_groups__";
    private static final String WEIGHT = StateNames.WEIGHT;

    private final Template rows;
    private final String output;
    private final int groups;
    private final int addends;

    private GroupedSums(Template rows, String output, int groups, int addends) {
        this.rows = rows;
        this.output = output;
        this.groups = groups;
        this.addends = addends;
    }

    /** The rows to group, with the columns that {@link RowMaintenance.Totals#all} has; leaves must give {@link StateNames#WEIGHT}. */
    public Template rows() {
        return rows;
    }

    /** The result, over {@link RowMaintenance#GROUPS}. */
    public String output() {
        return output;
    }

    public int groups() {
        return groups;
    }

    public int addends() {
        return addends;
    }

    /** @return empty when the query is not of this kind */
    public static Optional<GroupedSums> of(ParsedQuery parsed) throws UnsupportedQueryException {
        if (!(parsed.query() instanceof Block block)
                || !block.aggregated()
                || !block.windows().isEmpty()
                || block.distinct()
                || block.distinctOn().isPresent()
                || block.limited()
                || !block.nested().isEmpty()
                || block.from().isEmpty()
                || !isAbsent(block.node(), "qualify")
                || !isProduct(block.from().get())) {
            return Optional.empty();
        }
        return new Reader(parsed, block).read();
    }

    /** Whether each row is made of one row of each leaf. */
    private static boolean isProduct(JoinTree tree) {
        if (tree instanceof One one) {
            Source source = one.source();
            return source.leaf().isPresent()
                    || source.query().isPresent()
                            && source.query().get() instanceof Block block
                            && block.isLinear()
                            && block.from().isPresent()
                            && isAbsent(block.node(), "qualify")
                            && isProduct(block.from().get());
        }
        Join join = (Join) tree;
        return join.kind() == Kind.INNER && !join.subqueries() && isProduct(join.left()) && isProduct(join.right());
    }

    /** Does the work for one query. */
    private static final class Reader {

        private static final Set<String> SUMS = Set.of("sum", "count", "count_star");

        private final ParsedQuery parsed;
        private final Block block;
        /** What is summed, each once. */
        private final List<JsonNode> addends = new ArrayList<>();

        Reader(ParsedQuery parsed, Block block) {
            this.parsed = parsed;
            this.block = block;
        }

        Optional<GroupedSums> read() throws UnsupportedQueryException {
            ObjectNode result = parsed.emptySelect();
            ArrayNode items = result.putArray("select_list");
            for (JsonNode item : list(block.node(), "select_list")) {
                Optional<JsonNode> made = made(item);
                if (made.isEmpty()) {
                    return Optional.empty();
                }
                items.add(made.get());
            }
            result.set("from_table", object(parsed.fromTable(GROUPS_MARKER), "from_table"));
            if (!isAbsent(block.node(), "having")) {
                Optional<JsonNode> having = made(block.node().get("having"));
                if (having.isEmpty()) {
                    return Optional.empty();
                }
                result.set("where_clause", having.get());
            }
            String output = parsed.template(result).text().replace(GROUPS_MARKER, RowMaintenance.GROUPS);
            return Optional.of(new GroupedSums(rows(), output, block.grouping().size(), addends.size()));
        }

        private Template rows() throws UnsupportedQueryException {
            ObjectNode select = parsed.emptySelect();
            ArrayNode items = select.putArray("select_list");
            for (int i = 0; i < block.grouping().size(); i++) {
                items.add(called(block.grouping().get(i), RowMaintenance.GROUP + i));
            }
            for (int i = 0; i < addends.size(); i++) {
                items.add(called(addends.get(i), RowMaintenance.ADDEND + i));
            }
            List<String> weights = new ArrayList<>();
            select.set("from_table", weighted(block.from().orElseThrow(), weights));
            items.add(product(weights));
            select.set("where_clause", block.node().get("where_clause"));
            return parsed.template(select);
        }

        private static JsonNode called(JsonNode expression, String name) {
            ObjectNode copy = expression.deepCopy();
            copy.put("alias", name);
            return copy;
        }

        private JsonNode product(List<String> weights) throws UnsupportedQueryException {
            return parsed.expression(String.join(" * ", weights) + " AS " + StateNames.quote(WEIGHT));
        }

        /** @param weights receives how the sources' weights are named */
        private ObjectNode weighted(JoinTree tree, List<String> weights) throws UnsupportedQueryException {
            if (tree instanceof Join join) {
                ObjectNode node = join.node().deepCopy();
                node.set("left", weighted(join.left(), weights));
                node.set("right", weighted(join.right(), weights));
                return node;
            }
            Source source = ((One) tree).source();
            ObjectNode node = source.node().deepCopy();
            String alias = source.alias();
            if (alias.isEmpty()) {
                alias = "_freshet_source_" + source.number();
                node.put("alias", alias);
            }
            weights.add(StateNames.quote(alias) + "." + StateNames.quote(WEIGHT));
            if (source.query().isPresent()) {
                Block inner = (Block) source.query().get();
                ObjectNode select = inner.node().deepCopy();
                List<String> innerWeights = new ArrayList<>();
                select.set("from_table", weighted(inner.from().orElseThrow(), innerWeights));
                ArrayNode items = select.putArray("select_list");
                for (JsonNode item : list(inner.node(), "select_list")) {
                    JsonNode copy = item.deepCopy();
                    if (isClass(copy, "STAR")) {
                        ((ArrayNode) copy.get("exclude_list")).add(WEIGHT);
                    }
                    items.add(copy);
                }
                items.add(product(innerWeights));
                object(node, "subquery").set("node", select);
            }
            return node;
        }

        /** An expression of the result, made of the group's columns. */
        private Optional<JsonNode> made(JsonNode expression) throws UnsupportedQueryException {
            String alias = expression.path("alias").asText();
            for (int i = 0; i < block.grouping().size(); i++) {
                if (isSame(expression, block.grouping().get(i))) {
                    return Optional.of(called(column(RowMaintenance.GROUP + i), alias));
                }
            }
            if (isClass(expression, "STAR")
                    || isClass(expression, "WINDOW")
                    || isClass(expression, "SUBQUERY")
                    || isType(expression, "COLUMN_REF")
                            && block.scope()
                                    .couldMean(expression
                                            .path("column_names")
                                            .get(0)
                                            .asText())) {
                return Optional.empty();
            }
            if (isClass(expression, "FUNCTION")) {
                String name = folded(text(expression, "function_name"));
                if (parsed.isAggregate(name)) {
                    return SUMS.contains(name)
                            ? sum(expression, name).map(sum -> called(sum, alias))
                            : Optional.empty();
                }
            }
            return parts(expression);
        }

        private Optional<JsonNode> parts(JsonNode expression) throws UnsupportedQueryException {
            JsonNode copy = expression.deepCopy();
            if (copy instanceof ObjectNode node) {
                List<String> names = new ArrayList<>();
                node.fieldNames().forEachRemaining(names::add);
                for (String name : names) {
                    if (node.get(name).isContainerNode()) {
                        Optional<JsonNode> part = made(node.get(name));
                        if (part.isEmpty()) {
                            return Optional.empty();
                        }
                        node.set(name, part.get());
                    }
                }
            } else if (copy instanceof ArrayNode array) {
                for (int i = 0; i < array.size(); i++) {
                    if (array.get(i).isContainerNode()) {
                        Optional<JsonNode> part = made(array.get(i));
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
            JsonNode addend = name.equals("sum") ? argument(arguments.get(0)) : counted(arguments);
            if (filtered) {
                ObjectNode chosen = (ObjectNode) parsed.expression("CASE WHEN true THEN 1 END");
                ObjectNode branch = (ObjectNode) list(chosen, "case_checks").get(0);
                branch.set("when_expr", call.get("filter").deepCopy());
                branch.set("then_expr", addend);
                addend = chosen;
            }
            int number = numberOf(addend);
            return Optional.of(
                    name.equals("sum")
                            ? parsed.expression("CASE WHEN " + RowMaintenance.VALUES + number + " > 0 THEN "
                                    + RowMaintenance.SUM + number + " END")
                            : column(RowMaintenance.VALUES + number));
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
            node.forEach(Reader::strip);
        }
    }
}
