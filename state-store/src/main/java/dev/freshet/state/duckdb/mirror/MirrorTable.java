package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.sql.SqlText.ROW_HASH;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ReloadNeededException;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.RowHash;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Gives a mirror the shape that staging declares: its physical table and the view that models name. */
final class MirrorTable {

    private final Session session;
    private final Catalog catalog;

    MirrorTable(Session session, Catalog catalog) {
        this.session = session;
        this.catalog = catalog;
    }

    /** A new, empty mirror in the place of whatever was there. */
    Mirror create(TableId table, TableSchema schema) throws SQLException {
        requireUsableNames(table, schema);
        if (catalog.output(table) != null || catalog.view(table) != null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + table + "' is both a source table and a model: give the model another name or schema");
        }
        Mirror old = catalog.mirror(table);
        if (old != null) {
            session.execute("DROP TABLE " + old.physical());
        }
        catalog.claim(table);
        Mirror mirror = new Mirror(catalog.newId(), table, schema, true);
        session.execute(creation(mirror, Set.of()));
        expose(mirror);
        catalog.put(mirror);
        return mirror;
    }

    /** Makes a mirror's physical table. */
    static String creation(Mirror mirror, Set<String> varied) {
        return "CREATE TABLE " + mirror.physical() + " ("
                + SqlText.list(
                        mirror.schema().columns(),
                        column -> VariedTexts.definition(
                                column.name(), column.type().sql(), varied))
                + ", " + ROW_HASH + " UHUGEINT)";
    }

    /** The same rows in another shape. Columns that are new are NULL in them. */
    Mirror reshape(Mirror old, TableSchema schema) throws SQLException {
        requireUsableNames(old.table(), schema);
        List<Column> before = old.schema().columns();
        boolean appended = schema.key().equals(old.schema().key())
                && schema.columns().size() >= before.size()
                && schema.columns().subList(0, before.size()).equals(before);
        return appended ? append(old, schema) : rebuild(old, schema);
    }

    /** A NULL at the end changes no hash, so the rows stay as they are. */
    private Mirror append(Mirror old, TableSchema schema) throws SQLException {
        List<Column> added = schema.columns()
                .subList(old.schema().columns().size(), schema.columns().size());
        for (Column column : added) {
            session.execute("ALTER TABLE " + old.physical() + " ADD COLUMN " + quote(column.name()) + " "
                    + column.type().sql());
        }
        Mirror mirror = old.withSchema(schema);
        expose(mirror);
        catalog.put(mirror);
        return mirror;
    }

    private Mirror rebuild(Mirror old, TableSchema schema) throws SQLException {
        Mirror mirror = new Mirror(catalog.newId(), old.table(), schema, old.ready());
        String casts = SqlText.list(
                schema.columns(),
                column -> (old.schema().indexOf(column.name()) < 0 ? "NULL" : quote(column.name())) + "::"
                        + column.type().sql() + " AS " + quote(column.name()));
        try {
            session.execute("CREATE TABLE " + mirror.physical() + " AS SELECT *, " + RowHash.sql(schema.columns())
                    + " AS " + ROW_HASH + " FROM (SELECT " + casts + " FROM " + old.physical() + ")");
        } catch (SQLException e) {
            if (StoreErrors.isOurs(e) || StoreErrors.isOutOfMemory(e)) {
                throw e;
            }
            throw new ReloadNeededException(
                    old.table(),
                    "its columns changed and what is stored does not fit the new types (" + StoreErrors.firstLine(e)
                            + ")");
        }
        if (schema.isKeyed() && !schema.key().equals(old.schema().key())) {
            String key = SqlText.quoted(schema.key());
            if (session.number("SELECT count(*) FROM (SELECT 1 FROM " + mirror.physical() + " GROUP BY " + key
                            + " HAVING count(*) > 1)")
                    > 0) {
                throw new ReloadNeededException(old.table(), "its key changed");
            }
        }
        session.execute("DROP TABLE " + old.physical());
        expose(mirror);
        catalog.put(mirror);
        return mirror;
    }

    private void expose(Mirror mirror) throws SQLException {
        session.execute("CREATE SCHEMA IF NOT EXISTS " + quote(StateNames.schema(mirror.table())));
        session.execute("CREATE OR REPLACE VIEW " + StateNames.relation(mirror.table()) + " AS SELECT "
                + SqlText.names(mirror.schema().columns()) + " FROM " + mirror.physical());
    }

    private static void requireUsableNames(TableId table, TableSchema schema) {
        Set<String> names = new HashSet<>();
        for (Column column : schema.columns()) {
            String folded = column.name().toLowerCase(Locale.ROOT);
            if (!names.add(folded)) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "table '" + table + "' has two columns named '" + column.name()
                                + "' but for upper and lower case, which DuckDB does not"
                                + " tell apart: leave one out or rename it");
            }
            if (SqlText.isReserved(folded)) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "table '" + table + "' has a column '" + column.name()
                                + "', a name that the state store needs for itself: leave it out" + " or rename it");
            }
        }
    }
}
