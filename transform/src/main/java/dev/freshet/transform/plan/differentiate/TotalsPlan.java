package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.differentiate.ChangedProducts.Changes;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Signed aggregation: the rows that come and go are grouped and added to the counts and sums that are kept of each group.
 *
 * <p>Where rows are products these are the changed rows, joined with the others ({@link ChangedProducts}). Else the rows of the affected parts as they are come,
 * and those as they were before go.
 */
final class TotalsPlan {

    private static final String WEIGHT = StateNames.quote(StateNames.WEIGHT);

    /** With more groups than this the totals' table is itself worth restricting, which following keys does. */
    private static final long MANY_GROUPS = 100_000;

    /** Parts are computed twice, as they are and as they were: with many groups the keys of the result cost less. */
    private static final long FEW_GROUPS = 1_000;

    /** A way to cut rows into parts is looked for among so many, since each has to be written down to know what it follows. */
    private static final int MOST_ATTEMPTS = 6;

    private static final Changes NOTHING = new Changes("", Reads.TABLES);

    private final TableId model;
    private final GroupedSums sums;
    private final List<Leaf> leaves;
    /** Either the parts that rows are cut into, or the rows as products of single rows. */
    private final Optional<FollowedKeys> parts;

    private final Optional<ChangedProducts> products;

    private TotalsPlan(
            TableId model, GroupedSums sums, ParsedQuery parsed, Optional<FollowedKeys> parts, SharedLookups lookups) {
        this.model = model;
        this.sums = sums;
        this.leaves = parsed.leaves();
        this.parts = parts;
        this.products =
                parts.isPresent() ? Optional.empty() : Optional.of(new ChangedProducts(model, sums, parsed, lookups));
    }

    /** This is how the model will be kept. */
    void announce() {
        parts.ifPresent(FollowedKeys::announce);
        products.ifPresent(ChangedProducts::announce);
    }

    /** @return empty when the model is no result of exact counts and sums */
    static Optional<TotalsPlan> of(RowMaintenance state, TableId model, ParsedQuery parsed, SharedLookups lookups)
            throws UnsupportedQueryException {
        Optional<GroupedSums> sums = GroupedSums.of(parsed);
        if (sums.isEmpty()) {
            return Optional.empty();
        }
        if (sums.get().isOfSingleRows()
                && sums.get().reach() == RowMaintenance.Reach.ALL_GROUPS
                && sums.get().kind() == GroupedSums.Rows.PRODUCTS) {
            // Finding the first rows of a table costs less than keeping a copy of it.
            return Optional.empty();
        }
        Optional<FollowedKeys> parts = Optional.empty();
        if (sums.get().kind() == GroupedSums.Rows.PARTS) {
            parts = parts(model, parsed, sums.get(), lookups);
            if (parts.isEmpty()) {
                return Optional.empty();
            }
        }
        TotalsPlan plan = new TotalsPlan(model, sums.get(), parsed, parts, lookups);
        TableSchema rows = state.resultOf(model, plan.all(), List.of());
        for (Column column : rows.columns()) {
            boolean fits = column.name().startsWith(RowMaintenance.ADDEND)
                    ? isExact(column.type())
                    : column.name().equals(StateNames.WEIGHT) || Partitioning.isKeyType(column.type());
            if (!fits) {
                return Optional.empty();
            }
        }
        return Optional.of(plan);
    }

    /** The partitioning that follows the changes of most tables. */
    private static Optional<FollowedKeys> parts(
            TableId model, ParsedQuery parsed, GroupedSums sums, SharedLookups lookups)
            throws UnsupportedQueryException {
        FollowedKeys best = null;
        for (Partitioning partitioning :
                sums.parts().stream().limit(MOST_ATTEMPTS).toList()) {
            FollowedKeys followed = new FollowedKeys(model, parsed, partitioning, lookups);
            if (best == null || followed.followedTables() > best.followedTables()) {
                best = followed;
            }
        }
        return Optional.ofNullable(best).filter(followed -> followed.followedTables() > 0);
    }

