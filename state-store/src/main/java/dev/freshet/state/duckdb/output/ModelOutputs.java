package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Accumulation;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Correction;
import dev.freshet.state.RowMaintenance.Keys;
import dev.freshet.state.RowMaintenance.Reach;
import dev.freshet.state.RowMaintenance.Reads;
import dev.freshet.state.RowPart;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.catalog.ShapeCache;
import dev.freshet.state.duckdb.mirror.Landing;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.QueryShape;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.PartSql;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The models of one transaction: views, stored outputs and the logs of their changes. */
public final class ModelOutputs {

    private final Session session;
    private final Catalog catalog;
    private final ShapeCache shapes;
    private final GroupTotals groups;
    private final MatchingRows matching;
    private final ModelShapes texts;
    private final OutputRows outputs;

    /**
     * @param cut the number of the cut that the transaction makes
     * @param changed receives the models whose {@link StateNames#delta} can be read
     * @param cleanups receives the statements that end the transaction
     */
    public ModelOutputs(
            Session session,
            Catalog catalog,
            ShapeCache shapes,
            long cut,
            Set<TableId> changed,
            List<String> cleanups) {
        this.session = session;
        this.catalog = catalog;
        this.shapes = shapes;
        this.groups = new GroupTotals(session, catalog, shapes.tables());
        this.matching = new MatchingRows(session, catalog, shapes.tables(), cleanups);
        this.texts = new ModelShapes(session, shapes);
        this.outputs = new OutputRows(session, catalog, shapes, cut, changed, cleanups, groups, matching);
    }

    /** Rows that are looked for once for all models of the transaction. */
    public MatchingRows matching() {
        return matching;
    }

    /** As {@link dev.freshet.state.StateTransaction#defineView} says. */
    public void defineView(TableId model, String sql) throws SQLException {
        String query = ModelShapes.single(model, sql);
        refuseSourceName(model);
        if (catalog.output(model) != null) {
            outputs.drop(model);
        }
        if (!query.equals(catalog.view(model))) {
            outputs.createSchema(model);
            session.execute("CREATE OR REPLACE VIEW " + StateNames.relation(model) + " AS " + QueryShape.inner(query));
            catalog.putView(model, query);
            outputs.forgetShapes();
        }
    }

    /** As {@link dev.freshet.state.StateTransaction#recompute} says. */
    public TableDelta recompute(TableId model, String sql, List<String> uniqueKey) throws SQLException {
        String query = ModelShapes.single(model, sql);
        refuseSourceName(model);
        QueryShape shape = texts.of(model, query);
        TableSchema schema = ModelShapes.schema(model, shape, uniqueKey);
        Output stored = catalog.output(model);
        if (stored == null || !stored.schema().equals(schema)) {
            return outputs.replace(model, stored, schema, shape.select(query));
        }
        groups.forget(stored);
        BagDifference difference = outputs.difference(stored);
        return outputs.store(
                stored, difference, difference.compute("(" + shape.select(query) + ")", stored.physical()));
    }

    /** As {@link dev.freshet.state.StateTransaction#recompute(TableId, String, RowPart)} says. */
    public TableDelta recompute(TableId model, String sql, RowPart part) throws SQLException {
        Output stored = outputs.known(model);
        String query = ModelShapes.single(model, sql);
        if (!texts.of(model, query).columns().equals(stored.schema().columns())) {
            throw ModelShapes.failed(
                    model, "its text gives other columns than are stored, so no part of it can be computed", null);
        }
        String condition = PartSql.condition(part, stored.schema());
        session.execute("CREATE OR REPLACE TEMP TABLE " + OutputRows.RESULT + " AS SELECT * FROM ("
                + texts.of(model, query).select(query) + ") WHERE " + condition);
        BagDifference difference = outputs.difference(stored);
        BagDifference.Counts counts = difference.compute(OutputRows.RESULT, stored.physical() + " WHERE " + condition);
        if (counts.deleted() + counts.inserted() > 0) {
            groups.forget(stored);
        }
        return outputs.store(stored, difference, counts);
    }

    /** As {@link dev.freshet.state.StateTransaction#takeOver} says. */
    public TableDelta takeOver(TableId model, DuckDbShadow.Computed computed, List<String> uniqueKey)
            throws SQLException {
        refuseSourceName(model);
        ModelShapes.requireUsableNames(model, computed.shape());
        TableSchema schema = ModelShapes.schema(model, computed.shape(), uniqueKey);
        Output stored = catalog.output(model);
        TableDelta delta;
        if (stored == null || !stored.schema().equals(schema)) {
            delta = outputs.replace(model, stored, schema, "SELECT * FROM " + computed.relation());
        } else {
            groups.forget(stored);
            BagDifference difference = outputs.difference(stored);
            delta = outputs.store(stored, difference, difference.compute(computed.relation(), stored.physical()));
        }
        if (computed.totals().isPresent()) {
            DuckDbShadow.ComputedTotals totals = computed.totals().get();
            groups.takeOver(outputs.known(model), totals.totals(), totals.relations());
        }
        return held(stored, delta);
    }

