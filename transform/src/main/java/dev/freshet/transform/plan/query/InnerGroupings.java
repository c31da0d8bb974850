package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.isClass;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The groupings inside of a query whose counts and sums can be kept, the outermost ones, and the query itself over their groups and what it reads beside
 * them. What it makes of the groups (window functions, comparisons with a total, joins of groups) has to be computed of all of them, but no more of what is grouped.
 */
public final class InnerGroupings {

    private static final String MARKER = "__freshet_groups_";

    /** Says which groupings are kept. */
    public interface Keeper {

        /**
         * @param rows what is grouped, as if it was all there is
         * @return whether it is kept
         */
        boolean keep(GroupedSums sums, ParsedQuery rows) throws UnsupportedQueryException;
    }

    private record Kept(int number, GroupedResult result) {}

    private final ParsedQuery parsed;
    private final Keeper keeper;
    private final Map<JsonNode, Kept> kept = new IdentityHashMap<>();
    private final List<String> texts = new ArrayList<>();
    private final List<ParsedQuery> rows = new ArrayList<>();

    private InnerGroupings(ParsedQuery parsed, Keeper keeper) {
        this.parsed = parsed;
        this.keeper = keeper;
    }

    /**
     * @return the model's rows, made of {@link RowMaintenance#groups} in the order in which the keeper took them, and of the leaves that are outside of them; empty
     *     when there are none, or when what they group would have to be read all the same
     */
    public static Optional<Template> of(ParsedQuery parsed, Keeper keeper) throws UnsupportedQueryException {
        InnerGroupings groupings = new InnerGroupings(parsed, keeper);
        groupings.visit(parsed.query(), false);
        if (groupings.kept.isEmpty()) {
            return Optional.empty();
        }
        Template output = groupings.output();
        Set<TableId> outside = output.leaves().stream().map(Leaf::table).collect(Collectors.toSet());
        return groupings.rows.stream()
                        .flatMap(query -> query.leaves().stream())
                        .anyMatch(leaf -> outside.contains(leaf.table()))
                ? Optional.empty()
                : Optional.of(output);
    }

    /** @param enclosed whether it stands in another one, of which it may name columns */
    private void visit(Query query, boolean enclosed) throws UnsupportedQueryException {
        if (query instanceof SetOperation operation) {
            for (Query operand : operation.operands()) {
                visit(operand, enclosed);
            }
            return;
        }
        Block block = (Block) query;
        boolean taken = take(block, enclosed);
        if (!taken && block.from().isPresent()) {
            visit(block.from().get());
        }
        for (Nested nested : taken ? block.nestedOutsideOfWhere() : block.nested()) {
            visit(nested.query(), true);
        }
    }

    private void visit(JoinTree tree) throws UnsupportedQueryException {
        if (tree instanceof Join join) {
            visit(join.left());
            visit(join.right());
        } else {
            Optional<Query> query = ((One) tree).source().query();
            if (query.isPresent()) {
                visit(query.get(), true);
            }
        }
    }

    private boolean take(Block block, boolean enclosed) throws UnsupportedQueryException {
        if (!block.aggregated()
                || block.from().isEmpty()
                || block.unnests()
                || block.distinctOn().isPresent()
                || parsed.hasCollations()
                || enclosed && !LineageReader.standsAlone(block)
                || !block.nestedOutsideOfWhere().stream()
                        .allMatch(nested -> LineageReader.standsAlone(nested.query()))) {
            return false;
        }
        GroupedResult result = new GroupedResult(parsed, block, block.grouping(), this::over);
        if (result.read(MARKER).isEmpty() || hasSubquery(result.grouping()) || hasSubquery(result.addends())) {
            return false;
        }
        ParsedQuery grouped = parsed.rowsOf(block);
        Optional<GroupedSums> sums = GroupedSums.inside(grouped, block, result);
        if (sums.isEmpty()) {
            return false;
        }
        String text = sums.get().groups() + " " + sums.get().addends() + " "
                + sums.get().rows().text();
        int number = texts.indexOf(text);
        if (number < 0) {
            if (texts.size() == RowMaintenance.MOST_SUMS || !keeper.keep(sums.get(), grouped)) {
                return false;
            }
            number = texts.size();
            texts.add(text);
            rows.add(grouped);
        }
        kept.put(block.node(), new Kept(number, result));
        return true;
    }

    private static boolean hasSubquery(List<JsonNode> expressions) {
        boolean[] found = {false};
        expressions.forEach(expression -> SyntaxTree.visit(expression, part -> found[0] |= isClass(part, "SUBQUERY")));
        return found[0];
    }

    private Template output() throws UnsupportedQueryException {
        return parsed.template((ObjectNode) over(parsed.root())).with(text -> {
            String output = text;
            for (int i = 0; i < texts.size(); i++) {
                output = output.replace(marker(i), RowMaintenance.groups(i));
            }
            return output;
        });
    }

    private static String marker(int number) {
        return MARKER + number + "__";
    }

    /** A copy in which the kept groupings are queries over their groups. */
    private JsonNode over(JsonNode node) {
        Kept here = kept.get(node);
        if (here != null) {
            return result(here);
        }
        if (node instanceof ObjectNode object) {
            ObjectNode copy = object.objectNode();
            object.properties().forEach(field -> copy.set(field.getKey(), over(field.getValue())));
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = array.arrayNode();
            array.forEach(element -> copy.add(over(element)));
            return copy;
        }
        return node;
    }

    private JsonNode result(Kept grouping) {
        try {
            return grouping.result().read(marker(grouping.number())).orElseThrow();
        } catch (UnsupportedQueryException e) {
            throw new IllegalStateException("was read before", e);
        }
    }
}
