package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;
import static dev.freshet.transform.plan.query.SyntaxTree.isClass;
import static dev.freshet.transform.plan.query.SyntaxTree.isType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.state.Column;
import dev.freshet.transform.plan.query.ColumnLineage.Origin;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import dev.freshet.transform.plan.query.Query.SetKind;
import dev.freshet.transform.plan.query.Query.SetOperation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Follows columns from the inside out. A name that may mean several things means all of them here. */
final class LineageReader {

    /**
     * Where the columns of a query's result come from.
     *
     * @param rows what decides over its rows
     */
    record Origins(List<Set<Origin>> columns, Set<Origin> rows) {}

    /** One SELECT, for the names in its expressions. */
    private static final class Names {
        private final Scope scope;
        private final List<Source> sources;
        private final List<Item> items;
        private final Set<Item> underway = new HashSet<>();

        Names(Scope scope, List<Source> sources, List<Item> items) {
            this.scope = scope;
            this.sources = sources;
            this.items = items;
        }
    }

    private final Map<Source, Origins> known = new HashMap<>();
    private final Set<Leaf> seen = new HashSet<>();

    /** @throws UnsupportedQueryException also when a table is read in a place that was not come by */
    Origins of(ParsedQuery parsed) throws UnsupportedQueryException {
        Origins origins = of(parsed.query(), List.of());
        if (!seen.containsAll(parsed.leaves())) {
            throw unclear("a subquery in an unusual place");
        }
        return origins;
    }

    /** Whether a query names nothing outside of it; in doubt it does. */
    static boolean standsAlone(Query query) {
        try {
            new LineageReader().requireNothingOutside(query);
            return true;
        } catch (UnsupportedQueryException e) {
            return false;
        }
    }

    /** @throws UnsupportedQueryException when a query may name something that is not in it */
    void requireNothingOutside(Query query) throws UnsupportedQueryException {
        of(query, List.of());
    }

    /** @param outside what names that the query does not know itself may mean, the nearest first */
    private Origins of(Query query, List<Names> outside) throws UnsupportedQueryException {
        return query instanceof SetOperation operation ? of(operation, outside) : of((Block) query, outside);
    }

    private Origins of(SetOperation operation, List<Names> outside) throws UnsupportedQueryException {
        List<Set<Origin>> columns = new ArrayList<>();
        operation.names().forEach(name -> columns.add(new HashSet<>()));
        Set<Origin> rows = new HashSet<>();
        for (Query operand : operation.operands()) {
            Origins origins = of(operand, outside);
            if (origins.columns().size() != columns.size()) {
                throw unclear("a set operation over different numbers of columns");
            }
            rows.addAll(origins.rows());
            for (int i = 0; i < columns.size(); i++) {
                columns.get(i).addAll(origins.columns().get(i));
            }
        }
        boolean bag = operation.kind() == SetKind.UNION && operation.all();
        if (!bag || operation.distinct() || operation.limited()) {
            columns.forEach(rows::addAll);
        }
        return new Origins(columns, rows);
    }

    private Origins of(Block block, List<Names> outside) throws UnsupportedQueryException {
        List<Source> sources = block.from().map(JoinTree::visible).orElse(List.of());
        List<Names> names = new ArrayList<>(List.of(new Names(block.scope(), sources, block.items())));
        names.addAll(outside);
        Set<Origin> rows = new HashSet<>();
        if (block.from().isPresent()) {
            rows.addAll(rows(block.from().get(), outside));
        }
        for (String field : List.of("where_clause", "group_expressions", "having", "qualify")) {
            rows.addAll(expression(block.node().path(field), names));
        }
        if (block.unnests()) {
            rows.addAll(expression(block.node().path("select_list"), names));
        }
        for (Nested nested : block.nested()) {
            Origins origins = of(nested.query(), names);
            rows.addAll(origins.rows());
            origins.columns().forEach(rows::addAll);
        }
        List<Set<Origin>> columns = new ArrayList<>();
        for (Item item : block.items()) {
            columns.add(item(item, names));
        }
        if (block.limited() || block.distinctOn().isPresent()) {
            rows.addAll(expression(block.node().path("modifiers"), names));
        }
        if (block.distinct() || block.limited() || block.distinctOn().isPresent() || groupsByItems(block)) {
            columns.forEach(rows::addAll);
        }
        return new Origins(columns, rows);
    }

    /** GROUP BY ALL and GROUP BY 1 name no column. */
    private static boolean groupsByItems(Block block) {
        boolean[] constant = {block.node().path("aggregate_handling").asText().equals("FORCE_AGGREGATES")};
        block.node()
                .path("group_expressions")
                .forEach(expression -> constant[0] |= isType(expression, "VALUE_CONSTANT"));
        return constant[0];
    }

