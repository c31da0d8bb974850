package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The rows that come and go where each is a product of one row of each table. For changes dA and dB of two joined tables these are dA x B before and A after x dB,
 * and so on for more.
 */
final class ChangedProducts {

    private static final String WEIGHT = StateNames.quote(StateNames.WEIGHT);

    /**
     * With more rows than this in the tables that are joined, all terms together, the optimizer is worth its time: it keeps most of them out of the scans.
     */
    private static final long MOST_ROWS = 600_000;

    /** @param reads as {@link Totals#reads} */
    record Changes(String sql, Reads reads) {}

    private record Equal(String column, String ofChanged) {}

    private final TableId model;
    private final GroupedSums sums;
    private final List<Leaf> leaves;
    private final SharedLookups lookups;
    /** What of a leaf has to be read. */
    private final Map<Leaf, List<Column>> needed = new HashMap<>();
    /** For a leaf that changed: columns of others, and which of its own these equal in every row. */
    private final Map<Leaf, Map<Leaf, Equal>> equal = new HashMap<>();

    /** The query for the rows that a changed leaf's rows make, in an order of its own. */
    private final Map<Leaf, GroupedSums.Joined> orders = new HashMap<>();

    /** @param asWritten whether what finds few rows may run without the optimizer */
    ChangedProducts(TableId model, GroupedSums sums, ParsedQuery parsed, SharedLookups lookups, boolean asWritten) {
        this.model = model;
        this.sums = sums;
        this.leaves = parsed.leaves();
        this.lookups = lookups;
        for (Leaf leaf : leaves) {
            List<Column> mentioned = parsed.mentioned(leaf);
            needed.put(leaf, mentioned.isEmpty() ? leaf.schema().columns() : mentioned);
        }
        sums.parts().forEach(this::equalIn);
        for (Leaf leaf : asWritten ? leaves : List.<Leaf>of()) {
            sums.rowsFrom(leaf, equal.getOrDefault(leaf, Map.of()).keySet()).ifPresent(rows -> orders.put(leaf, rows));
        }
    }

    /** Rows with one value of its column come from rows with that value in each leaf that it restricts. */
    private void equalIn(Partitioning partitioning) {
        for (Leaf changed : leaves) {
            for (Leaf other : leaves) {
                Optional<String> ofChanged = partitioning.columnOf(changed);
                Optional<String> column = partitioning.columnOf(other);
                if (!changed.equals(other) && ofChanged.isPresent() && column.isPresent()) {
                    equal.computeIfAbsent(changed, key -> new HashMap<>())
                            .putIfAbsent(other, new Equal(column.get(), ofChanged.get()));
                }
            }
        }
    }

    /** This is how the model will be kept. */
    void announce() {
        equal.forEach((changed, others) -> others.forEach((other, columns) -> lookups.add(
                model,
                other,
                columns.column(),
                List.of(new ChangedValues(changed.table(), columns.ofChanged())),
                needed(other).stream().map(Column::name).toList())));
    }

    private List<Column> needed(Leaf leaf) {
        return Objects.requireNonNull(needed.get(leaf));
    }

    /** All rows, each with the weight 1. */
    String all() {
        return sums.rows().text(leaf -> now(leaf, StateNames.relation(leaf.table())));
    }

    /** One query for each leaf that changed: the leaves before it as they are, those behind it as they were. */
    Changes of(RowMaintenance state, Predicate<TableId> changed) {
        List<Term> terms = leaves.stream()
                .filter(leaf -> changed.test(leaf.table()))
                .map(leaf -> term(state, changed, leaf))
                .toList();
        boolean little = terms.stream().allMatch(term -> term.quick().isPresent())
                && terms.stream().mapToLong(Term::rows).sum() <= MOST_ROWS;
        return new Changes(
                terms.stream()
                        .map(term -> "SELECT * FROM (" + (little ? term.quick().orElseThrow() : term.text()) + ")")
                        .collect(Collectors.joining(" UNION ALL ")),
                little ? Reads.LITTLE : Reads.TABLES);
    }

