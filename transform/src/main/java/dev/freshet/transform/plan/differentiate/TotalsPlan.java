package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Totals;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.query.GroupedSums;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.Partitioning;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Signed aggregation: the rows that come and go are joined with the others, grouped, and added to the counts and sums that are kept of each group. For changes dA
 * and dB of two joined tables these are dA x B before and A after x dB, and so on for more.
 */
final class TotalsPlan {

    private static final String WEIGHT = StateNames.quote(StateNames.WEIGHT);

    private final TableId model;
    private final GroupedSums sums;
    private final List<Leaf> leaves;

    private TotalsPlan(TableId model, GroupedSums sums, List<Leaf> leaves) {
        this.model = model;
        this.sums = sums;
        this.leaves = leaves;
    }

    /** @return empty when the model is no result of exact counts and sums */
    static Optional<TotalsPlan> of(RowMaintenance state, TableId model, ParsedQuery parsed)
            throws UnsupportedQueryException {
        Optional<GroupedSums> sums = GroupedSums.of(parsed);
        if (sums.isEmpty()) {
            return Optional.empty();
        }
        TotalsPlan plan = new TotalsPlan(model, sums.get(), parsed.leaves());
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
        return state.keepsTotals(model, totals(""));
    }

    Optional<TableDelta> apply(RowMaintenance state, Predicate<TableId> changed) {
        return state.applyTotals(model, totals(changes(changed)));
    }

    private Totals totals(String changes) {
        return new Totals(sums.groups(), sums.addends(), all(), changes, sums.output());
    }

    private String all() {
        return sums.rows().text(TotalsPlan::now);
    }

    /** One query for each leaf that changed: the leaves before it as they are, those behind it as they were. */
    private String changes(Predicate<TableId> changed) {
        List<String> terms = new ArrayList<>();
        for (Leaf leaf : leaves) {
            if (changed.test(leaf.table())) {
                terms.add(sums.rows().text(other -> {
                    if (other.equals(leaf)) {
                        return "(" + delta(other, "") + ")";
                    }
                    return other.number() > leaf.number() && changed.test(other.table())
                            ? "(" + now(other).substring(1, now(other).length() - 1) + " UNION ALL " + delta(other, "-")
                                    + ")"
                            : now(other);
                }));
            }
        }
        return terms.stream().map(term -> "SELECT * FROM (" + term + ")").collect(Collectors.joining(" UNION ALL "));
    }

    private static String now(Leaf leaf) {
        return "(SELECT " + columns(leaf) + ", 1::BIGINT AS " + WEIGHT + " FROM " + StateNames.relation(leaf.table())
                + ")";
    }

    /** Each copy of a row by itself, so that every weight is 1 or -1. */
    private static String delta(Leaf leaf, String sign) {
        String rows = StateNames.delta(leaf.table());
        return leaf.schema().isKeyed()
                ? "SELECT " + columns(leaf) + ", " + sign + WEIGHT + " AS " + WEIGHT + " FROM " + rows
                : "SELECT " + columns(leaf) + ", " + sign + "sign(" + WEIGHT + ")::BIGINT AS " + WEIGHT
                        + " FROM (SELECT *, unnest(range(abs(" + WEIGHT + "))) FROM " + rows + ")";
    }

    private static String columns(Leaf leaf) {
        return leaf.schema().columns().stream()
                .map(column -> StateNames.quote(column.name()))
                .collect(Collectors.joining(", "));
    }
}