    /** An output that was held before its rows were replaced is held as before. */
    private TableDelta held(@Nullable Output before, TableDelta delta) {
        if (before != null && before.isHeld()) {
            catalog.put(outputs.known(delta.table()).heldSince(before.held(), before.heldAt()));
        }
        return delta;
    }

    /** As {@link dev.freshet.state.StateTransaction#release} says. */
    public void release(TableId model) {
        Output output = catalog.output(model);
        if (output != null && output.isHeld()) {
            catalog.put(output.released());
        }
    }

    /** As {@link dev.freshet.state.StateTransaction#accumulate} says. */
    public TableDelta accumulate(TableId model, Accumulation accumulation) throws SQLException {
        Output stored = catalog.output(model);
        if (stored == null) {
            return recompute(model, accumulation.first(), accumulation.uniqueKey());
        }
        groups.forget(stored);
        String query = ModelShapes.single(model, accumulation.continued());
        QueryShape shape = texts.of(model, query);
        NewRows rows = new NewRows(session, stored, accumulation, shape.columns());
        rows.compute(OutputRows.RESULT, query);
        if (!rows.schema().equals(stored.schema())) {
            session.execute(
                    "CREATE OR REPLACE TEMP TABLE " + OutputRows.REBUILT + " AS " + rows.all(OutputRows.RESULT));
            return outputs.replace(model, stored, rows.schema(), "SELECT * FROM temp." + OutputRows.REBUILT);
        }
        BagDifference difference = outputs.difference(stored);
        return outputs.store(
                stored, difference, difference.compute(OutputRows.RESULT, rows.leaving(OutputRows.RESULT)));
    }

    /** As {@link dev.freshet.state.StateTransaction#adopt} says. */
    public TableDelta adopt(TableId model, TableSchema schema, StagedBase rows) throws SQLException {
        refuseSourceName(model);
        if (catalog.output(model) != null || catalog.view(model) != null) {
            throw new IllegalStateException("'" + model + "' has an output already");
        }
        TableSchema keyless = new TableSchema(schema.columns(), List.of());
        StagedTable staged = new StagedTable(
                model, keyless, SourcePosition.START, SourcePosition.START, List.of(), Optional.of(rows), false);
        new Landing(session, staged, shapes.tables()).base(rows);
        long poison = session.number("SELECT count(" + Landing.POISON + ") FROM " + Landing.BASE);
        if (poison > 0) {
            throw ModelShapes.failed(
                    model,
                    poison + (poison == 1 ? " row" : " rows")
                            + " of its table hold values that can't be kept: correct them there",
                    null);
        }
        return outputs.replace(
                model, null, schema, "SELECT " + SqlText.names(schema.columns()) + " FROM " + Landing.BASE);
    }

    /** As {@link dev.freshet.state.RowMaintenance#recomputeKeys} says. */
    public TableDelta recomputeKeys(
            TableId model, String sql, String keyColumn, Keys keys, Optional<Correction> correction)
            throws SQLException {
        Output stored = outputs.known(model);
        groups.forget(stored);
        String key = quote(keyColumn);
        String keyed = key + " IN (SELECT " + RowMaintenance.KEY + " FROM " + StateNames.keys(model) + ")";
        List<String> computed = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        if (!keys.isEmpty()) {
            computed.add("SELECT " + OutputRows.typed(stored) + " FROM (" + sql + ") WHERE " + keyed
                    + (keys.withNull() ? " OR " + key + " IS NULL" : ""));
            parts.add(stored.physical() + " WHERE " + keyed);
        }
        if (keys.withNull()) {
            parts.add(stored.physical() + " WHERE " + key + " IS NULL");
        }
        Optional<CorrectedRows> corrected = correction.map(values -> new CorrectedRows(
                stored,
                values,
                "(" + keyed + ") IS NOT TRUE" + (keys.withNull() ? " AND " + key + " IS NOT NULL" : "")));
        corrected.ifPresent(rows -> {
            computed.add(rows.after());
            parts.add(rows.before());
        });
        BagDifference difference = outputs.difference(stored);
        BagDifference.Counts counts = computed.isEmpty()
                ? new BagDifference.Counts(0, 0, 0, 0)
                : difference.compute(
                        corrected.map(CorrectedRows::common).orElse(""),
                        "(" + String.join(" UNION ALL ", computed) + ")",
                        parts);
        return outputs.store(stored, difference, counts);
    }

