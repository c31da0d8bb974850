package dev.freshet.transform.plan.differentiate;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.Leaf;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.RowByRow;
import dev.freshet.transform.plan.query.Template;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Changed rows alone: the model's text over the rows that came gives the rows that come, and over those that left the rows that leave. */
final class RowByRowPlan {

    private static final String WEIGHT = StateNames.quote(StateNames.WEIGHT);

    /** With more changed rows than this the text is worth being planned each time. */
    private static final long MANY_ROWS = 20_000;

    private final TableId model;
    private final ParsedQuery parsed;
    private final Template query;
    private final boolean asWritten;
    /** What of a leaf has to be read. */
    private final Map<Leaf, List<Column>> needed = new HashMap<>();
    /** By the tables that changed; what a model reads changes in few ways. */
    private final Map<Set<TableId>, Optional<RowByRow>> parts = new HashMap<>();

    /** @param asWritten whether the text may be run over few rows as it is written */
    RowByRowPlan(TableId model, ParsedQuery parsed, Template query, boolean asWritten) {
        this.asWritten = asWritten;
        this.model = model;
        this.parsed = parsed;
        this.query = query;
        for (Leaf leaf : parsed.leaves()) {
            List<Column> mentioned = parsed.mentioned(leaf);
            needed.put(leaf, mentioned.isEmpty() ? leaf.schema().columns() : mentioned);
        }
    }

    /** Whether the changes of these tables, all of them together, can be followed. */
    boolean follows(Set<TableId> changed) {
        return parts(changed).isPresent();
    }

    private Optional<RowByRow> parts(Set<TableId> changed) {
        return parts.computeIfAbsent(Set.copyOf(changed), tables -> RowByRow.of(parsed, tables::contains));
    }

    /**
     * @param rows how many changed
     * @return empty, and nothing is changed, when the output does not hold rows that should leave
     */
    Optional<TableDelta> apply(RowMaintenance state, Set<TableId> changed, long rows) {
        RowByRow parts = parts(changed).orElseThrow();
        boolean little = asWritten
                && rows <= MANY_ROWS
                && parsed.leaves().stream().noneMatch(leaf -> parts.of(leaf) == RowByRow.Part.ALL);
        String columns = state
                .schema(model)
                .orElseThrow(() -> new IllegalStateException("'" + model + "' has no output yet"))
                .columns()
                .stream()
                .map(column -> StateNames.quote(column.name()))
                .collect(Collectors.joining(", "));
        return state.applyDifference(
                model,
                weighted(parts, "1", " > 0", columns) + " UNION ALL " + weighted(parts, "-1", " < 0", columns),
                little ? Reads.LITTLE : Reads.TABLES);
    }

    private String weighted(RowByRow parts, String weight, String which, String columns) {
        return "SELECT " + weight + "::BIGINT AS " + WEIGHT + ", " + columns + " FROM ("
                + query.text(leaf -> relation(leaf, parts.of(leaf), which)) + ") AS made(" + columns + ")";
    }

    private String relation(Leaf leaf, RowByRow.Part part, String which) {
        List<Column> columns = Objects.requireNonNull(needed.get(leaf));
        return switch (part) {
            case ALL -> StateNames.relation(leaf.table());
            case NOTHING ->
                "(SELECT "
                        + columns.stream()
                                .map(column ->
                                        "NULL::" + column.type().sql() + " AS " + StateNames.quote(column.name()))
                                .collect(Collectors.joining(", "))
                        + " WHERE false)";
            case CHANGES -> "(SELECT " + FollowedKeys.columns(columns.stream()) + " FROM " + changes(leaf, which) + ")";
        };
    }

    private static String changes(Leaf leaf, String which) {
        String delta = StateNames.delta(leaf.table());
        return leaf.schema().isKeyed()
                ? delta + " WHERE " + WEIGHT + which
                : FollowedKeys.copies(delta, WEIGHT + which);
    }
}
