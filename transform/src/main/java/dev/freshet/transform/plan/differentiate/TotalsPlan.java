package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.RowMaintenance.Reach;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.InnerGroupings;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A model that follows from counts and sums of groups: it groups rows itself, or is computed of groups that it makes inside. Each grouping is kept by its {@link
 * GroupingPlan}.
 */
final class TotalsPlan {

    private static final String WEIGHT = StateNames.quote(StateNames.WEIGHT);

    /** With more groups than this the totals' table is itself worth restricting, which following keys does. */
    private static final long MANY_GROUPS = 100_000;

    /** Parts are computed twice, as they are and as they were: with many groups the keys of the result cost less. */
    private static final long FEW_GROUPS = 1_000;

    private final TableId model;
    private final List<GroupingPlan> groupings;
    /** The model's rows, made of the groups. */
    private final Template output;
    /** Where the groupings are inside of the query. */
    private final boolean inside;

    private TotalsPlan(TableId model, List<GroupingPlan> groupings, Template output, boolean inside) {
        this.model = model;
        this.groupings = List.copyOf(groupings);
        this.output = GroupedSums.typed(
                output, groupings.stream().map(GroupingPlan::addends).toList());
        this.inside = inside;
    }

    /** This is how the model will be kept. */
    void announce() {
        groupings.forEach(GroupingPlan::announce);
    }

    /**
     * @param asWritten whether queries over few rows may run without the optimizer
     * @return empty when the model is no result of exact counts and sums
     */
    static Optional<TotalsPlan> of(
            RowMaintenance state, TableId model, ParsedQuery parsed, SharedLookups lookups, boolean asWritten)
            throws UnsupportedQueryException {
        Optional<GroupedSums> sums = GroupedSums.of(parsed);
        if (sums.isEmpty()) {
            return Optional.empty();
        }
        if (sums.get().isOfSingleRows()
                && sums.get().reach() == Reach.ALL_GROUPS
                && sums.get().kind() == GroupedSums.Rows.PRODUCTS) {
            // Finding the first rows of a table costs less than keeping a copy of it.
            return Optional.empty();
        }
        return GroupingPlan.of(state, model, sums.get(), parsed, lookups, asWritten)
                .map(grouping ->
                        new TotalsPlan(model, List.of(grouping), sums.get().output(), false));
    }

    /**
     * @param asWritten whether queries over few rows may run without the optimizer
     * @return empty when there are no groupings inside of the model whose counts and sums can be kept
     */
    static Optional<TotalsPlan> inside(
            RowMaintenance state, TableId model, ParsedQuery parsed, SharedLookups lookups, boolean asWritten)
            throws UnsupportedQueryException {
        List<GroupingPlan> groupings = new ArrayList<>();
        Optional<Template> output = InnerGroupings.of(parsed, (sums, rows) -> {
            Optional<GroupingPlan> grouping = GroupingPlan.of(state, model, sums, rows, lookups, asWritten);
            // The keys of a model's parts are staged for one grouping.
            boolean keeps = grouping.isPresent()
                    && (grouping.get().partColumn().isEmpty()
                            || groupings.stream()
                                    .allMatch(other -> other.partColumn().isEmpty()));
            grouping.filter(plan -> keeps).ifPresent(groupings::add);
            return keeps;
        });
        return output.map(rows -> new TotalsPlan(model, groupings, rows, true));
    }

    /** In words for an analyst. */
    String reason() {
        if (isDifference()) {
            return "rows that come and go are "
                    + partColumn()
                            .map(column -> "found by the affected values of " + column + ", which is not in the result")
                            .orElse("joined with the other tables");
        }
        String kept = inside
                ? "its rows are computed of the groups inside of it, whose counts and sums are kept"
                : isOfSingleRows()
                        ? "all rows are kept"
                        : isLimited()
                                ? "counts and sums of all groups are kept"
                                : "counts and sums of each group are kept";
        return kept
                + (isLimited() ? ", from which the first ones are taken" : "")
                + partColumn()
                        .map(column -> ", and what changes in them is found by the affected values of " + column)
                        .orElse(", and rows that come and go are added to them");
    }