    /** As {@link dev.freshet.state.RowMaintenance#applyDifference} says. */
    public Optional<TableDelta> applyDifference(TableId model, String sql, Reads reads) throws SQLException {
        Output stored = outputs.known(model);
        groups.forget(stored);
        return outputs.take(reads == Reads.LITTLE ? Planning.AS_WRITTEN : Planning.OPTIMIZED, stored, sql);
    }

    /** As {@link dev.freshet.state.RowMaintenance#trustKey} says. */
    public void trustKey(TableId model) {
        outputs.trustKey(model);
    }

    /** As {@link dev.freshet.state.RowMaintenance#keepsTotals} says. */
    public boolean keepsTotals(TableId model, RowMaintenance.Totals totals) {
        Output stored = catalog.output(model);
        return stored != null && groups.isKept(stored, totals);
    }

    /** As {@link dev.freshet.state.RowMaintenance#applyTotals} says. */
    public Optional<TableDelta> applyTotals(TableId model, RowMaintenance.Totals totals) throws SQLException {
        Output stored = outputs.known(model);
        if (!groups.isKept(stored, totals)) {
            groups.make(stored, totals);
            return Optional.of(ofAllGroups(stored, totals));
        }
        OptionalLong touched = groups.merge(stored, totals);
        if (touched.isEmpty()) {
            return Optional.empty();
        }
        Optional<TableDelta> delta;
        if (touched.getAsLong() == 0 && totals.reach() != Reach.TABLES) {
            delta = Optional.of(
                    outputs.store(stored, outputs.difference(stored), new BagDifference.Counts(0, 0, 0, 0)));
        } else if (totals.reach() == Reach.GROUP) {
            delta = outputs.take(Planning.AS_WRITTEN, stored, ofTouchedGroups(stored, totals));
        } else {
            delta = Optional.of(ofAllGroups(stored, totals));
        }
        if (touched.getAsLong() > Session.LARGE) {
            groups.emptyWorking(stored, totals);
        }
        return delta;
    }

    private static String ofTouchedGroups(Output stored, RowMaintenance.Totals totals) {
        String names = SqlText.names(stored.schema().columns());
        return "SELECT -1::BIGINT AS " + WEIGHT + ", " + names + " FROM "
                + rows(stored, totals, List.of("(" + GroupTotals.before(stored, totals) + ")"))
                + " UNION ALL SELECT 1::BIGINT, " + names + " FROM "
                + rows(stored, totals, List.of("(" + GroupTotals.after(stored, totals) + ")"));
    }

    private TableDelta ofAllGroups(Output stored, RowMaintenance.Totals totals) throws SQLException {
        List<String> groups = IntStream.range(0, totals.sums().size())
                .mapToObj(number -> GroupTotals.table(stored, number))
                .toList();
        BagDifference difference = outputs.difference(stored);
        String computed = "(SELECT " + OutputRows.typed(stored) + " FROM " + rows(stored, totals, groups) + ")";
        return outputs.store(stored, difference, difference.compute(computed, stored.physical()));
    }

    /** The model's rows that some groups give, under the names that they are stored by. */
    private static String rows(Output stored, RowMaintenance.Totals totals, List<String> groups) {
        String rows = totals.output();
        for (int i = 0; i < groups.size(); i++) {
            rows = rows.replace(RowMaintenance.groups(i), groups.get(i));
        }
        return "(" + rows + ") AS made(" + SqlText.names(stored.schema().columns()) + ")";
    }

    /** As {@link RowMaintenance#resultOf} says. */
    public TableSchema resultOf(TableId model, String sql, List<String> uniqueKey) throws SQLException {
        return texts.schema(model, sql, uniqueKey);
    }

    /** As {@link dev.freshet.state.StateTransaction#drop} says. */
    public void drop(TableId model) throws SQLException {
        outputs.drop(model);
    }

    /** As {@link dev.freshet.state.StateTransaction#hold} says. */
    public void hold(TableId model, String reason) {
        Output output = catalog.output(model);
        if (output != null) {
            String said = reason.isEmpty() ? "held" : reason;
            catalog.put(output.heldSince(
                    said, output.isHeld() ? output.heldAt() : catalog.cut().number()));
        }
    }

    private void refuseSourceName(TableId model) {
        if (catalog.mirror(model) != null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + model + "' is both a source table and a model: give the model another name or schema");
        }
    }
}
