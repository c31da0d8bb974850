package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.CUT;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.catalog.ShapeCache;
import dev.freshet.state.duckdb.mirror.VariedTexts;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the stored rows of models: differences and their log, new outputs, and what goes when one is dropped. */
final class OutputRows {

    /** A temporary table for a result that can't be stored at once. */
    static final String RESULT = "freshet_result";
    /** A temporary table for rows that a result is made of. */
    static final String REBUILT = "freshet_rebuilt";

    private final Session session;
    private final Catalog catalog;
    private final ShapeCache shapes;
    private final long cut;
    private final Set<TableId> changed;
    private final List<String> cleanups;
    private final GroupTotals groups;
    private final MatchingRows matching;
    private final UniqueKey uniqueKey;

    /** @see ModelOutputs#ModelOutputs */
    OutputRows(
            Session session,
            Catalog catalog,
            ShapeCache shapes,
            long cut,
            Set<TableId> changed,
            List<String> cleanups,
            GroupTotals groups,
            MatchingRows matching) {
        this.session = session;
        this.catalog = catalog;
        this.shapes = shapes;
        this.cut = cut;
        this.changed = changed;
        this.cleanups = cleanups;
        this.groups = groups;
        this.matching = matching;
        this.uniqueKey = new UniqueKey(session);
    }

    /** As {@link dev.freshet.state.RowMaintenance#trustKey} says. */
    void trustKey(TableId model) {
        uniqueKey.trust(model);
    }

    /** The output of a model that has one. */
    Output known(TableId model) {
        Output stored = catalog.output(model);
        if (stored == null) {
            throw new IllegalStateException("'" + model + "' has no output yet: compute it in full first");
        }
        return stored;
    }

    /** To compute a difference with an output's rows. From now on the one before can't be read any more. */
    BagDifference difference(Output stored) throws SQLException {
        changed.remove(stored.model());
        matching.forget(stored.model());
        BagDifference difference =
                new BagDifference(session, stored.schema().columns(), StateNames.delta(stored.model()), stored.rows());
        difference.prepare();
        return difference;
    }

    /** Brings an output to its computed difference, logs it and leaves its rows to be read by other models. */
    TableDelta store(Output stored, BagDifference difference, BagDifference.Counts counts) throws SQLException {
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

    /**
     * Applies signed rows.
     *
     * @return empty, and nothing is changed, when the output does not hold rows that should leave
     */
    Optional<TableDelta> take(Planning how, Output stored, String sql) throws SQLException {
        BagDifference difference = difference(stored);
        Optional<BagDifference.Counts> counts = difference.take(
                how, "(SELECT " + WEIGHT + ", " + typed(stored) + " FROM (" + sql + "))", stored.physical());
        return counts.isEmpty() ? Optional.empty() : Optional.of(store(stored, difference, counts.get()));
    }

    /** A select list of an output's columns, of their types. */
    static String typed(Output stored) {
        return SqlText.list(
                stored.schema().columns(),
                column -> quote(column.name()) + "::" + column.type().sql() + " AS " + quote(column.name()));
    }

    /**
     * Makes an output anew.
     *
     * @param stored what is in its place, null for nothing
     * @param select gives its rows
     */
    TableDelta replace(TableId model, @Nullable Output stored, TableSchema schema, String select) throws SQLException {
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
    void drop(TableId model) throws SQLException {
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

    /** A table or view was made or dropped. */
    void forgetShapes() {
        shapes.forget();
        session.working().forget();
    }

    /** Where a model's table or view goes. */
    void createSchema(TableId model) throws SQLException {
        if (catalog.claim(model)) {
            session.execute("CREATE SCHEMA IF NOT EXISTS " + quote(StateNames.schema(model)));
        }
    }
}
