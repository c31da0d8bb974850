package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.AffectedKeys;
import dev.freshet.transform.plan.query.KeyFilter;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The way from changed rows to the keys of one partitioning.
 *
 * <p>Right as long as the keys are enough: more keys cost time, never exactness.
 */
final class FollowedKeys {

    private static final String FOUND = "_freshet_found";
    private static final Function<Column, DataType> SPELLED = column -> Simple.VARCHAR;

    private final TableId model;
    private final Partitioning partitioning;
    /** For leaves that are not restricted: the query for the keys that their changes affect. */
    private final Map<Leaf, Template> linked = new HashMap<>();

    private final SharedLookups lookups;
    private final List<Leaf> leaves;
    /** Those whose rows with NULL decide over the result. */
    private final Set<Leaf> mindingNull = new HashSet<>();
    /** Of rows with NULL those that changed are enough. */
    private final boolean nullRowByRow;
    /** The keys that changes give without a look at another table. */
    private final List<ChangedValues> values;
    /** Finds those keys that can have rows. */
    private final Optional<Template> filter;
    /** What of a leaf has to be read. */
    private final Map<Leaf, List<Column>> needed = new HashMap<>();

    FollowedKeys(TableId model, ParsedQuery parsed, Partitioning partitioning, SharedLookups lookups)
            throws UnsupportedQueryException {
        this.lookups = lookups;
        this.model = model;
        this.partitioning = partitioning;
        this.leaves = parsed.leaves();
        this.values = leaves.stream()
                .flatMap(leaf ->
                        partitioning.columnOf(leaf).map(column -> new ChangedValues(leaf.table(), column)).stream())
                .toList();
        this.filter = KeyFilter.of(parsed, partitioning);
        this.nullRowByRow = partitioning.isNullRowByRow(leaves);
        AffectedKeys affected = new AffectedKeys(parsed);
        for (Leaf leaf : leaves) {
            Set<String> names = new HashSet<>(leaf.schema().key());
            partitioning.columnOf(leaf).ifPresent(names::add);
            parsed.mentioned(leaf).forEach(column -> names.add(column.name()));
            needed.put(
                    leaf,
                    leaf.schema().columns().stream()
                            .filter(column -> names.isEmpty() || names.contains(column.name()))
                            .toList());
            // A part that several leaves of a table read has what any of them needs.
            if (leaves.stream()
                    .filter(each -> each.table().equals(leaf.table())
                            && partitioning.columnOf(each).equals(partitioning.columnOf(leaf)))
                    .anyMatch(partitioning::mindsNull)) {
                mindingNull.add(leaf);
            }
            if (partitioning.columnOf(leaf).isEmpty()) {
                Optional<Template> keys = affected.of(partitioning, leaf);
                keys.ifPresent(template -> linked.put(leaf, template));
            }
        }
    }

    Partitioning partitioning() {
        return partitioning;
    }

    /** Whether a change of this table can be followed to the keys. */
    boolean follows(TableId table) {
        return leaves.stream()
                .filter(leaf -> leaf.table().equals(table))
                .allMatch(leaf -> partitioning.columnOf(leaf).isPresent() || linked.containsKey(leaf));
    }

    long followedTables() {
        return leaves.stream().map(Leaf::table).distinct().filter(this::follows).count();
    }

    /** Whether the text reads this table; a model may depend on more than it reads. */
    boolean reads(TableId table) {
        return leaves.stream().anyMatch(leaf -> leaf.table().equals(table));
    }

    /** How many of the leaves give their keys without a look at another table. */
    long restrictedLeaves() {
        return leaves.stream()
                .filter(leaf -> partitioning.columnOf(leaf).isPresent())
                .count();
    }

    Keys stage(RowMaintenance state, Predicate<TableId> changed) {
        if (leaves.stream().noneMatch(leaf -> changed.test(leaf.table()))) {
            return state.stageKeys(
                    model,
                    partitioning.type(),
                    List.of("SELECT NULL::" + partitioning.type().sql() + " WHERE false"));
        }
        List<String> keys = leaves.stream()
                .filter(leaf -> changed.test(leaf.table()))
                .map(leaf -> partitioning
                        .columnOf(leaf)
                        .map(column -> "SELECT " + StateNames.quote(column) + " FROM " + StateNames.delta(leaf.table())
                                + (mindingNull.contains(leaf)
                                        ? ""
                                        : " WHERE " + StateNames.quote(column) + " IS NOT NULL"))
                        .orElseGet(() -> "SELECT * FROM (" + linkedKeys(leaf, changed) + ")"))
                .distinct()
                .toList();
        return state.stageKeys(
                model,
                partitioning.type(),
                filter.map(template -> filtered(state, keys, template, changed)).orElse(keys));
    }