    /**
     * With more groups than this it is better to follow keys, if they are in the result. Rows that come and go by themselves have no groups: only those that
     * leave are looked for in the output, as they are by keys.
     *
     * @param keyed how many leaves the keys restrict
     */
    long mostGroups(long keyed) {
        if (partColumn().isEmpty()) {
            return MANY_GROUPS;
        }
        if (restrictedLeaves() <= keyed) {
            return FEW_GROUPS;
        }
        return isDifference() ? Long.MAX_VALUE : MANY_GROUPS;
    }

    /** The column whose affected values are looked for, where rows are not simply joined. */
    Optional<String> partColumn() {
        return groupings.stream()
                .flatMap(grouping -> grouping.partColumn().stream())
                .findFirst();
    }

    /** How many leaves the affected values restrict; 0 where rows are simply joined. */
    long restrictedLeaves() {
        return groupings.stream().mapToLong(GroupingPlan::restrictedLeaves).sum();
    }

    boolean isOfSingleRows() {
        return groupings.get(0).sums().isOfSingleRows();
    }

    /** Whether the groupings are inside of the query: the rest of it is computed of all groups, each time. */
    boolean isInside() {
        return inside;
    }

    /** Whether the result is a few of many rows that are kept. */
    boolean isLimited() {
        return !inside && groupings.get(0).sums().reach() == Reach.ALL_GROUPS;
    }

    /** Whether a change of this table can be followed. */
    boolean follows(TableId table) {
        return groupings.stream().allMatch(grouping -> grouping.follows(table));
    }

    /** Whether the text reads this table; a model may depend on more than it reads. */
    boolean reads(TableId table) {
        return readsBeside(table::equals) || groupings.stream().anyMatch(grouping -> grouping.reads(table::equals));
    }

    private boolean readsBeside(Predicate<TableId> tables) {
        return output.leaves().stream().map(Leaf::table).anyMatch(tables);
    }

    /** Whether the totals are there already. */
    boolean isPrepared(RowMaintenance state) {
        return isDifference() || state.keepsTotals(model, withoutChanges());
    }

    /** What has to be there, without changes; empty when nothing has. */
    Optional<Totals> kept() {
        return isDifference() ? Optional.empty() : Optional.of(withoutChanges());
    }

    private Totals withoutChanges() {
        return new Totals(groupings.stream().map(GroupingPlan::kept).toList(), output.text(), Reach.ALL_GROUPS);
    }

    /** How much there is to do: the changed rows, or the keys of the parts that they are in, which {@link #apply} then takes. */
    Keys stage(RowMaintenance state, Predicate<TableId> changed, long rows) {
        return groupings.stream()
                .filter(grouping -> grouping.partColumn().isPresent() && grouping.reads(changed))
                .findFirst()
                .map(grouping -> grouping.stage(state, changed, rows))
                .orElseGet(() -> new Keys(rows, false));
    }

    Optional<TableDelta> apply(RowMaintenance state, Predicate<TableId> changed, Keys keys) {
        if (isDifference()) {
            return state.applyDifference(
                    model,
                    difference(
                            state,
                            groupings.get(0).changes(state, changed, keys).sql()),
                    Reads.TABLES);
        }
        return state.applyTotals(
                model,
                new Totals(
                        groupings.stream()
                                .map(grouping -> grouping.sums(grouping.changes(state, changed, keys)))
                                .toList(),
                        output.text(),
                        readsBeside(changed) ? Reach.TABLES : inside || isLimited() ? Reach.ALL_GROUPS : Reach.GROUP));
    }

    /** Whether the rows that come and go are rows of the output: nothing has to be kept beside it. */
    boolean isDifference() {
        return isOfSingleRows() && !isLimited();
    }

    private String difference(RowMaintenance state, String changes) {
        List<Column> columns = state.schema(model)
                .orElseThrow(() -> new IllegalStateException("'" + model + "' has no output yet"))
                .columns();
        String named = IntStream.range(0, columns.size())
                .mapToObj(i -> RowMaintenance.GROUP + i + " AS "
                        + StateNames.quote(columns.get(i).name()))
                .collect(Collectors.joining(", "));
        return "SELECT " + WEIGHT + ", " + named + " FROM (" + changes + ")";
    }
}
