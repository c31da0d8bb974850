package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.file.DatabaseFile;
import dev.freshet.state.duckdb.file.HiddenValues;
import dev.freshet.state.duckdb.file.SharedFile;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.session.ResultCursor;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ColumnTypes;
import dev.freshet.state.duckdb.sql.SqlText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads whole tables of a DuckDB file that others own, all in one transaction. Used by one thread. */
public final class DuckDbTables implements AutoCloseable {

    /** Two of DuckDB's row groups: a result is held in memory as a whole. */
    private static final long STRETCH = 245_760;

    private final Path file;
    private final Session session;
    /** A schema may be called as the database is, so names are given whole. */
    private final String database;

    private DuckDbTables(Path file, Session session, String database) {
        this.file = file;
        this.database = database;
        this.session = session;
    }

    /**
     * Empty when there is no such file; none is made.
     *
     * @throws FreshetException RETRYABLE while another process has it open
     */
    public static Optional<DuckDbTables> open(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Connection connection = DatabaseFile.session(SharedFile.connect("jdbc:duckdb:" + file));
            connection.setAutoCommit(false);
            Session session = new Session(connection);
            String database = session.rows("SELECT current_database()", row -> row.getString(1))
                    .get(0);
            return Optional.of(new DuckDbTables(file, session, database));
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }

    /** Whether there is such a table, in whichever case its names are written. A view is none. */
    public boolean exists(TableId table) {
        try {
            return !session.rows(
                            "SELECT 1 FROM duckdb_tables() WHERE NOT internal AND NOT temporary AND lower(schema_name) = lower(?)"
                                    + " AND lower(table_name) = lower(?) AND database_name = current_database()",
                            row -> 1,
                            table.schema(),
                            table.name())
                    .isEmpty();
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }

    /** @throws FreshetException USER naming a column whose type can't be kept */
    public TableSchema schema(TableId table) {
        try {
            List<Column> columns = new ArrayList<>();
            for (Session.ResultColumn found : session.describe("SELECT * FROM " + name(table))) {
                columns.add(new Column(
                        found.name(),
                        ColumnTypes.of(found.type())
                                .orElseThrow(() -> new FreshetException(
                                        ErrorKind.USER,
                                        "column \"" + found.name() + "\" of table '" + table + "' has type "
                                                + found.type() + ", which can't be kept: change it there"))));
            }
            return new TableSchema(columns, List.of());
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }

    /** Hands the cursor, standing on each row of the table in turn, to the consumer. */
    public void read(TableId table, TableSchema schema, Consumer<RowCursor> rows) {
        try {
            long end = session.number("SELECT coalesce(max(rowid) + 1, 0) FROM " + name(table));
            for (long from = 0; from < end; from += STRETCH) {
                try (ResultCursor cursor = ResultCursor.of(
                        session,
                        schema,
                        "SELECT " + SqlText.names(schema.columns()) + " FROM " + name(table) + " WHERE rowid >= " + from
                                + " AND rowid < " + (from + STRETCH))) {
                    while (cursor.next()) {
                        rows.accept(cursor);
                    }
                }
            }
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }

    private String name(TableId table) {
        return quote(database) + "." + quote(table.schema()) + "." + quote(table.name());
    }

    private static FreshetException failed(Path file, SQLException e) {
        SQLException told = HiddenValues.in(e);
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "reading '" + file + "' failed: " + StoreErrors.firstLine(told) + "; it is tried again",
                told);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }
}
