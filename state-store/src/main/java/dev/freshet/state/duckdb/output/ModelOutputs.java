package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.CUT;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowMaintenance;
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
import dev.freshet.state.duckdb.mirror.VariedTexts;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.QueryShape;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ModelQuery;
import dev.freshet.state.duckdb.sql.PartSql;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The models of one transaction: views, stored outputs and the logs of their changes. */
public final class ModelOutputs {

    private static final String RESULT = "freshet_result";
    private static final String REBUILT = "freshet_rebuilt";

    private final Session session;
    private final Catalog catalog;
    private final ShapeCache shapes;
    private final long cut;
    private final Set<TableId> changed;
    private final List<String> cleanups;
    private final GroupTotals groups;
    private final MatchingRows matching;
    private final UniqueKey uniqueKey;

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
        this.changed = changed;
        this.cleanups = cleanups;
        this.session = session;
        this.uniqueKey = new UniqueKey(session);
        this.catalog = catalog;
        this.shapes = shapes;
        this.cut = cut;
        this.groups = new GroupTotals(session, catalog, shapes.tables());
        this.matching = new MatchingRows(session, catalog, shapes.tables(), cleanups);
    }

    /** Rows that are looked for once for all models of the transaction. */
    public MatchingRows matching() {
        return matching;
    }

    /** As {@link dev.freshet.state.StateTransaction#defineView} says. */
    public void defineView(TableId model, String sql) throws SQLException {
        String query = single(model, sql);
        refuseSourceName(model);
        if (catalog.output(model) != null) {
            drop(model);
        }
        if (!query.equals(catalog.view(model))) {
            createSchema(model);
            session.execute("CREATE OR REPLACE VIEW " + StateNames.relation(model) + " AS " + QueryShape.inner(query));
            catalog.putView(model, query);
            forgetShapes();
        }
    }

    /** As {@link dev.freshet.state.StateTransaction#recompute} says. */
    public TableDelta recompute(TableId model, String sql, List<String> uniqueKey) throws SQLException {
        String query = single(model, sql);
        refuseSourceName(model);
        QueryShape shape = shape(model, query);
        TableSchema schema = new TableSchema(shape.columns(), existing(model, shape, uniqueKey));
        Output stored = catalog.output(model);
        if (stored == null || !stored.schema().equals(schema)) {
            return replace(model, stored, schema, shape.select(query));
        }
        groups.forget(stored);
        BagDifference difference = difference(stored);
        return store(stored, difference, difference.compute("(" + shape.select(query) + ")", stored.physical()));
    }

    /** As {@link dev.freshet.state.StateTransaction#recompute(TableId, String, RowPart)} says. */
    public TableDelta recompute(TableId model, String sql, RowPart part) throws SQLException {
        Output stored = known(model);
        String query = single(model, sql);
        if (!shape(model, query).columns().equals(stored.schema().columns())) {
            throw failed(model, "its text gives other columns than are stored, so no part of it can be computed", null);
        }
        String condition = PartSql.condition(part, stored.schema());
        session.execute("CREATE OR REPLACE TEMP TABLE " + RESULT + " AS SELECT * FROM ("
                + shape(model, query).select(query) + ") WHERE " + condition);
        BagDifference difference = difference(stored);
        BagDifference.Counts counts = difference.compute(RESULT, stored.physical() + " WHERE " + condition);
        if (counts.deleted() + counts.inserted() > 0) {
            groups.forget(stored);
        }
        return store(stored, difference, counts);
    }

    /** As {@link dev.freshet.state.StateTransaction#takeOver} says. */
    public TableDelta takeOver(TableId model, DuckDbShadow.Computed computed, List<String> uniqueKey)
            throws SQLException {
        refuseSourceName(model);
        requireUsableNames(model, computed.shape());
        TableSchema schema = new TableSchema(computed.shape().columns(), existing(model, computed.shape(), uniqueKey));
        Output stored = catalog.output(model);
        TableDelta delta;
        if (stored == null || !stored.schema().equals(schema)) {
            delta = replace(model, stored, schema, "SELECT * FROM " + computed.relation());
        } else {
            groups.forget(stored);
            BagDifference difference = difference(stored);
            delta = store(stored, difference, difference.compute(computed.relation(), stored.physical()));
        }
        if (computed.totals().isPresent()) {
            DuckDbShadow.ComputedTotals totals = computed.totals().get();
            groups.takeOver(known(model), totals.totals(), totals.relations());
        }
        return held(stored, delta);
    }

    /** An output that was held before its rows were replaced is held as before. */
    private TableDelta held(@Nullable Output before, TableDelta delta) {
        if (before != null && before.isHeld()) {
            catalog.put(known(delta.table()).heldSince(before.held(), before.heldAt()));
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
        String query = single(model, accumulation.continued());
        QueryShape shape = shape(model, query);
        NewRows rows = new NewRows(session, stored, accumulation, shape.columns());
        rows.compute(RESULT, query);
        if (!rows.schema().equals(stored.schema())) {
            session.execute("CREATE OR REPLACE TEMP TABLE " + REBUILT + " AS " + rows.all(RESULT));
            return replace(model, stored, rows.schema(), "SELECT * FROM temp." + REBUILT);
        }
        BagDifference difference = difference(stored);
        return store(stored, difference, difference.compute(RESULT, rows.leaving(RESULT)));
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
            throw failed(
                    model,
                    poison + (poison == 1 ? " row" : " rows")
                            + " of its table hold values that can't be kept: correct them there",
                    null);
        }
        return replace(model, null, schema, "SELECT " + SqlText.names(schema.columns()) + " FROM " + Landing.BASE);
    }

    /** As {@link dev.freshet.state.RowMaintenance#recomputeKeys} says. */
    public TableDelta recomputeKeys(TableId model, String sql, String keyColumn, boolean withNull) throws SQLException {
        Output stored = known(model);
        groups.forget(stored);
        String key = quote(keyColumn);
        String keyed = key + " IN (SELECT " + RowMaintenance.KEY + " FROM " + StateNames.keys(model) + ")";
        String computed = "(SELECT " + typed(stored) + " FROM (" + sql + ") WHERE " + keyed
                + (withNull ? " OR " + key + " IS NULL" : "") + ")";
        List<String> parts = new ArrayList<>();
        parts.add(stored.physical() + " WHERE " + keyed);
        if (withNull) {
            parts.add(stored.physical() + " WHERE " + key + " IS NULL");
        }
        BagDifference difference = difference(stored);
        return store(stored, difference, difference.compute(computed, parts));
    }

    /** As {@link dev.freshet.state.RowMaintenance#applyDifference} says. */
    public Optional<TableDelta> applyDifference(TableId model, String sql, Reads reads) throws SQLException {
        Output stored = known(model);
        groups.forget(stored);
        return take(reads == Reads.LITTLE ? Planning.AS_WRITTEN : Planning.OPTIMIZED, stored, sql);
    }

    /** As {@link dev.freshet.state.RowMaintenance#trustKey} says. */
    public void trustKey(TableId model) {
        uniqueKey.trust(model);
    }

    /** As {@link dev.freshet.state.RowMaintenance#keepsTotals} says. */
    public boolean keepsTotals(TableId model, RowMaintenance.Totals totals) {
        Output stored = catalog.output(model);
        return stored != null && groups.isKept(stored, totals);
    }

    /** As {@link dev.freshet.state.RowMaintenance#applyTotals} says. */
    public Optional<TableDelta> applyTotals(TableId model, RowMaintenance.Totals totals) throws SQLException {
        Output stored = known(model);
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
            delta = Optional.of(store(stored, difference(stored), new BagDifference.Counts(0, 0, 0, 0)));
        } else if (totals.reach() == Reach.GROUP) {
            delta = take(Planning.AS_WRITTEN, stored, ofTouchedGroups(stored, totals));
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
        BagDifference difference = difference(stored);
        String computed = "(SELECT " + typed(stored) + " FROM " + rows(stored, totals, groups) + ")";
        return store(stored, difference, difference.compute(computed, stored.physical()));
    }

    /** The model's rows that some groups give, under the names that they are stored by. */
    private static String rows(Output stored, RowMaintenance.Totals totals, List<String> groups) {
        String rows = totals.output();
        for (int i = 0; i < groups.size(); i++) {
            rows = rows.replace(RowMaintenance.groups(i), groups.get(i));
        }
        return "(" + rows + ") AS made(" + SqlText.names(stored.schema().columns()) + ")";
    }

    private static String typed(Output stored) {
        return SqlText.list(
                stored.schema().columns(),
                column -> quote(column.name()) + "::" + column.type().sql() + " AS " + quote(column.name()));
    }

    private Optional<TableDelta> take(Planning how, Output stored, String sql) throws SQLException {
        BagDifference difference = difference(stored);
        Optional<BagDifference.Counts> counts = difference.take(
                how, "(SELECT " + WEIGHT + ", " + typed(stored) + " FROM (" + sql + "))", stored.physical());
        return counts.isEmpty() ? Optional.empty() : Optional.of(store(stored, difference, counts.get()));
    }

    private Output known(TableId model) {
        Output stored = catalog.output(model);
        if (stored == null) {
            throw new IllegalStateException("'" + model + "' has no output yet: compute it in full first");
        }
        return stored;
    }

    private BagDifference difference(Output stored) throws SQLException {
        changed.remove(stored.model());
        matching.forget(stored.model());
        BagDifference difference =
                new BagDifference(session, stored.schema().columns(), StateNames.delta(stored.model()), stored.rows());
        difference.prepare();
        return difference;
    }

    /** Brings an output to its computed difference, logs it and leaves its rows to be read by other models. */
    private TableDelta store(Output stored, BagDifference difference, BagDifference.Counts counts) throws SQLException {
        TableId model = stored.model();
        TableSchema schema = stored.schema();
        TableDelta delta = new TableDelta(model, schema, counts.deleted(), counts.inserted(), false);
        boolean trusted = uniqueKey.takeTrust(model);
        if (delta.isEmpty()) {
            if (stored.isHeld()) {
                catalog.put(stored.released());
            }
        } else {
            difference.apply(stored.physical(), counts);
            if (counts.inserted() > 0 && !trusted) {
                uniqueKey.requireAfter(stored, StateNames.delta(model));
            }
            session.update(
                    Planning.AS_WRITTEN,
                    "INSERT INTO " + stored.logTable() + " SELECT ?::BIGINT, " + WEIGHT + ", "
                            + SqlText.names(schema.columns()) + " FROM " + StateNames.delta(model),
                    cut);
            catalog.logged(stored, delta.rows());
            catalog.put(stored.changed(counts.inserted() - counts.deleted(), cut));
            changed.add(model);
            if (delta.rows() > Session.LARGE) {
                cleanups.add("DELETE FROM " + StateNames.delta(model));
            }
        }
        return delta;
    }

    /** The columns that the query's result would be stored with. */
    public TableSchema resultOf(TableId model, String sql, List<String> uniqueKey) throws SQLException {
        QueryShape shape;
        try {
            shape = QueryShape.of(session, single(model, sql));
        } catch (QueryShape.Unfit e) {
            throw failed(model, e.getMessage(), e);
        }
        return new TableSchema(shape.columns(), existing(model, shape, uniqueKey));
    }

    private QueryShape shape(TableId model, String query) throws SQLException {
        QueryShape shape;
        try {
            shape = shapes.of(session, model, query);
        } catch (QueryShape.Unfit e) {
            throw failed(model, e.getMessage(), e);
        }
        requireUsableNames(model, shape);
        return shape;
    }

    private TableDelta replace(TableId model, @Nullable Output stored, TableSchema schema, String select)
            throws SQLException {
        if (stored != null || catalog.view(model) != null) {
            // The query may read what the name stood for until now (itself, through a view): compute before dropping.
            session.execute("CREATE OR REPLACE TEMP TABLE " + RESULT + " AS " + select);
            drop(model);
            select = "SELECT * FROM temp." + RESULT;
        }
        createSchema(model);
        session.execute("CREATE TABLE " + StateNames.relation(model) + " AS " + select);
        new VariedTexts(session).settle(StateNames.relation(model));
        uniqueKey.takeTrust(model);
        uniqueKey.require(model, schema);
        long rows = session.number("SELECT count(*) FROM " + StateNames.relation(model));
        Output output = new Output(catalog.newId(), model, schema, rows, cut, cut, "", 0);
        session.execute("CREATE TABLE " + output.logTable() + " (" + CUT + " BIGINT, " + WEIGHT + " BIGINT, "
                + SqlText.definitions(schema.columns()) + ")");
        session.execute("DROP TABLE IF EXISTS temp." + RESULT);
        session.execute("DROP TABLE IF EXISTS temp." + REBUILT);
        catalog.put(output);
        forgetShapes();
        return new TableDelta(model, schema, stored == null ? 0 : stored.rows(), rows, true);
    }

    /** As {@link dev.freshet.state.StateTransaction#drop} says. */
    public void drop(TableId model) throws SQLException {
        Output output = catalog.output(model);
        if (output != null) {
            groups.drop(output);
            session.execute("DROP TABLE " + output.physical());
            session.execute("DROP TABLE " + output.logTable());
        } else if (catalog.view(model) != null) {
            session.execute("DROP VIEW " + StateNames.relation(model));
        } else {
            return;
        }
        catalog.remove(model);
        changed.remove(model);
        matching.forget(model);
        forgetShapes();
    }

    private void forgetShapes() {
        shapes.forget();
        session.working().forget();
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

    private void createSchema(TableId model) throws SQLException {
        if (catalog.claim(model)) {
            session.execute("CREATE SCHEMA IF NOT EXISTS " + quote(StateNames.schema(model)));
        }
    }

    private void refuseSourceName(TableId model) {
        if (catalog.mirror(model) != null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + model + "' is both a source table and a model: give the model another name or schema");
        }
    }

    private static void requireUsableNames(TableId model, QueryShape shape) {
        for (Column column : shape.columns()) {
            if (SqlText.isReserved(column.name())) {
                throw failed(
                        model,
                        "has a column \"" + column.name()
                                + "\", a name that the state store needs for itself: give it another alias",
                        null);
            }
        }
    }

    /** The key columns as the result spells them. */
    private static List<String> existing(TableId model, QueryShape shape, List<String> uniqueKey) {
        return uniqueKey.stream()
                .map(key -> shape.columns().stream()
                        .map(column -> column.name())
                        .filter(name -> name.toLowerCase(Locale.ROOT).equals(key.toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> failed(
                                model,
                                "unique_key names column \"" + key
                                        + "\", which the model's result does not have: correct either",
                                null)))
                .toList();
    }

    private static String single(TableId model, String sql) {
        return ModelQuery.single(sql)
                .orElseThrow(() -> failed(model, "its SQL is not exactly one query: a model is a single SELECT", null));
    }

    /** The error of a model that can't be computed. */
    public static ModelFailedException failed(TableId model, String why, @Nullable Throwable cause) {
        return new ModelFailedException(model, "model '" + model + "': " + why, cause);
    }
}
