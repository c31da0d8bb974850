package dev.freshet.transform.plan.query;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.DataType;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Reach;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A query that groups rows and makes its result of counts and sums only, or that only picks from its rows, each of which is then a group of its own. Rows
 * that come and go change such a group by their own part: nothing else has to be read. This takes the query into the rows that are grouped ({@link
 * #rows}) and the result made of the groups ({@link #output}).
 */
public final class GroupedSums {

    /** How the rows that come and go are found. */
    public enum Rows {
        /** Each is a product of one row of each leaf. In {@link #rows} every leaf gives its rows a weight, and the product of these is the weight of the row. */
        PRODUCTS,
        /** By parts that do not know of each other. In {@link #rows} every row has the weight 1. */
        PARTS
    }

    private static final String GROUPS_MARKER = "__freshet_groups__";

    private final Block block;
    private final Rows kind;
    private final Template rows;
    private final GroupedResult result;
    private final Template output;

    private final GroupedRows made;

    private GroupedSums(
            Block block, Rows kind, GroupedRows made, Template rows, GroupedResult result, Template output) {
        this.made = made;
        this.block = block;
        this.kind = kind;
        this.rows = rows;
        this.result = result;
        this.output = output;
    }

    public Rows kind() {
        return kind;
    }

    /** The rows to group, with the columns that {@link RowMaintenance.Sums#all} has. */
    public Template rows() {
        return rows;
    }

    /**
     * The rows of {@link #rows} of few rows of one leaf, in joins that are quick as they are written: each begins with few rows and finds few.
     *
     * @param found the leaves of which it can be had that only those rows are read that can be met
     * @return empty when they can't be written so
     */
    public Optional<Joined> rowsFrom(Leaf first, Set<Leaf> found) {
        if (kind != Rows.PRODUCTS) {
            return Optional.empty();
        }
        if (rows.leaves().size() == 1) {
            return Optional.of(new Joined(rows, Set.of(), List.of()));
        }
        try {
            return made.readFrom(first, found::contains, result.grouping(), result.addends());
        } catch (UnsupportedQueryException e) {
            return Optional.empty();
        }
    }

    /** The rows of {@link #rows} of parts that have few rows, in joins that are quick as they are written; empty when they can't be written so. */
    public Optional<Template> rowsOfFew() {
        if (kind != Rows.PARTS) {
            return Optional.empty();
        }
        try {
            return made.readFew(result.grouping(), result.addends());
        } catch (UnsupportedQueryException e) {
            return Optional.empty();
        }
    }

    /**
     * Joins that are quick as they are written.
     *
     * @param found the leaves of which only those rows that can be met have to be read for that
     * @param meetings which rows can be met
     */
    public record Joined(Template rows, Set<Leaf> found, List<Meeting> meetings) {
        public Joined {
            found = Set.copyOf(found);
            meetings = List.copyOf(meetings);
        }
    }

    /** A row of a leaf's table is met only by rows of one that is joined earlier that have the same value in this column. */
    public record Meeting(Leaf leaf, String column, Leaf earlier, String earlierColumn) {}

    /** The ways to cut the rows into parts, those that restrict most first. */
    public List<Partitioning> parts() {
        return RowParts.of(block);
    }

    /** The result, over {@link RowMaintenance#groups}; {@link Template#NOTHING} where it is a part of a query. */
    public Template output() {
        return output;
    }

    /**
     * A result over {@link RowMaintenance#groups} that knows what it averages.
     *
     * @param addends for each of the groupings the types of what it sums
     */
    public static Template typed(Template output, List<List<DataType>> addends) {
        return output.with(text -> {
            String typed = text;
            for (int i = 0; i < addends.size(); i++) {
                typed = GroupedResult.typed(typed, RowMaintenance.groups(i), addends.get(i));
            }
            return typed;
        });
    }

    /** What a group's rows in the result depend on. */
    public Reach reach() {
        return block.limited() ? Reach.ALL_GROUPS : Reach.GROUP;
    }

    /** Whether every row is its own group: nothing is summed. */
    public boolean isOfSingleRows() {
        return !block.aggregated();
    }

    public int groups() {
        return result.grouping().size();
    }

    public int addends() {
        return result.addends().size();
    }

    /** Whether sums of this type can be added to and taken from. */
    public static boolean isExact(DataType type) {
        return ExactSums.isExact(type);
    }

    /** @return empty when the query is not of this kind */
    public static Optional<GroupedSums> of(ParsedQuery parsed) throws UnsupportedQueryException {
        if (!(parsed.query() instanceof Block block)
                || !block.windows().isEmpty()
                || block.distinct()
                || block.unnests()
                || block.distinctOn().isPresent()
                || block.from().isEmpty()
                || !SyntaxTree.isAbsent(block.node(), "qualify")
                || parsed.hasCollations()) {
            return Optional.empty();
        }
        Optional<List<JsonNode>> grouping = block.aggregated() ? Optional.of(block.grouping()) : columns(parsed, block);
        if (grouping.isEmpty()) {
            return Optional.empty();
        }
        GroupedResult result = new GroupedResult(parsed, block, grouping.get());
        Optional<ObjectNode> output = result.read(GROUPS_MARKER);
        Rows kind = kind(parsed, block);
        return output.isEmpty() || kind == Rows.PARTS && !new SettledRows(parsed).isBelow(block)
                ? Optional.empty()
                : Optional.of(of(parsed, block, kind, result, output(parsed, block, output.get())));
    }

    /**
     * A block whose groups may meet in what is made of them: in window functions, in DISTINCT, in subqueries, in queries around it. What that is the caller knows.
     *
     * @param parsed the {@link ParsedQuery#rowsOf rows of} the block
     * @param result of the block, which was read
     * @return empty when its rows can't be followed
     */
    static Optional<GroupedSums> inside(ParsedQuery parsed, Block block, GroupedResult result)
            throws UnsupportedQueryException {
        Block rows = block.ofRows();
        Rows kind = kind(parsed, rows);
        return kind == Rows.PARTS && !new SettledRows(parsed).areRowsOf(rows)
                ? Optional.empty()
                : Optional.of(of(parsed, rows, kind, result, Template.NOTHING));
    }

    private static GroupedSums of(ParsedQuery parsed, Block block, Rows kind, GroupedResult result, Template output)
            throws UnsupportedQueryException {
        GroupedRows made = new GroupedRows(parsed, block, kind);
        return new GroupedSums(block, kind, made, made.read(result.grouping(), result.addends()), result, output);
    }

    /** A weight beside a table's columns would be seen in its whole rows. */
    private static Rows kind(ParsedQuery parsed, Block block) {
        return block.nested().isEmpty() && isProduct(block.from().orElseThrow()) && !parsed.takesWholeRows()
                ? Rows.PRODUCTS
                : Rows.PARTS;
    }

    private static Template output(ParsedQuery parsed, Block block, ObjectNode result)
            throws UnsupportedQueryException {
        String groups = RowMaintenance.groups(0);
        return parsed.template(result)
                .with(text -> text.replace(
                        GROUPS_MARKER,
                        block.aggregated()
                                ? groups
                                : "(SELECT *, unnest(range(" + RowMaintenance.COUNT + ")) FROM " + groups + ")"));
    }

    /** What a block without groups selects, stars written out; empty when a column can't be named. */
    private static Optional<List<JsonNode>> columns(ParsedQuery parsed, Block block) throws UnsupportedQueryException {
        List<JsonNode> select = SyntaxTree.list(block.node(), "select_list");
        if (select.stream().noneMatch(item -> SyntaxTree.isClass(item, "STAR"))) {
            return Optional.of(select);
        }
        if (select.size() > 1) {
            return Optional.empty();
        }
        List<JsonNode> columns = new ArrayList<>();
        for (Item item : block.items()) {
            if (item.column().isEmpty() || item.column().get().source().alias().isEmpty()) {
                return Optional.empty();
            }
            columns.add(parsed.expression(
                    StateNames.quote(item.column().get().source().alias()) + "."
                            + StateNames.quote(item.column().get().name())));
        }
        return Optional.of(columns);
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
                            && SyntaxTree.isAbsent(block.node(), "qualify")
                            && isProduct(block.from().get());
        }
        Join join = (Join) tree;
        return join.kind() == Kind.INNER && !join.subqueries() && isProduct(join.left()) && isProduct(join.right());
    }
}
