package dev.freshet.transform.plan.query;

import static dev.freshet.transform.plan.query.SyntaxTree.folded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Correction;
import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.query.JoinTree.Join;
import dev.freshet.transform.plan.query.JoinTree.Kind;
import dev.freshet.transform.plan.query.JoinTree.One;
import dev.freshet.transform.plan.query.Query.Block;
import dev.freshet.transform.plan.query.Query.Item;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A table of which a query takes nothing but values for its result, found by the table's key: the product's name on the line of an order. Where such a row changes, the same rows are in the
 * result as before, with other values: those that are stored with its key can be corrected without a look at any other table.
 *
 * @param leaf read in this place only
 * @param column the result's, counted from 0, that is the table's key in every row that has one of the table's rows
 * @param values the result's columns that are made of the table, and how: expressions over {@link Correction#STORED}, which has the result's columns, and {@link Correction#NEW}, which has those of
 *     {@code rows}
 * @param optional rows of the result need not have one of the table's rows. Otherwise the same rows are in the result only as long as the table has the same keys
 * @param rows a query for {@link RowMaintenance#KEY} and what the values are made of: for each {@link #TOUCHED_KEY} in {@link #TOUCHED}, with the rows that are read for the leaf
 */
public record LookedUpTable(Leaf leaf, int column, SortedMap<Integer, String> values, boolean optional, Template rows) {

    /** The relation whose keys {@link #rows} are for. */
    public static final String TOUCHED = "_freshet_looked_up";

    /** Its only column. */
    public static final String TOUCHED_KEY = "_freshet_looked_up_key";

    /** Followed by a number from 0: what values are made of. */
    private static final String PART = "_freshet_part_";

    /** How a row of a source is in the rows of a FROM clause. */
    private enum Place {
        /** Each row has one, which is met under conditions. */
        INNER,
        /** Each row may have one, met by its key alone. */
        OPTIONAL
    }

    /** @return those that a query has */
    public static List<LookedUpTable> of(ParsedQuery parsed) throws UnsupportedQueryException {
        if (!(parsed.query() instanceof Block block)
                || !makesEachByItself(block)
                || block.from().isEmpty()
                || parsed.hasCollations()
                || parsed.takesWholeRows()) {
            return List.of();
        }
        Optional<List<Made>> made = made(block);
        if (made.isEmpty() || !standAlone(block.from().get())) {
            return List.of();
        }
        List<LookedUpTable> found = new ArrayList<>();
        for (Source source : block.from().get().visible()) {
            Optional<Leaf> leaf = onlyLeaf(source);
            if (leaf.isPresent()
                    && leaf.get().schema().key().size() == 1
                    && parsed.leaves().stream()
                            .noneMatch(other -> !other.equals(leaf.get())
                                    && other.table().equals(leaf.get().table()))) {
                of(parsed, block, source, leaf.get(), made.get()).ifPresent(found::add);
            }
        }
        return found;
    }

    private static boolean makesEachByItself(Block block) {
        return block.isLinear() && SyntaxTree.isAbsent(block.node(), "qualify");
    }

    /** An item of the SELECT list, with what names in it stand for. */
    private record Made(Item item, Scope scope, Set<ScopeColumn> columns) {

        boolean isOf(Source source) {
            return columns.stream().anyMatch(column -> column.source().equals(source));
        }
    }

    /** What each column of the result is made of; empty where a name may mean something else. */
    private static Optional<List<Made>> made(Block block) {
        List<Made> made = new ArrayList<>();
        Set<String> redefined = new HashSet<>();
        for (Item item : block.items()) {
            Scope scope = block.scope().without(redefined);
            Optional<Set<ScopeColumn>> columns = item.column().isPresent()
                    ? Optional.of(Set.of(item.column().get()))
                    : item.expression().flatMap(expression -> columns(expression, scope));
            if (columns.isEmpty()) {
                return Optional.empty();
            }
            made.add(new Made(item, scope, columns.get()));
            if (item.column().isEmpty() || !folded(item.column().get().name()).equals(folded(item.name()))) {
                redefined.add(folded(item.name()));
            }
        }
        return Optional.of(made);
    }

    /** The columns that an expression names; empty where a name may mean something else. */
    private static Optional<Set<ScopeColumn>> columns(JsonNode expression, Scope scope) {
        Set<ScopeColumn> columns = new HashSet<>();
        boolean[] clear = {true};
        SyntaxTree.visit(expression, part -> {
            if (SyntaxTree.isType(part, "COLUMN_REF")) {
                scope.resolve(part).ifPresentOrElse(columns::add, () -> clear[0] = false);
            }
            clear[0] &= !SyntaxTree.isClass(part, "LAMBDA")
                    && !SyntaxTree.isClass(part, "SUBQUERY")
                    && !SyntaxTree.isClass(part, "STAR")
                    && !SyntaxTree.isClass(part, "POSITIONAL_REFERENCE");
        });
        return clear[0] ? Optional.of(columns) : Optional.empty();
    }

    /** Whether nothing in FROM names what stands beside it, but for the conditions of joins. */
    private static boolean standAlone(JoinTree tree) {
        if (tree instanceof Join join) {
            return standAlone(join.left()) && standAlone(join.right());
        }
        Source source = ((One) tree).source();
        return source.leaf().isPresent()
                || source.query()
                        .map(LineageReader::standsAlone)
                        .orElseGet(() -> !source.node().findValuesAsText("type").contains("COLUMN_REF"));
    }

    /** The table that alone gives the source's rows, each by itself. */
    private static Optional<Leaf> onlyLeaf(Source source) {
        return source.leaf().or(() -> source.query()
                .filter(Block.class::isInstance)
                .map(Block.class::cast)
                .filter(LookedUpTable::makesEachByItself)
                .flatMap(Block::from)
                .filter(One.class::isInstance)
                .flatMap(from -> onlyLeaf(((One) from).source())));
    }

    private static boolean hasFilter(Source source) {
        return source.query()
                .map(Block.class::cast)
                .filter(block -> !SyntaxTree.isAbsent(block.node(), "where_clause")
                        || hasFilter(((One) block.from().orElseThrow()).source()))
                .isPresent();
    }

    private static Optional<LookedUpTable> of(
            ParsedQuery parsed, Block block, Source source, Leaf leaf, List<Made> made)
            throws UnsupportedQueryException {
        String keyName = leaf.schema().key().get(0);
        Optional<ScopeColumn> key = IntStream.range(0, source.names().size())
                .mapToObj(i -> new ScopeColumn(source, i))
                .filter(column -> !column.name().isEmpty()
                        && column.copied().filter(keyName::equals).isPresent())
                .findFirst();
        Optional<Place> place = key.flatMap(column -> place(block.from().orElseThrow(), column));
        if (place.isEmpty()
                || place.get() == Place.INNER && hasFilter(source)
                || !key.get().type().filter(Partitioning::isKeyType).isPresent()
                || !decidesOverNoRows(block, key.get(), place.get())) {
            return Optional.empty();
        }
        Set<ScopeColumn> same = equal(block, key.get(), place.get());
        if (place.get() == Place.INNER) {
            same.add(key.get());
        }
        OptionalInt column = IntStream.range(0, made.size())
                .filter(i -> made.get(i).item().column().filter(same::contains).isPresent())
                .findFirst();
        if (column.isEmpty()) {
            return Optional.empty();
        }
        List<ScopeColumn> parts = new ArrayList<>();
        SortedMap<Integer, String> values = new TreeMap<>();
        for (int i = 0; i < made.size(); i++) {
            if (i != column.getAsInt() && made.get(i).isOf(source)) {
                Optional<JsonNode> value = value(parsed, made.get(i), source, made, parts);
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                values.put(i, parsed.text(value.get()));
            }
        }
        return Optional.of(new LookedUpTable(
                leaf,
                column.getAsInt(),
                values,
                place.get() == Place.OPTIONAL,
                parsed.template(rows(parsed, key.get(), parts))));
    }

    /**
     * A column of the result, made of the result's other columns and of what it takes from the source.
     *
     * @param parts receives the source's columns
     * @return empty where it is made of columns of other sources that are not in the result
     */
    private static Optional<JsonNode> value(
            ParsedQuery parsed, Made made, Source source, List<Made> all, List<ScopeColumn> parts)
            throws UnsupportedQueryException {
        JsonNode expression = made.item().column().isPresent()
                ? parsed.expression(spelled(made.item().column().get()))
                : made.item().expression().orElseThrow().deepCopy();
        boolean[] found = {true};
        SyntaxTree.visit(expression, part -> {
            if (SyntaxTree.isType(part, "COLUMN_REF")) {
                Optional<List<String>> name =
                        made.scope().resolve(part).flatMap(column -> name(column, source, all, parts));
                found[0] &= name.isPresent();
                ArrayNode names = part.putArray("column_names");
                name.ifPresent(words -> words.forEach(names::add));
            }
        });
        return found[0] ? Optional.of(named(expression, "")) : Optional.empty();
    }

    private static Optional<List<String>> name(
            ScopeColumn column, Source source, List<Made> all, List<ScopeColumn> parts) {
        if (column.source().equals(source)) {
            if (!parts.contains(column)) {
                parts.add(column);
            }
            return Optional.of(List.of(Correction.NEW, PART + parts.indexOf(column)));
        }
        return all.stream()
                .map(Made::item)
                .filter(item -> item.column().filter(column::equals).isPresent()
                        && !item.name().isEmpty())
                .findFirst()
                .map(item -> List.of(Correction.STORED, item.name()));
    }

    private static Optional<Place> place(JoinTree tree, ScopeColumn key) {
        if (tree instanceof One one) {
            return one.source().equals(key.source()) ? Optional.of(Place.INNER) : Optional.empty();
        }
        Join join = (Join) tree;
        if (join.subqueries()) {
            return Optional.empty();
        }
        boolean inLeft = join.left().visible().contains(key.source());
        return switch (join.kind()) {
            case INNER -> place(inLeft ? join.left() : join.right(), key);
            case LEFT ->
                inLeft
                        ? place(join.left(), key)
                        : join.right() instanceof One one
                                        && one.source().equals(key.source())
                                        && meetsByKeyAlone(join, key)
                                ? Optional.of(Place.OPTIONAL)
                                : Optional.empty();
            case SEMI, ANTI -> inLeft ? place(join.left(), key) : Optional.empty();
            case RIGHT, FULL -> Optional.empty();
        };
    }

    private static boolean meetsByKeyAlone(Join join, ScopeColumn key) {
        JsonNode condition = join.node().path("condition");
        int using = join.node().path("using_columns").size();
        return !join.isAsOf()
                && join.equalities().size() == 1
                && SyntaxTree.conjuncts(condition).size() + using == 1
                && other(join.equalities().get(0), key).isPresent();
    }

    /** The other side of an equality with a column, of the column's type. */
    private static Optional<ScopeColumn> other(Equality equality, ScopeColumn column) {
        Optional<ScopeColumn> other = equality.left().equals(column)
                ? Optional.of(equality.right())
                : equality.right().equals(column) ? Optional.of(equality.left()) : Optional.empty();
        return other.filter(found -> Partitioning.isSameType(found.type(), column.type()));
    }

    /** Whether conditions name nothing of the key's source, but the key where each row has one. */
    private static boolean decidesOverNoRows(Block block, ScopeColumn key, Place place) {
        List<JsonNode> conditions = new ArrayList<>(List.of(block.node().path("where_clause")));
        collect(block.from().orElseThrow(), conditions, key, place);
        return namesInUsing(block.from().orElseThrow(), key)
                && conditions.stream().allMatch(condition -> isWithout(condition, block.scope(), key, place));
    }

    private static boolean isWithout(JsonNode condition, Scope scope, ScopeColumn key, Place place) {
        return columns(condition, scope)
                .filter(columns -> columns.stream()
                        .noneMatch(column ->
                                column.source().equals(key.source()) && !(place == Place.INNER && column.equals(key))))
                .isPresent();
    }

    /** The conditions of joins, without the one that an optional source is met by. */
    private static void collect(JoinTree tree, List<JsonNode> conditions, ScopeColumn key, Place place) {
        if (tree instanceof Join join) {
            collect(join.left(), conditions, key, place);
            collect(join.right(), conditions, key, place);
            boolean own = place == Place.OPTIONAL
                    && join.right() instanceof One one
                    && one.source().equals(key.source());
            if (!own && !SyntaxTree.isAbsent(join.node(), "condition")) {
                conditions.add(join.node().path("condition"));
            }
        }
    }

    /** Whether USING names no column of the key's source but the key. */
    private static boolean namesInUsing(JoinTree tree, ScopeColumn key) {
        if (!(tree instanceof Join join)) {
            return true;
        }
        for (JsonNode name : join.node().path("using_columns")) {
            int index = key.source().indexOf(name.asText());
            if (index != -1 && index != key.index()) {
                return false;
            }
        }
        return namesInUsing(join.left(), key) && namesInUsing(join.right(), key);
    }

    /** The columns of other sources that have the key in every row that has one of the source's rows. */
    private static Set<ScopeColumn> equal(Block block, ScopeColumn key, Place place) {
        List<Equality> equalities = new ArrayList<>();
        if (place == Place.INNER) {
            equalities.addAll(block.where());
        }
        collect(block.from().orElseThrow(), equalities, place, key);
        Set<ScopeColumn> same = new HashSet<>();
        equalities.forEach(equality -> other(equality, key).ifPresent(same::add));
        return same;
    }

    /** Of the joins that the source's rows leave as they are. */
    private static void collect(JoinTree tree, List<Equality> equalities, Place place, ScopeColumn key) {
        if (!(tree instanceof Join join)) {
            return;
        }
        boolean own = join.right() instanceof One one && one.source().equals(key.source());
        if (join.kind() == Kind.INNER || own && place == Place.OPTIONAL) {
            equalities.addAll(join.equalities());
        }
        boolean inLeft = join.left().visible().contains(key.source());
        collect(inLeft ? join.left() : join.right(), equalities, place, key);
    }

    private static ObjectNode rows(ParsedQuery parsed, ScopeColumn key, List<ScopeColumn> parts)
            throws UnsupportedQueryException {
        ObjectNode select = parsed.emptySelect();
        List<JsonNode> list = new ArrayList<>();
        String touched = TOUCHED + "." + TOUCHED_KEY;
        list.add(named(parsed.expression(touched), RowMaintenance.KEY));
        for (int i = 0; i < parts.size(); i++) {
            list.add(named(parsed.expression(spelled(parts.get(i))), PART + i));
        }
        list.forEach(select.putArray("select_list")::add);
        select.set(
                "from_table",
                parsed.join(
                        "LEFT",
                        SyntaxTree.object(parsed.fromTable(TOUCHED), "from_table"),
                        key.source().node().deepCopy(),
                        parsed.expression(touched + " = " + spelled(key))));
        return select;
    }

    private static JsonNode named(JsonNode expression, String name) {
        return ((ObjectNode) expression).put("alias", name);
    }

    private static String spelled(ScopeColumn column) {
        String alias = column.source().alias();
        return (alias.isEmpty() ? "" : StateNames.quote(alias) + ".") + StateNames.quote(column.name());
    }
}
