package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.query.LookedUpTable;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UniqueRows;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import dev.freshet.transform.project.node.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The ways to compute only the affected rows of one model, best first. Made once per version of the model and of the tables it reads. */
public final class Differentiation {

    /** What may be tried. */
    public enum Rules {
        ALL,
        /** Nothing runs as it is written, without the optimizer: that failed. The text may count on a filter that comes before what it would fail on. */
        OPTIMIZED,
        /** Neither that nor totals: they could not be planned. */
        AFFECTED_KEYS
    }

    private static final String CHANGED_ROWS_ALONE = "rows that come and go are computed of the changed rows alone";

    private final TableId model;
    private final Set<TableId> tables;
    /** Where it follows what changed it is the best way. */
    private final Optional<RowByRowPlan> rows;

    private final Optional<TotalsPlan> totals;
    private final List<KeyedPlan> plans;
    private final boolean keepsKey;

    private Differentiation(
            TableId model,
            boolean keepsKey,
            Set<TableId> tables,
            Optional<RowByRowPlan> rows,
            Optional<TotalsPlan> totals,
            List<KeyedPlan> plans) {
        this.model = model;
        this.keepsKey = keepsKey;
        this.rows = rows;
        this.totals = totals;
        this.tables = Set.copyOf(tables);
        this.plans = List.copyOf(plans);
    }

