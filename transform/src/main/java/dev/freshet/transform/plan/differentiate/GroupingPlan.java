package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowMaintenance.Sums;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.differentiate.ChangedProducts.Changes;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.Template;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Signed aggregation of one grouping: the rows that come and go are grouped and added to the counts and sums that are kept of each group.
 *
 * <p>Where rows are products these are the changed rows, joined with the others ({@link ChangedProducts}). Else the rows of the affected parts as they are come,
 * and those as they were before go.
 */
final class GroupingPlan {

    /** A way to cut rows into parts is looked for among so many, since each has to be written down to know what it follows. */
    private static final int MOST_ATTEMPTS = 6;

    private static final Changes NOTHING = new Changes("", Reads.TABLES);

    private final GroupedSums sums;
    private final List<Leaf> leaves;
    /** Either the parts that rows are cut into, or the rows as products of single rows. */
    private final Optional<FollowedKeys> parts;

    private final Optional<ChangedProducts> products;
    /** The rows of the affected parts where few rows are read of each table. */
    private final Optional<Template> few;
    /** Of the rows that are grouped. */
    private final List<Column> columns;

    private GroupingPlan(
            RowMaintenance state,
            TableId model,
            GroupedSums sums,
            ParsedQuery parsed,
            Optional<FollowedKeys> parts,
            SharedLookups lookups,
            boolean asWritten) {
        this.sums = sums;
        this.leaves = parsed.leaves();
        this.parts = parts;
        this.products = parts.isPresent()
                ? Optional.empty()
                : Optional.of(new ChangedProducts(model, sums, parsed, lookups, asWritten));
        this.few = asWritten ? sums.rowsOfFew() : Optional.empty();
        this.columns = state.resultOf(model, all(), List.of()).columns();
    }

    /**
     * @param parsed what is grouped
     * @param asWritten whether queries over few rows may run without the optimizer
     * @return empty when it can't be cut into parts, or is not of exact counts and sums
     */
    static Optional<GroupingPlan> of(
            RowMaintenance state,
            TableId model,
            GroupedSums sums,
            ParsedQuery parsed,
            SharedLookups lookups,
            boolean asWritten)
            throws UnsupportedQueryException {
        Optional<FollowedKeys> parts = Optional.empty();
        if (sums.kind() == GroupedSums.Rows.PARTS) {
            parts = parts(model, parsed, sums, lookups);
            if (parts.isEmpty()) {
                return Optional.empty();
            }
        }
        GroupingPlan plan = new GroupingPlan(state, model, sums, parsed, parts, lookups, asWritten);
        for (Column column : plan.columns) {
            boolean fits = column.name().startsWith(RowMaintenance.ADDEND)
                    ? GroupedSums.isExact(column.type())
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

    /** This is how the model will be kept. */
    void announce() {
        parts.ifPresent(FollowedKeys::announce);
        products.ifPresent(ChangedProducts::announce);
    }

    GroupedSums sums() {
        return sums;
    }

    /** The types of what is summed. */
    List<DataType> addends() {
        return columns.stream()
                .filter(column -> column.name().startsWith(RowMaintenance.ADDEND))
                .map(Column::type)
                .toList();
    }

    /** The column whose affected values are looked for, where rows are not simply joined. */
    Optional<String> partColumn() {
        return parts.map(followed -> followed.partitioning().name());
    }

    /** How many leaves the affected values restrict; 0 where rows are simply joined. */
    long restrictedLeaves() {
        return parts.map(FollowedKeys::restrictedLeaves).orElse(0L);
    }

    /** Whether a change of this table can be followed. */
    boolean follows(TableId table) {
        return parts.isEmpty() || parts.get().follows(table);
    }

    /** Whether it reads one of these tables. */
    boolean reads(Predicate<TableId> tables) {
        return leaves.stream().map(Leaf::table).anyMatch(tables);
    }

    /** How much there is to do: the changed rows, or the keys of the parts that they are in, which {@link #changes} then takes. */
    Keys stage(RowMaintenance state, Predicate<TableId> changed, long rows) {
        return parts.map(followed -> followed.stage(state, changed)).orElseGet(() -> new Keys(rows, false));
    }

    Changes changes(RowMaintenance state, Predicate<TableId> changed, Keys keys) {
        if (!reads(changed)) {
            return NOTHING;
        }
        return parts.map(followed -> few.isPresent() && followed.hasFew(state, changed, keys)
                        ? new Changes(followed.difference(state, few.get(), changed, keys), Reads.LITTLE)
                        : new Changes(followed.difference(state, sums.rows(), changed, keys), Reads.TABLES))
                .orElseGet(() -> products.orElseThrow().of(state, changed));
    }

    /** Without changes. */
    Sums kept() {
        return sums(NOTHING);
    }

    Sums sums(Changes changes) {
        return new Sums(sums.groups(), sums.addends(), all(), changes.sql(), changes.reads());
    }

    private String all() {
        return products.map(ChangedProducts::all).orElseGet(() -> sums.rows().text());
    }
}
