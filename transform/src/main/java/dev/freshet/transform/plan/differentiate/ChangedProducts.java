package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.GroupedSums.Meeting;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The rows that come and go where each is a product of one row of each table. For changes dA and dB of two joined tables these are dA x B before and A after x dB,
 * and so on for more.
 */
final class ChangedProducts {

    private static final String WEIGHT = StateNames.quote(StateNames.WEIGHT);

    /**
     * With more than this to read of the tables that are joined, all terms together, the optimizer is worth its time: it keeps most of it out of the scans. A row
     * counts once, and once more for each of its texts: unpacking these is most of what reading them takes.
     */
    private static final long MOST_READ = 2_500_000;

    private static final Set<DataType> TEXTS = Set.of(Simple.VARCHAR, Simple.JSON, Simple.BLOB);

    private static final String MET = "_freshet_met_";

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
                .map(leaf -> term(state, leaf))
                .toList();
        return quick(state, changed, terms)
                .map(sql -> new Changes(sql, Reads.LITTLE))
                .orElseGet(() -> new Changes(
                        union(terms.stream()
                                .map(term -> text(sums.rows(), changed, term.leaf(), term.relations()))
                                .toList()),
                        Reads.TABLES));
    }

    private static String union(List<String> queries) {
        return queries.stream().map(sql -> "SELECT * FROM (" + sql + ")").collect(Collectors.joining(" UNION ALL "));
    }

    /**
     * The rows that the changes of one leaf make.
     *
     * @param relations what is read of the other leaves
     */
    private record Term(Leaf leaf, Map<Leaf, String> relations) {

        /** Whether few rows of a leaf are read: its changes, or only rows that can be met. */
        boolean hasFew(Leaf other) {
            return other.equals(leaf) || !relation(other).equals(StateNames.relation(other.table()));
        }

        String relation(Leaf other) {
            return Objects.requireNonNull(relations.get(other));
        }
    }

    private Term term(RowMaintenance state, Leaf leaf) {
        Map<Leaf, String> relations = new HashMap<>();
        for (Leaf other : leaves) {
            if (!other.equals(leaf)) {
                relations.put(other, matching(state, leaf, other));
            }
        }
        return new Term(leaf, relations);
    }

    /** The same as it can be run as it is written; empty if it can't, or if more is read for it than is worth that. */
    private Optional<String> quick(RowMaintenance state, Predicate<TableId> changed, List<Term> terms) {
        if (!terms.stream().allMatch(this::isQuick)) {
            return Optional.empty();
        }
        Map<Leaf, String> full = new HashMap<>();
        List<String> common = new ArrayList<>();
        long read = 0;
        for (Leaf leaf : leaves) {
            List<Term> reading =
                    terms.stream().filter(term -> !term.hasFew(leaf)).toList();
            if (reading.isEmpty()) {
                continue;
            }
            // Nothing stands between the query and the stored columns, of which only those are read that it names.
            Optional<String> stored = state.stored(leaf.table());
            if (stored.isEmpty()) {
                return Optional.empty();
            }
            Optional<String> met = lookups.isMetAtOnce(state, leaf, reading.size())
                    ? met(leaf, stored.get(), changed, reading)
                    : Optional.empty();
            String name = MET + leaf.number();
            met.ifPresent(query -> common.add(name + " AS MATERIALIZED (" + query + ")"));
            full.put(leaf, met.isPresent() ? name : stored.get());
            read += toRead(state, leaf) * (met.isPresent() ? 1 : reading.size());
        }
        return read > MOST_READ
                ? Optional.empty()
                : Optional.of((common.isEmpty() ? "" : "WITH " + String.join(", ", common) + " ")
                        + union(terms.stream()
                                .map(term -> quick(term, changed, full))
                                .toList()));
    }

    private long toRead(RowMaintenance state, Leaf leaf) {
        long texts = needed(leaf).stream()
                .filter(column -> TEXTS.contains(column.type()) || column.type() instanceof DataType.ListOf)
                .count();
        return state.rows(leaf.table()) * (1 + texts);
    }

    private boolean isQuick(Term term) {
        return orders.containsKey(term.leaf()) && order(term).found().stream().allMatch(term::hasFew);
    }

    private String quick(Term term, Predicate<TableId> changed, Map<Leaf, String> full) {
        Map<Leaf, String> relations = new HashMap<>(term.relations());
        relations.replaceAll((leaf, relation) -> term.hasFew(leaf) ? relation : Objects.requireNonNull(full.get(leaf)));
        return text(order(term).rows(), changed, term.leaf(), relations);
    }

    private GroupedSums.Joined order(Term term) {
        return Objects.requireNonNull(orders.get(term.leaf()));
    }

    /** All rows of a leaf that some terms can meet, found in one pass; empty when not each of them tells by few rows which these are. */
    private Optional<String> met(Leaf leaf, String stored, Predicate<TableId> changed, List<Term> terms) {
        Set<List<String>> columns = new HashSet<>();
        Set<String> values = new LinkedHashSet<>();
        for (Term term : terms) {
            List<Meeting> meetings = byFew(term, leaf);
            columns.add(meetings.stream().map(Meeting::column).toList());
            if (!meetings.isEmpty()) {
                Leaf few = meetings.get(0).earlier();
                String select = "SELECT "
                        + meetings.stream()
                                .map(meeting -> StateNames.quote(meeting.earlierColumn()))
                                .collect(Collectors.joining(", "))
                        + " FROM ";
                if (!few.equals(term.leaf())) {
                    values.add(select + term.relation(few));
                }
                if (changed.test(few.table())) {
                    values.add(select + StateNames.delta(few.table()));
                }
            }
        }
        if (columns.size() != 1 || columns.contains(List.of())) {
            return Optional.empty();
        }
        List<String> met = columns.iterator().next();
        return Optional.of("SELECT " + FollowedKeys.columns(needed(leaf).stream()) + " FROM " + stored
                + " AS stored SEMI JOIN (" + String.join(" UNION ALL ", values) + ") AS few("
                + IntStream.range(0, met.size()).mapToObj(i -> "_freshet_" + i).collect(Collectors.joining(", "))
                + ") ON "
                + IntStream.range(0, met.size())
                        .mapToObj(i -> "stored." + StateNames.quote(met.get(i)) + " = few._freshet_" + i)
                        .collect(Collectors.joining(" AND ")));
    }

    /** How rows of a leaf are met by those of one that has few. */
    private List<Meeting> byFew(Term term, Leaf leaf) {
        return order(term).meetings().stream()
                .filter(meeting -> meeting.leaf().equals(leaf) && term.hasFew(meeting.earlier()))
                .collect(Collectors.groupingBy(Meeting::earlier, LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .max(Comparator.comparing(List::size))
                .orElse(List.of());
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