    private Set<Origin> rows(JoinTree tree, List<Names> outside) throws UnsupportedQueryException {
        if (tree instanceof One one) {
            return of(one.source(), outside).rows();
        }
        Join join = (Join) tree;
        Set<Origin> rows = new HashSet<>(rows(join.left(), outside));
        List<Names> around = new ArrayList<>(List.of(names(join.left().visible())));
        around.addAll(outside);
        rows.addAll(rows(join.right(), around));
        if (join.subqueries()) {
            throw unclear("a subquery in a join's condition");
        }
        List<Source> sources = new ArrayList<>(join.left().visible());
        sources.addAll(join.right().visible());
        List<Names> names = new ArrayList<>(List.of(names(sources)));
        names.addAll(outside);
        rows.addAll(expression(join.node().path("condition"), names));
        for (JsonNode column : join.node().path("using_columns")) {
            rows.addAll(called(column.asText(), names.get(0)));
        }
        return rows;
    }

    private static Names names(List<Source> sources) {
        return new Names(new Scope(sources, Set.of(), Set.of()), sources, List.of());
    }

    private Origins of(Source source, List<Names> outside) throws UnsupportedQueryException {
        Origins before = known.get(source);
        if (before != null) {
            return before;
        }
        Origins origins;
        if (source.leaf().isPresent()) {
            Leaf leaf = source.leaf().get();
            seen.add(leaf);
            List<Set<Origin>> columns = new ArrayList<>();
            for (Column column : leaf.schema().columns()) {
                columns.add(Set.of(new Origin(leaf.table(), column.name())));
            }
            origins = new Origins(columns, Set.of());
        } else if (source.query().isPresent()) {
            origins = of(source.query().get(), outside);
        } else {
            boolean[] named = {false};
            SyntaxTree.visit(source.node(), part -> named[0] |= isType(part, "COLUMN_REF"));
            if (named[0]) {
                throw unclear("VALUES that name columns");
            }
            List<Set<Origin>> none = new ArrayList<>();
            source.names().forEach(name -> none.add(Set.of()));
            origins = new Origins(none, Set.of());
        }
        known.put(source, origins);
        return origins;
    }

    private Set<Origin> item(Item item, List<Names> names) throws UnsupportedQueryException {
        if (item.column().isPresent()) {
            return column(item.column().get());
        }
        Names own = names.get(0);
        if (!own.underway.add(item)) {
            return Set.of();
        }
        try {
            return expression(
                    item.expression().orElseThrow(() -> unclear("a star over columns that share a name")), names);
        } finally {
            own.underway.remove(item);
        }
    }

    private Set<Origin> column(ScopeColumn column) throws UnsupportedQueryException {
        // What a query outside of FROM may name was read with it.
        return of(column.source(), List.of()).columns().get(column.index());
    }

    /** Everything that an expression names, but not in subqueries, which are read as queries. */
    private Set<Origin> expression(JsonNode expression, List<Names> names) throws UnsupportedQueryException {
        List<JsonNode> references = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        SyntaxTree.visit(expression, part -> {
            if (isType(part, "COLUMN_REF")) {
                references.add(part);
            } else if (isClass(part, "STAR") || isClass(part, "POSITIONAL_REFERENCE") || isClass(part, "LAMBDA")) {
                unknown.add(part.path("class").asText());
            }
        });
        if (!unknown.isEmpty()) {
            throw unclear("an expression with " + unknown.get(0));
        }
        Set<Origin> origins = new HashSet<>();
        for (JsonNode reference : references) {
            origins.addAll(reference(reference, names));
        }
        return origins;
    }

    private Set<Origin> reference(JsonNode reference, List<Names> names) throws UnsupportedQueryException {
        Set<Origin> found = new HashSet<>();
        boolean meant = false;
        for (int i = 0; i < names.size(); i++) {
            Names block = names.get(i);
            Optional<ScopeColumn> column = block.scope.resolve(reference);
            if (column.isPresent()) {
                found.addAll(column(column.get()));
                return found;
            }
            String first = reference.path("column_names").path(0).asText();
            meant |= block.scope.couldMean(first);
            for (JsonNode part : reference.path("column_names")) {
                String name = part.asText();
                found.addAll(called(name, block));
                for (Item item : block.items) {
                    if (isCalled(item, name) && !block.underway.contains(item)) {
                        meant |= name.equals(first);
                        found.addAll(item(item, names.subList(i, names.size())));
                    }
                }
            }
        }
        if (!meant) {
            throw unclear("a name that stands for nothing known");
        }
        return found;
    }

    private static boolean isCalled(Item item, String name) {
        return !item.name().isEmpty() && folded(item.name()).equals(folded(name));
    }

    /** Every column of that name, and all columns of a source of that name. */
    private Set<Origin> called(String name, Names block) throws UnsupportedQueryException {
        Set<Origin> found = new HashSet<>();
        for (Source source : block.sources) {
            List<Set<Origin>> columns = of(source, List.of()).columns();
            for (int i = 0; i < columns.size(); i++) {
                String column = source.names().get(i);
                if (source.isCalled(name) || column.isEmpty() || folded(column).equals(folded(name))) {
                    found.addAll(columns.get(i));
                }
            }
        }
        return found;
    }

    private static UnsupportedQueryException unclear(String what) {
        return new UnsupportedQueryException("has " + what);
    }
}