    private List<String> filtered(
            RowMaintenance state, List<String> keys, Template filter, Predicate<TableId> changed) {
        String wanted = filter.text(leaf -> {
            String rows = "SELECT " + columnsNeeded(leaf) + " FROM ";
            return "(" + rows + shared(state, changed, leaf) + " WHERE "
                    + StateNames.quote(partitioning.columnOf(leaf).orElseThrow()) + " IN (SELECT k FROM " + FOUND + ")"
                    + (changed.test(leaf.table()) ? " UNION ALL " + rows + StateNames.delta(leaf.table()) : "") + ")";
        });
        return List.of("SELECT * FROM (WITH " + FOUND + "(k) AS MATERIALIZED (SELECT DISTINCT * FROM ("
                + String.join(" UNION ALL ", keys) + ")) SELECT k FROM " + FOUND + " WHERE k IS NULL OR k IN (" + wanted
                + "))");
    }

    private String linkedKeys(Leaf changedLeaf, Predicate<TableId> changed) {
        Template template = linked.get(changedLeaf);
        if (template == null) {
            throw new IllegalStateException("the change of " + changedLeaf.table() + " is not followed");
        }
        return template.text(leaf -> {
            String delta = "SELECT " + columns(leaf) + " FROM " + StateNames.delta(leaf.table());
            if (leaf.equals(changedLeaf)) {
                return "(" + delta + ")";
            }
            String relation = StateNames.relation(leaf.table());
            return changed.test(leaf.table()) && partitioning.columnOf(leaf).isEmpty()
                    ? "(SELECT " + columns(leaf) + " FROM " + relation + " UNION ALL " + delta + ")"
                    : relation;
        });
    }

    /** In the table's order, on which stars, column aliases and whole rows depend. */
    static String columns(Leaf leaf) {
        return columns(leaf.schema().columns().stream());
    }

    static String columns(Stream<Column> columns) {
        return columns.map(column -> StateNames.quote(column.name())).collect(Collectors.joining(", "));
    }

    /** This is how the model will be kept. */
    void announce() {
        for (Leaf leaf : leaves) {
            List<String> columns = needed(leaf).stream().map(Column::name).toList();
            partitioning.columnOf(leaf).ifPresent(column -> {
                if (filter.isPresent()) {
                    lookups.addFew(model, leaf, column, values, columns);
                } else {
                    lookups.add(model, leaf, column, values, columns);
                }
            });
        }
    }

    /** What to read in the place of a leaf, to have the rows of the keys as they are. */
    String now(RowMaintenance state, Predicate<TableId> changed, Leaf leaf, Keys keys) {
        return partitioning.columnOf(leaf).isEmpty()
                ? StateNames.relation(leaf.table())
                : "(" + restricted(leaf, shared(state, changed, leaf), StateNames.relation(leaf.table()), keys) + ")";
    }

    /** A relation with all rows that have one of the keys, NULL apart. */
    private String shared(RowMaintenance state, Predicate<TableId> changed, Leaf leaf) {
        boolean direct = leaves.stream()
                .filter(each -> changed.test(each.table()))
                .allMatch(each -> partitioning.columnOf(each).isPresent());
        return direct
                ? lookups.relation(state, leaf, partitioning.columnOf(leaf).orElseThrow(), values)
                : StateNames.relation(leaf.table());
    }

    /** Whether few rows are read of every leaf: those that have the affected keys were found. */
    boolean hasFew(RowMaintenance state, Predicate<TableId> changed, Keys keys) {
        return (!keys.withNull() || nullRowByRow)
                && leaves.stream()
                        .allMatch(leaf -> partitioning.columnOf(leaf).isPresent()
                                && !shared(state, changed, leaf).equals(StateNames.relation(leaf.table())));
    }

    private String columnsNeeded(Leaf leaf) {
        return columns(needed(leaf).stream());
    }

    private List<Column> needed(Leaf leaf) {
        return Objects.requireNonNull(needed.get(leaf));
    }

    private String restricted(Leaf leaf, String relation, Keys keys) {
        return restricted(leaf, relation, relation, keys);
    }

    /**
     * @param known where the rows are read that have one of the keys
     * @param all where those are read that have NULL
     */
    private String restricted(Leaf leaf, String known, String all, Keys keys) {
        Optional<String> column = partitioning.columnOf(leaf);
        String select = "SELECT " + columnsNeeded(leaf) + " FROM ";
        if (column.isEmpty()) {
            return select + all;
        }
        String name = StateNames.quote(column.get());
        // NULL is told apart instead of IS NOT DISTINCT FROM, which can't make use of the table's statistics.
        return select + known + " WHERE " + name + " IN (SELECT " + RowMaintenance.KEY + " FROM "
                + StateNames.keys(model) + ")"
                + (keys.withNull() && mindingNull.contains(leaf)
                        ? " UNION ALL " + select + all + " WHERE " + name + " IS NULL"
                        : "");
    }