    /**
     * @param tables the tables that the model reads, with their columns
     * @param lookups receives what the model will look for
     * @throws UnsupportedQueryException with the reason why the model has to be computed in full
     */
    public static Differentiation of(
            RowMaintenance state,
            RowMaintenance.Functions functions,
            Model model,
            Map<TableId, TableSchema> tables,
            Rules rules,
            SharedLookups lookups)
            throws UnsupportedQueryException {
        ParsedQuery parsed = ParsedQuery.of(state, functions, model.sql(), tables);
        Template query = parsed.template();
        requireSameMeaning(state, model, query, parsed.query().names());
        boolean asWritten = rules == Rules.ALL;
        boolean keepsKey = UniqueRows.by(parsed, model.uniqueKey());
        RowByRowPlan rows = new RowByRowPlan(model.relation(), parsed, query, asWritten);
        if (rows.follows(tables.keySet())) {
            return new Differentiation(
                    model.relation(), keepsKey, tables.keySet(), Optional.of(rows), Optional.empty(), List.of());
        }
        Optional<TotalsPlan> totals = rules == Rules.AFFECTED_KEYS
                ? Optional.empty()
                : TotalsPlan.of(state, model.relation(), parsed, lookups, asWritten);
        List<KeyedPlan> plans = new ArrayList<>();
        List<LookedUpTable> lookedUp = LookedUpTable.of(parsed);
        for (Partitioning partitioning : Partitioning.of(parsed.query())) {
            KeyedPlan plan = new KeyedPlan(model.relation(), parsed, query, partitioning, lookedUp, lookups);
            if (tables.keySet().stream().anyMatch(plan.followed()::follows)) {
                plans.add(plan);
            }
        }
        if (totals.filter(kept -> isCopyForNothing(kept, plans, tables.keySet()))
                .isPresent()) {
            totals = Optional.empty();
        }
        if (rules != Rules.AFFECTED_KEYS
                && totals.isEmpty()
                && !tables.keySet().stream().allMatch(table -> plans.stream()
                        .anyMatch(plan -> plan.followed().follows(table)))) {
            totals = TotalsPlan.inside(state, model.relation(), parsed, lookups, asWritten)
                    .filter(inside -> tables.keySet().stream().allMatch(inside::follows));
        }
        if (plans.isEmpty() && totals.isEmpty()) {
            throw new UnsupportedQueryException(
                    "has no column by which its result can be cut into parts that do not depend on each other");
        }
        Set<String> unique = model.uniqueKey().stream()
                .map(column -> column.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        plans.sort(Comparator.<KeyedPlan>comparingLong(plan -> -tables.keySet().stream()
                        .filter(plan.followed()::follows)
                        .count())
                .thenComparing(plan -> !unique.contains(plan.keyColumn().toLowerCase(Locale.ROOT)))
                .thenComparing(plan -> -plan.followed().restrictedLeaves()));
        totals.ifPresent(TotalsPlan::announce);
        if (!plans.isEmpty() && totals.filter(kept -> !kept.isInside()).isEmpty()) {
            plans.get(0).followed().announce();
        }
        boolean keepsGroups = totals.filter(kept -> !kept.isDifference()).isPresent();
        return new Differentiation(
                model.relation(),
                keepsKey,
                tables.keySet(),
                keepsGroups ? Optional.empty() : Optional.of(rows),
                totals,
                plans);
    }

    /** Whether a copy of all rows would be kept although the keys of the result lead as far and restrict as much. */
    private static boolean isCopyForNothing(TotalsPlan totals, List<KeyedPlan> plans, Set<TableId> tables) {
        return totals.isOfSingleRows()
                && plans.stream().anyMatch(plan -> plan.followed().restrictedLeaves() >= totals.restrictedLeaves())
                && tables.stream()
                        .allMatch(table -> !totals.follows(table)
                                || plans.stream()
                                        .anyMatch(plan -> plan.followed().follows(table)));
    }

    /** What was taken apart and put together again must still be the same query to the engine. */
    private static void requireSameMeaning(RowMaintenance state, Model model, Template query, List<String> names)
            throws UnsupportedQueryException {
        TableSchema stored = state.schema(model.relation())
                .orElseThrow(() -> new IllegalStateException("'" + model.relation() + "' has no output yet"));
        if (!state.resultOf(model.relation(), query.text(), model.uniqueKey()).equals(stored)) {
            throw new UnsupportedQueryException("is not the same query when it is put together again");
        }
        List<String> real = stored.columns().stream().map(Column::name).toList();
        for (int i = 0; i < Math.max(real.size(), names.size()); i++) {
            if (names.size() != real.size()
                    || !names.get(i).isEmpty()
                            && !names.get(i)
                                    .toLowerCase(Locale.ROOT)
                                    .equals(real.get(i).toLowerCase(Locale.ROOT))) {
                throw new UnsupportedQueryException(
                        "has other columns than its text seems to have: write out what COLUMNS(...), a star in an expression or an unnested structure stands for");
            }
        }
    }

    public TableId model() {
        return model;
    }

    /** Whether the text itself gives no two rows with one {@code unique_key}, as long as the tables that it reads hold their keys. */
    public boolean keepsKey() {
        return keepsKey;
    }

    /** In words for an analyst. */
    public String reason() {
        if (plans.isEmpty() && totals.isEmpty()) {
            return CHANGED_ROWS_ALONE;
        }
        String alone = named(table -> followsRows(Set.of(table)));
        return reasonOfSeveral()
                + (alone.isEmpty() ? "" : "; when only one of these changes, " + CHANGED_ROWS_ALONE + ": " + alone);
    }

    private boolean followsRows(Set<TableId> changed) {
        return rows.filter(plan -> plan.follows(changed)).isPresent();
    }

    /** Where any of the tables may change. */
    private String reasonOfSeveral() {
        if (totals.isPresent() && totals.get().isInside() && !plans.isEmpty()) {
            return "rows are found by the affected values of " + plans.get(0).keyColumn()
                    + "; when one of these changes, "
                    + totals.get().reason() + ": "
                    + named(table ->
                            plans.stream().noneMatch(plan -> plan.followed().follows(table)));
        }
        if (totals.isPresent()) {
            return totals.get().reason()
                    + (plans.isEmpty()
                            ? ""
                            : "; with many groups, rows are found by the affected values of "
                                    + plans.get(0).keyColumn())
                    + lost(table -> totals.get().follows(table)
                            || plans.stream().anyMatch(plan -> plan.followed().follows(table)));
        }
        String corrected =
                plans.get(0).corrected().map(TableId::toString).sorted().collect(Collectors.joining(", "));
        return "rows are found by the affected values of " + plans.get(0).keyColumn()
                + (corrected.isEmpty() ? "" : "; new values of these are put into the stored rows: " + corrected)
                + lost(table -> plans.stream().anyMatch(plan -> plan.followed().follows(table)));
    }

    private String lost(Predicate<TableId> followed) {
        String lost = named(followed.negate());
        return lost.isEmpty() ? "" : "; in full when one of these changes: " + lost;
    }

    private String named(Predicate<TableId> wanted) {
        return tables.stream().filter(wanted).map(TableId::toString).sorted().collect(Collectors.joining(", "));
    }

    /** Whether a change costs the same however few groups or rows the model has. */
    public boolean isIndependentOfTheOutput(Set<TableId> changed) {
        return followsRows(changed)
                || totals.filter(plan -> plan.partColumn().isEmpty()).isPresent();
    }

    /** Whether {@link #maintain} has what it adds to; if not, it first makes that of all rows. */
    public boolean isPrepared(RowMaintenance state, Set<TableId> changed) {
        return !usesTotals(state, changed) || totals.orElseThrow().isPrepared(state);
    }

    /** The counts and sums that {@link #maintain} adds to, without changes; empty when it needs none. */
    public Optional<RowMaintenance.Totals> totals() {
        return totals.flatMap(TotalsPlan::kept);
    }

    private boolean usesTotals(RowMaintenance state, Set<TableId> changed) {
        return totals.isPresent()
                && !followsRows(changed)
                && changed.stream().anyMatch(totals.get()::reads)
                && changed.stream().allMatch(totals.get()::follows)
                && keyed(changed)
                        .map(plan -> !totals.get().isInside()
                                && state.rows(model)
                                        <= totals.get()
                                                .mostGroups(plan.followed().restrictedLeaves()))
                        .orElse(true);
    }

    private Optional<KeyedPlan> keyed(Set<TableId> changed) {
        return plans.stream()
                .filter(candidate -> changed.stream().anyMatch(candidate.followed()::reads))
                .filter(candidate -> changed.stream().allMatch(candidate.followed()::follows))
                .findFirst();
    }

    /**
     * Brings the stored output up to date with this cycle's changes.
     *
     * @param changes the tables that changed, and how many rows in each
     * @param worthwhile whether it is worth to go on with so many keys
     * @return empty, and nothing is changed, when it must be computed in full
     */
    public Optional<TableDelta> maintain(RowMaintenance state, Map<TableId, Long> changes, Predicate<Keys> worthwhile) {
        Set<TableId> changed = changes.keySet();
        long changedRows = changes.values().stream().mapToLong(Long::longValue).sum();
        if (!changed.stream().allMatch(state::changed)) {
            return Optional.empty();
        }
        if (followsRows(changed)) {
            return worthwhile.test(new Keys(changedRows, false))
                    ? rows.orElseThrow().apply(state, changed, changedRows)
                    : Optional.empty();
        }
        if (usesTotals(state, changed)) {
            Keys keys = totals.orElseThrow().stage(state, changed::contains, changedRows);
            return worthwhile.test(keys)
                    ? totals.orElseThrow().apply(state, changed::contains, keys)
                    : Optional.empty();
        }
        Optional<KeyedPlan> plan = keyed(changed);
        if (plan.isEmpty()) {
            return Optional.empty();
        }
        return plan.get().maintain(state, changes, worthwhile);
    }
}
