package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.List;
import java.util.Map;

/**
 * A model's query, taken apart. Its expressions stay as the state store's own parser read them and are written back by the state store itself, so
 * they mean what they meant.
 */
public final class ParsedQuery {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String SELECT = "SELECT ";

    private final RowMaintenance state;
    private final RowMaintenance.Functions functions;
    private final ObjectNode tree;
    private final Query query;
    private final List<Leaf> leaves;
    /** By their numbers. */
    private final List<Leaf> all;

    private ParsedQuery(
            RowMaintenance state,
            RowMaintenance.Functions functions,
            ObjectNode tree,
            Query query,
            List<Leaf> leaves,
            List<Leaf> all) {
        this.all = List.copyOf(all);
        this.state = state;
        this.functions = functions;
        this.tree = tree;
        this.query = query;
        this.leaves = List.copyOf(leaves);
    }

    /**
     * @param tables what the text may read
     * @throws UnsupportedQueryException naming the part that can't be taken apart
     */
    public static ParsedQuery of(
            RowMaintenance state, RowMaintenance.Functions functions, String sql, Map<TableId, TableSchema> tables)
            throws UnsupportedQueryException {
        ObjectNode tree = parse(state, sql);
        MethodCalls.spellOut(tree.path("statements"));
        QueryReader reader = new QueryReader(functions, new Tables(tables));
        Query query = reader.query(SyntaxTree.object(tree.path("statements").path(0), "node"), Map.of(), List.of());
        return new ParsedQuery(state, functions, tree, query, reader.leaves(), reader.leaves());
    }

    /** The rows that a block inside of this query groups, as if it was all there is: the leaves are those of its FROM and WHERE clauses. */
    ParsedQuery rowsOf(Block block) throws UnsupportedQueryException {
        String rows = block.node().path("from_table") + " " + block.node().path("where_clause");
        return new ParsedQuery(
                state,
                functions,
                statement(block.node()),
                block,
                leaves.stream().filter(leaf -> rows.contains(leaf.marker())).toList(),
                all);
    }

    private static ObjectNode parse(RowMaintenance state, String sql) throws UnsupportedQueryException {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(state.syntaxTree(sql));
        } catch (JsonProcessingException e) {
            throw new UnsupportedQueryException("has a syntax tree that can't be read");
        }
        if (tree.path("error").asBoolean(true) || tree.path("statements").size() != 1) {
            throw new UnsupportedQueryException(
                    "is not one SELECT: " + tree.path("error_message").asText("several statements"));
        }
        return (ObjectNode) tree;
    }

    public Query query() {
        return query;
    }

    /** In the order of their numbers. */
    public List<Leaf> leaves() {
        return leaves;
    }

    /** The columns of a leaf that the query may need; more than it does in doubt. */
    public List<Column> mentioned(Leaf leaf) {
        return MentionedColumns.of(tree.path("statements")).of(leaf);
    }

    /** Whether some expression takes rows as a whole, and not column by column. */
    boolean takesWholeRows() {
        return MentionedColumns.asWholeRows(tree.path("statements"));
    }

    /** Whether some texts are equal that are not the same. */
    boolean hasCollations() {
        return tree.findValuesAsText("class").contains("COLLATE");
    }

    /** The whole query. */
    public Template template() {
        return new Template(state.texts(List.of(tree.toString())).get(0), all);
    }

    /** A query of our own, over FROM clauses of this one. */
    Template template(ObjectNode select) throws UnsupportedQueryException {
        return new Template(state.texts(List.of(statement(select).toString())).get(0), all);
    }

    /** The text of an expression. */
    String text(JsonNode expression) throws UnsupportedQueryException {
        ObjectNode select = emptySelect();
        select.putArray("select_list").add(expression);
        String text = state.texts(List.of(statement(select).toString())).get(0);
        if (!text.startsWith(SELECT)) {
            throw new UnsupportedQueryException("has a text of an unknown form");
        }
        return text.substring(SELECT.length());
    }

    private ObjectNode statement(ObjectNode node) throws UnsupportedQueryException {
        ObjectNode own = parse(state, "SELECT 1");
        ((ObjectNode) own.path("statements").path(0)).set("node", node);
        return own;
    }

    /** The outermost SELECT or set operation. */
    ObjectNode root() throws UnsupportedQueryException {
        return SyntaxTree.object(tree.path("statements").path(0), "node");
    }

    /** An empty SELECT. */
    ObjectNode emptySelect() throws UnsupportedQueryException {
        return SyntaxTree.object(parse(state, "SELECT 1").path("statements").path(0), "node");
    }

    /** A SELECT from a table of this name, or whatever else FROM can have. */
    ObjectNode fromTable(String name) throws UnsupportedQueryException {
        return SyntaxTree.object(
                parse(state, "SELECT 1 FROM " + name).path("statements").path(0), "node");
    }

    /**
     * A join of two items of FROM clauses.
     *
     * @param kind INNER, SEMI or ANTI
     */
    ObjectNode join(String kind, ObjectNode left, ObjectNode right, JsonNode condition)
            throws UnsupportedQueryException {
        ObjectNode join = SyntaxTree.object(fromTable("a " + kind + " JOIN b ON (true)"), "from_table");
        join.set("condition", condition);
        join.set("left", left);
        join.set("right", right);
        return join;
    }

    /** The condition that all of some conditions hold. */
    JsonNode conjunction(List<JsonNode> conditions) throws UnsupportedQueryException {
        if (conditions.size() == 1) {
            return conditions.get(0);
        }
        ObjectNode all = (ObjectNode) expression("a AND b");
        conditions.forEach(all.putArray("children")::add);
        return all;
    }

    boolean isAggregate(String function) {
        return functions.aggregates().contains(function);
    }

    /** An expression. */
    JsonNode expression(String sql) throws UnsupportedQueryException {
        return SyntaxTree.list(
                        SyntaxTree.object(
                                parse(state, "SELECT " + sql).path("statements").path(0), "node"),
                        "select_list")
                .get(0);
    }
}