    /** In words for an analyst. */
    String reason() {
        if (isDifference()) {
            return "rows that come and go are "
                    + partColumn()
                            .map(column -> "found by the affected values of " + column + ", which is not in the result")
                            .orElse("joined with the other tables");
        }
        String kept = sums.isOfSingleRows()
                ? "all rows are kept"
                : isLimited() ? "counts and sums of all groups are kept" : "counts and sums of each group are kept";
        return kept
                + (isLimited() ? ", from which the first ones are taken" : "")
                + partColumn()
                        .map(column -> ", and what changes in them is found by the affected values of " + column)
                        .orElse(", and rows that come and go are added to them");
    }

    /**
     * With more groups than this it is better to follow keys, if they are in the result.
     *
     * @param keyed how many leaves the keys restrict
     */
    long mostGroups(long keyed) {
        return parts.filter(followed -> followed.restrictedLeaves() <= keyed).isPresent() ? FEW_GROUPS : MANY_GROUPS;
    }

    /** The column whose affected values are looked for, where rows are not simply joined. */
    Optional<String> partColumn() {
        return parts.map(followed -> followed.partitioning().name());
    }

    /** How many leaves the affected values restrict; 0 where rows are simply joined. */
    long restrictedLeaves() {
        return parts.map(FollowedKeys::restrictedLeaves).orElse(0L);
    }

    boolean isOfSingleRows() {
        return sums.isOfSingleRows();
    }

    /** Whether the result is a few of many rows that are kept. */
    boolean isLimited() {
        return sums.reach() == RowMaintenance.Reach.ALL_GROUPS;
    }

    /** Whether a change of this table can be followed. */
    boolean follows(TableId table) {
        return parts.isEmpty() || parts.get().follows(table);
    }

    private static boolean isExact(DataType type) {
        return type instanceof DataType.Decimal
                || type == Simple.SMALLINT
                || type == Simple.INTEGER
                || type == Simple.BIGINT
                || type == Simple.HUGEINT;
    }

    /** Whether the text reads this table; a model may depend on more than it reads. */
    boolean reads(TableId table) {
        return leaves.stream().anyMatch(leaf -> leaf.table().equals(table));
    }

    /** Whether the totals are there already. */
    boolean isPrepared(RowMaintenance state) {
        return isDifference() || state.keepsTotals(model, totals(NOTHING));
    }

    /** What has to be there, without changes; empty when nothing has. */
    Optional<Totals> kept() {
        return isDifference() ? Optional.empty() : Optional.of(totals(NOTHING));
    }

    /** How much there is to do: the changed rows, or the keys of the parts that they are in, which {@link #apply} then takes. */
    Keys stage(RowMaintenance state, Predicate<TableId> changed, long rows) {
        return parts.map(followed -> followed.stage(state, changed)).orElseGet(() -> new Keys(rows, false));
    }

    Optional<TableDelta> apply(RowMaintenance state, Predicate<TableId> changed, Keys keys) {
        Changes changes = parts.map(
                        followed -> new Changes(followed.difference(state, sums.rows(), changed, keys), Reads.TABLES))
                .orElseGet(() -> products.orElseThrow().of(state, changed));
        if (isDifference()) {
            return state.applyDifference(model, difference(state, changes.sql()));
        }
        return state.applyTotals(model, totals(changes));
    }

    /** Whether the rows that come and go are rows of the output: nothing has to be kept beside it. */
    private boolean isDifference() {
        return sums.isOfSingleRows() && !isLimited();
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

    private Totals totals(Changes changes) {
        return new Totals(
                sums.groups(), sums.addends(), all(), changes.sql(), sums.output(), sums.reach(), changes.reads());
    }

    private String all() {
        return products.map(ChangedProducts::all).orElseGet(() -> sums.rows().text());
    }
}