    /**
     * The rows that the changes of one leaf make.
     *
     * @param quick the same as it can be run as it is written, if it can
     * @param rows that are read for it then
     */
    private record Term(String text, Optional<String> quick, long rows) {}

    private Term term(RowMaintenance state, Predicate<TableId> changed, Leaf leaf) {
        Map<Leaf, String> relations = new HashMap<>();
        for (Leaf other : leaves) {
            if (!other.equals(leaf)) {
                relations.put(other, matching(state, leaf, other));
            }
        }
        String text = text(sums.rows(), changed, leaf, relations);
        Optional<Template> order = order(leaf, relations);
        if (order.isEmpty()) {
            return new Term(text, Optional.empty(), 0);
        }
        Map<Leaf, String> direct = new HashMap<>();
        long rows = 0;
        for (Map.Entry<Leaf, String> entry : relations.entrySet()) {
            TableId table = entry.getKey().table();
            if (isFound(entry.getKey(), entry.getValue())) {
                direct.put(entry.getKey(), entry.getValue());
                continue;
            }
            // Nothing stands between the query and the stored columns, of which only those are read that it names.
            Optional<String> stored = state.stored(table);
            if (stored.isEmpty()) {
                return new Term(text, Optional.empty(), 0);
            }
            direct.put(entry.getKey(), stored.get());
            rows += state.rows(table);
        }
        return new Term(text, Optional.of(text(order.get(), changed, leaf, direct)), rows);
    }

    private String text(Template rows, Predicate<TableId> changed, Leaf leaf, Map<Leaf, String> relations) {
        return rows.text(other -> {
            if (other.equals(leaf)) {
                return "(" + delta(other, "") + ")";
            }
            String now = now(other, Objects.requireNonNull(relations.get(other)));
            return other.number() > leaf.number() && changed.test(other.table())
                    ? "(" + now.substring(1, now.length() - 1) + " UNION ALL " + delta(other, "-") + ")"
                    : now;
        });
    }

    private Optional<Template> order(Leaf leaf, Map<Leaf, String> relations) {
        return Optional.ofNullable(orders.get(leaf))
                .filter(joined -> joined.found().stream()
                        .allMatch(other -> isFound(other, Objects.requireNonNull(relations.get(other)))))
                .map(GroupedSums.Joined::rows);
    }

    /** Whether a relation has only those rows of a leaf that can be met. */
    private static boolean isFound(Leaf leaf, String relation) {
        return !relation.equals(StateNames.relation(leaf.table()));
    }

    /** A relation with all rows of a leaf that the changed rows of another can meet. */
    private String matching(RowMaintenance state, Leaf changed, Leaf other) {
        Equal columns = equal.getOrDefault(changed, Map.of()).get(other);
        return columns == null
                ? StateNames.relation(other.table())
                : lookups.relation(
                        state,
                        other,
                        columns.column(),
                        List.of(new ChangedValues(changed.table(), columns.ofChanged())));
    }

    private String now(Leaf leaf, String relation) {
        return "(SELECT " + FollowedKeys.columns(needed(leaf).stream()) + ", 1::BIGINT AS " + WEIGHT + " FROM "
                + relation + ")";
    }

    /** Each copy of a row by itself, so that every weight is 1 or -1. */
    private String delta(Leaf leaf, String sign) {
        String rows = StateNames.delta(leaf.table());
        String columns = FollowedKeys.columns(needed(leaf).stream());
        return leaf.schema().isKeyed()
                ? "SELECT " + columns + ", " + sign + WEIGHT + " AS " + WEIGHT + " FROM " + rows
                : "SELECT " + columns + ", " + sign + "sign(" + WEIGHT + ")::BIGINT AS " + WEIGHT
                        + " FROM (SELECT *, unnest(range(abs(" + WEIGHT + "))) FROM " + rows + ")";
    }
}
