package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.isAbsent;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.list;
import static dev.freshet.transform.plan.query.SyntaxTree.strings;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.transform.plan.query.GroupedSums.Meeting;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An order in which the tables of a block are joined to few rows of one of them, such that there are few rows after every step: each table is met by its key, or
 * only those of its rows are read that can be met. So written, a query needs no optimizer, which would cost more than running it.
 *
 * @param steps the first without equalities
 * @param conditions what has to hold for the joined rows besides what the steps demand
 */
record JoinOrder(List<Step> steps, List<JsonNode> conditions) {

    /**
     * @param with what columns of this source equal in those before it
     * @param before what has to hold for the rows that it is joined to
     */
    record Step(Source source, List<Equality> with, List<JsonNode> before) {
        Step {
            with = List.copyOf(with);
            before = List.copyOf(before);
        }

        private Step(Source source, List<Equality> with) {
            this(source, with, List.of());
        }

        Leaf leaf() {
            return JoinOrder.leaf(source).orElseThrow();
        }

        private boolean demands(Equality equality) {
            return with.contains(equality) || with.contains(new Equality(equality.right(), equality.left()));
        }

        /** Whether a row finds one row at most. */
        boolean isByKey() {
            Set<String> columns = new HashSet<>();
            with.forEach(equality -> equality.left().copied().ifPresent(columns::add));
            return leaf().schema().isKeyed()
                    && columns.containsAll(leaf().schema().key());
        }

        /** Which rows of its table are met, as far as these equalities are of tables' own columns. */
        private Stream<Meeting> meetings() {
            return with.stream().flatMap(equality -> equality.left().copied().stream()
                    .flatMap(column -> equality.right().copied().stream()
                            .map(other -> new Meeting(
                                    leaf(),
                                    column,
                                    JoinOrder.leaf(equality.right().source()).orElseThrow(),
                                    other))));
        }

        /** As the condition of a join. */
        String condition() {
            return String.join(
                    " AND ",
                    with.stream()
                            .map(equality -> equality.left().spelled() + " = "
                                    + equality.right().spelled())
                            .toList());
        }
    }

    JoinOrder {
        steps = List.copyOf(steps);
        conditions = List.copyOf(conditions);
    }

    /** Those of which only the rows that can be met must be read. */
    Set<Leaf> found() {
        return steps.stream()
                .skip(1)
                .filter(step -> !step.isByKey())
                .map(Step::leaf)
                .collect(Collectors.toSet());
    }

    /** Which rows of each table are met. */
    List<Meeting> meetings() {
        return steps.stream().flatMap(Step::meetings).toList();
    }

    /**
     * @param first whose rows are few
     * @param found whether it can be had that only those rows of a leaf are read that can be met
     * @return empty when there is none, or when the text's own order means something
     */
    static Optional<JoinOrder> of(Block block, Leaf first, Predicate<Leaf> found) throws UnsupportedQueryException {
        if (block.from().isEmpty()
                || list(block.node(), "select_list").stream().anyMatch(item -> isClass(item, "STAR"))) {
            return Optional.empty();
        }
        List<Equality> equalities = new ArrayList<>(block.where());
        List<JsonNode> conditions = new ArrayList<>();
        List<Source> sources = block.from().get().visible();
        if (!areDistinctTables(sources) || !read(block.from().get(), sources, equalities, conditions)) {
            return Optional.empty();
        }
        for (Source source : sources) {
            if (source.query().isPresent()) {
                // A subquery that names what stands to its left has to stay behind it.
                new LineageReader().requireNothingOutside(source.query().get());
            }
        }
        Optional<Source> start = sources.stream()
                .filter(source -> leaf(source).equals(Optional.of(first)))
                .findFirst();
        if (start.isEmpty()) {
            return Optional.empty();
        }
        List<Step> steps = new ArrayList<>(List.of(new Step(start.get(), List.of())));
        Set<Source> joined = new HashSet<>(Set.of(start.get()));
        while (joined.size() < sources.size()) {
            List<Step> possible = sources.stream()
                    .filter(source -> !joined.contains(source))
                    .map(source -> new Step(source, between(source, joined, equalities)))
                    .filter(step -> !step.with().isEmpty())
                    .toList();
            Optional<Step> next = possible.stream()
                    .filter(Step::isByKey)
                    .findFirst()
                    .or(() -> possible.stream()
                            .filter(step -> found.test(step.leaf()))
                            .findFirst());
            if (next.isEmpty()) {
                return Optional.empty();
            }
            steps.add(next.get());
            joined.add(next.get().source());
        }
        conditions.addAll(SyntaxTree.conjuncts(block.node().path("where_clause")));
        return Optional.of(withConditions(steps, conditions, block.scope()));
    }

