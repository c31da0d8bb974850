package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a query has one result only. Where rows tie, {@code row_number()} or LIMIT may take one today and another tomorrow, and floating point numbers give
 * another sum in another order: any will do, but what was counted once can then not be taken away by computing it again.
 */
final class SettledRows {

    /** Aggregates whose result does not depend on the order of the rows. */
    private static final Set<String> AGGREGATES = Set.of(
            "count", "count_star", "sum", "avg", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor");

    /** Window functions that give rows which tie the same value. */
    private static final Set<String> RANKS = Set.of("rank", "dense_rank", "percent_rank", "cume_dist");

    /** Where a block's expressions stand. */
    private static final List<String> EXPRESSIONS =
            List.of("select_list", "where_clause", "group_expressions", "having", "qualify");

    private static final List<String> ROWS = List.of("where_clause", "group_expressions");

    private final ParsedQuery parsed;

    SettledRows(ParsedQuery parsed) {
        this.parsed = parsed;
    }

    /** What the block reads: its own ORDER BY and LIMIT are not asked. */
    boolean isBelow(Block block) {
        return hasSettledExpressions(block, EXPRESSIONS) && areSettledBelow(block);
    }

    /** What the block groups: what it makes of the groups is not asked. */
    boolean areRowsOf(Block block) {
        return hasSettledExpressions(block, ROWS) && areSettledBelow(block);
    }

    /** What a side of a join gives. */
    boolean areOf(JoinTree side) {
        return is(side);
    }

    private boolean areSettledBelow(Block block) {
        return block.nested().stream().allMatch(nested -> is(nested.query()))
                && block.from().filter(from -> !is(from)).isEmpty();
    }

    private boolean is(Query query) {
        if (query.limited()) {
            return false;
        }
        return query instanceof SetOperation operation
                ? operation.operands().stream().allMatch(this::is)
                : ((Block) query).distinctOn().isEmpty() && isBelow((Block) query) && addsExactly((Block) query);
    }

    private boolean is(JoinTree tree) {
        return tree instanceof One one
                ? one.source().query().filter(query -> !is(query)).isEmpty()
                : tree instanceof Join join
                        && !join.subqueries()
                        && !join.isAsOf()
                        && is(join.left())
                        && is(join.right());
    }

    private boolean hasSettledExpressions(Block block, List<String> fields) {
        boolean[] settled = {true};
        for (String field : fields) {
            SyntaxTree.visit(block.node().path(field), part -> {
                String function = folded(part.path("function_name").asText());
                if (isClass(part, "WINDOW")) {
                    settled[0] &= RANKS.contains(function)
                            || AGGREGATES.contains(function) && !hasFrame(part)
                            || tellsRowsApart(block, part);
                } else if (isClass(part, "FUNCTION") && parsed.isAggregate(function)) {
                    settled[0] &= AGGREGATES.contains(function);
                }
            });
        }
        return settled[0];
    }

    private static boolean addsExactly(Block block) {
        boolean[] exact = {true};
        // What is below FROM has names of its own, and is asked for itself.
        EXPRESSIONS.forEach(field ->
                SyntaxTree.visit(block.node().path(field), part -> exact[0] &= !ExactSums.isInexact(block, part)));
        return exact[0];
    }

    /** Whether the frame may part rows that tie. */
    private static boolean hasFrame(JsonNode window) {
        return !window.path("exclude_clause").asText().equals("NO_OTHER")
                || !window.path("start").asText().equals("UNBOUNDED_PRECEDING")
                || !window.path("end").asText().equals("CURRENT_ROW_RANGE")
                        && !window.path("end").asText().equals("UNBOUNDED_FOLLOWING");
    }

    /** Whether no two rows tie: what is ordered by, with the partition, has the key of the only table. */
    private static boolean tellsRowsApart(Block block, JsonNode window) {
        Optional<Leaf> leaf = block.from().flatMap(JoinTree::onlyTable);
        if (leaf.isEmpty() || !leaf.get().schema().isKeyed()) {
            return false;
        }
        Set<String> named = new HashSet<>();
        window.path("partitions").forEach(by -> named(block, by).ifPresent(named::add));
        window.path("orders").forEach(by -> named(block, by.path("expression")).ifPresent(named::add));
        return named.containsAll(leaf.get().schema().key());
    }

    private static Optional<String> named(Block block, JsonNode expression) {
        return block.scope().resolve(expression).flatMap(ScopeColumn::copied);
    }
}
