package dev.freshet.state.duckdb.session;

import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;

import dev.freshet.state.DataType;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.HiddenValues;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.sql.ColumnValues;
import dev.freshet.state.duckdb.sql.ModelQuery;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of one result. */
public final class ResultCursor implements RowCursor {

    private final TableSchema schema;
    private final DataType[] types;
    private final Statement statement;
    private final ResultSet result;
    private final boolean weighted;

    private ResultCursor(Session session, TableSchema schema, String sql, boolean weighted) throws SQLException {
        this.schema = schema;
        this.types = schema.columns().stream().map(column -> column.type()).toArray(DataType[]::new);
        this.weighted = weighted;
        this.statement = session.statement();
        boolean done = false;
        try {
            this.result = statement.executeQuery(sql);
            done = true;
        } finally {
            if (!done) {
                statement.close();
            }
        }
    }

    /**
     * The rows of a person's query.
     *
     * @throws FreshetException USER when it is no query or fails
     */
    public static ResultCursor ofQuery(Session session, DuckDbConfig config, String sql) {
        String query = ModelQuery.single(sql)
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER, "a query must be exactly one SELECT: '" + sql.strip() + "'"));
        try {
            QueryShape shape = QueryShape.of(session, query);
            return of(session, new TableSchema(shape.columns(), List.of()), shape.select(query));
        } catch (QueryShape.Unfit e) {
            throw new FreshetException(ErrorKind.USER, "the query " + e.getMessage(), e);
        } catch (SQLException e) {
            SQLException told = HiddenValues.in(e);
            throw StoreErrors.isOurs(e)
                    ? StoreErrors.of("running a query", config, e)
                    : new FreshetException(
                            ErrorKind.USER,
                            "the query failed: "
                                    + String.valueOf(told.getMessage()).strip(),
                            told);
        }
    }

    /** @param rows a query with exactly the schema's columns */
    public static ResultCursor of(Session session, TableSchema schema, String rows) throws SQLException {
        return new ResultCursor(session, schema, "SELECT " + projection(schema) + " FROM (" + rows + ")", false);
    }

    /**
     * Rows without or with few copies first.
     *
     * @param rows a query with the schema's columns and {@link SqlText#WEIGHT}
     */
    public static ResultCursor weighted(Session session, TableSchema schema, String rows) throws SQLException {
        return new ResultCursor(
                session,
                schema,
                "SELECT " + projection(schema) + ", " + WEIGHT + " FROM (" + rows + ") ORDER BY " + WEIGHT + " > 0",
                true);
    }

    /**
     * Rows in an order.
     *
     * @param rows a query with the schema's columns and {@link SqlText#WEIGHT}
     */
    public static ResultCursor ordered(Session session, TableSchema schema, String rows, String order)
            throws SQLException {
        return new ResultCursor(
                session,
                schema,
                "SELECT " + projection(schema) + ", " + WEIGHT + " FROM (SELECT * FROM (" + rows + ") ORDER BY " + order
                        + ")",
                true);
    }

    private static String projection(TableSchema schema) {
        return SqlText.list(schema.columns(), ColumnValues::projection);
    }

    @Override
    public TableSchema schema() {
        return schema;
    }

    @Override
    public boolean next() {
        try {
            return result.next();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public @Nullable Object value(int column) {
        try {
            return ColumnValues.read(result, column + 1, types[column]);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    @Override
    public long weight() {
        if (!weighted) {
            return 1;
        }
        try {
            return result.getLong(types.length + 1);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static FreshetException failed(SQLException e) {
        SQLException told = HiddenValues.in(e);
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "reading rows from the state store broke off: " + StoreErrors.firstLine(told) + "; open a new snapshot",
                told);
    }

    @Override
    public void close() {
        try {
            result.close();
            statement.close();
        } catch (SQLException ignored) {
            // The rows were read; the memory goes with the connection.
        }
    }
}