    /**
     * A condition stands with the first step that comes after the tables that it names: the fewer rows are joined, the better, and a table that is read in full is
     * met by its key before its own columns are looked at.
     */
    private static JoinOrder withConditions(List<Step> steps, List<JsonNode> conditions, Scope scope) {
        List<Step> conditioned = new ArrayList<>();
        List<JsonNode> left = new ArrayList<>(conditions);
        left.removeIf(condition -> FromReader.equalities(condition, scope).stream()
                .anyMatch(equality -> steps.stream().anyMatch(step -> step.demands(equality))));
        Set<Source> joined = new HashSet<>();
        for (Step step : steps) {
            List<JsonNode> before = left.stream()
                    .filter(condition -> scope.isAbout(condition, joined::contains))
                    .toList();
            left.removeAll(before);
            conditioned.add(new Step(step.source(), step.with(), before));
            joined.add(step.source());
        }
        return new JoinOrder(conditioned, left);
    }

    /** Whether these are the sources of this block. */
    boolean isOf(Block block) {
        return block.from()
                .filter(tree -> tree.visible().contains(steps.get(0).source()))
                .isPresent();
    }

    /** The table that gives a source its rows, one for one. */
    private static Optional<Leaf> leaf(Source source) {
        return source.leaf().or(() -> only(source).flatMap(JoinOrder::leaf));
    }

    private static Optional<Source> only(Source source) {
        return source.query().isPresent()
                        && source.query().get() instanceof Block block
                        && block.from().isPresent()
                        && block.from().get() instanceof One one
                ? Optional.of(one.source())
                : Optional.empty();
    }

    private static boolean areDistinctTables(List<Source> sources) {
        return sources.stream()
                        .allMatch(source ->
                                leaf(source).isPresent() && !source.alias().isEmpty())
                && sources.stream()
                                .map(source -> SyntaxTree.folded(source.alias()))
                                .distinct()
                                .count()
                        == sources.size();
    }

    /** @return whether the joins may be written in another order, with their conditions in WHERE */
    private static boolean read(
            JoinTree tree, List<Source> sources, List<Equality> equalities, List<JsonNode> conditions)
            throws UnsupportedQueryException {
        if (tree instanceof One) {
            return true;
        }
        Join join = (Join) tree;
        if (join.kind() != Kind.INNER
                || join.isAsOf()
                || !strings(join.node(), "using_columns").isEmpty()) {
            return false;
        }
        List<Equality> joining = join.equalities().stream()
                .filter(equality ->
                        !equality.left().source().equals(equality.right().source()))
                .toList();
        JsonNode condition = join.node().path("condition");
        if (!isAbsent(join.node(), "condition")
                && SyntaxTree.conjuncts(condition).size() > joining.size()) {
            // In WHERE a name can mean a column of more tables than it could in the join.
            if (!namesTables(condition, sources)) {
                return false;
            }
            conditions.addAll(SyntaxTree.conjuncts(condition));
        }
        equalities.addAll(joining);
        return read(join.left(), sources, equalities, conditions)
                && read(join.right(), sources, equalities, conditions);
    }

    /** Whether every column is named with its table, so that it means the same wherever the tables are seen. */
    private static boolean namesTables(JsonNode condition, List<Source> sources) {
        boolean[] always = {true};
        SyntaxTree.visit(condition, node -> {
            JsonNode names = node.path("column_names");
            if (isClass(node, "COLUMN_REF")
                            && (names.size() != 2
                                    || sources.stream()
                                            .noneMatch(source ->
                                                    source.isCalled(names.get(0).asText())))
                    || isClass(node, "LAMBDA")
                    || isClass(node, "SUBQUERY")) {
                always[0] = false;
            }
        });
        return always[0];
    }

    /** Equalities of a source with others, its own columns left. */
    private static List<Equality> between(Source source, Set<Source> joined, List<Equality> equalities) {
        return equalities.stream()
                .flatMap(equality -> Stream.of(equality, new Equality(equality.right(), equality.left())))
                .filter(equality -> equality.left().source().equals(source)
                        && joined.contains(equality.right().source()))
                .toList();
    }
}