    /**
     * The rows of the affected parts as they are, with weight 1, and as they were, with weight -1. What is restricted is read once, also where a table has
     * several leaves.
     *
     * @param rows gives every row the weight 1
     */
    String difference(RowMaintenance state, Template rows, Predicate<TableId> changed, Keys keys) {
        Map<List<String>, String> parts = new LinkedHashMap<>();
        List<String> common = new ArrayList<>();
        Map<Leaf, String> now = new HashMap<>();
        Map<Leaf, String> before = new HashMap<>();
        for (Leaf leaf : leaves) {
            String relation = StateNames.relation(leaf.table());
            Optional<String> column = partitioning.columnOf(leaf);
            if (column.isEmpty()) {
                now.put(leaf, relation);
                before.put(leaf, changed.test(leaf.table()) ? "(" + before(leaf, relation, keys) + ")" : relation);
                continue;
            }
            String name = parts.computeIfAbsent(List.of(relation, column.get()), key -> {
                String part = "_freshet_part_" + parts.size();
                common.add(part + " AS MATERIALIZED ("
                        + restricted(leaf, shared(state, changed, leaf), withNull(leaf, relation, changed, keys), keys)
                        + ")");
                if (changed.test(leaf.table())) {
                    common.add(part + "_before AS MATERIALIZED (" + before(leaf, part, keys) + ")");
                }
                return part;
            });
            now.put(leaf, name);
            before.put(leaf, changed.test(leaf.table()) ? name + "_before" : name);
        }
        String weight = StateNames.quote(StateNames.WEIGHT);
        return "WITH " + String.join(", ", common) + " SELECT * FROM (" + rows.text(now::get)
                + ") UNION ALL SELECT * REPLACE (-" + weight + " AS " + weight + ") FROM (" + rows.text(before::get)
                + ")";
    }

    /** Where the rows with NULL are read that decide over the difference. */
    private String withNull(Leaf leaf, String relation, Predicate<TableId> changed, Keys keys) {
        return nullRowByRow && keys.withNull() && changed.test(leaf.table())
                ? copies(StateNames.delta(leaf.table()), StateNames.quote(StateNames.WEIGHT) + " > 0")
                : relation;
    }

    /** @param now has a changed leaf's rows as they are, all or those of the keys */
    private String before(Leaf leaf, String now, Keys keys) {
        String delta = StateNames.delta(leaf.table());
        String weight = StateNames.quote(StateNames.WEIGHT);
        if (leaf.schema().isKeyed()) {
            String same = leaf.schema().key().stream()
                    .map(StateNames::quote)
                    .map(name -> "now." + name + " IS NOT DISTINCT FROM came." + name)
                    .collect(Collectors.joining(" AND "));
            return "SELECT " + columnsNeeded(leaf) + " FROM " + now + " now ANTI JOIN (SELECT * FROM " + delta
                    + " WHERE "
                    + weight + " > 0) came ON " + same + " UNION ALL "
                    + restricted(leaf, "(SELECT * FROM " + delta + " WHERE " + weight + " < 0)", keys);
        }
        String came = restricted(leaf, copies(delta, weight + " > 0"), keys);
        return "("
                + cast(
                        leaf,
                        Column::type,
                        cast(leaf, SPELLED, "SELECT " + columnsNeeded(leaf) + " FROM " + now) + " EXCEPT ALL ("
                                + cast(leaf, SPELLED, came) + ")")
                + ") UNION ALL " + restricted(leaf, copies(delta, weight + " < 0"), keys);
    }

    /** Intervals that are equal and not the same, a month and 30 days, are not spelled the same. */
    private String cast(Leaf leaf, Function<Column, DataType> type, String query) {
        String casts = needed(leaf).stream()
                .filter(column -> holdsIntervals(column.type()))
                .map(column -> StateNames.quote(column.name()) + "::"
                        + type.apply(column).sql() + " AS " + StateNames.quote(column.name()))
                .collect(Collectors.joining(", "));
        return casts.isEmpty() ? query : "SELECT * REPLACE (" + casts + ") FROM (" + query + ")";
    }

    private static boolean holdsIntervals(DataType type) {
        return type == Simple.INTERVAL || type instanceof DataType.ListOf list && holdsIntervals(list.element());
    }

    /** Each copy of a row by itself. */
    static String copies(String delta, String which) {
        String weight = StateNames.quote(StateNames.WEIGHT);
        return "(SELECT *, unnest(range(abs(" + weight + "))) FROM " + delta + " WHERE " + which + ")";
    }
}
