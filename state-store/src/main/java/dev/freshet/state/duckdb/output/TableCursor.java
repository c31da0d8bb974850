package dev.freshet.state.duckdb.output;

import dev.freshet.state.RowCursor;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.session.ResultCursor;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The rows of one table, a stretch of physical rows at a time: a result is held in memory as a whole, and a table may be large. */
public final class TableCursor implements RowCursor {

    /** Two of DuckDB's row groups. */
    private static final long STRETCH = 245_760;

    private final Session session;
    private final DuckDbConfig config;
    private final TableSchema schema;
    private final String table;
    private final long end;
    private long from;
    private ResultCursor stretch;

    /** Opens it and reads the first stretch. */
    public TableCursor(Session session, DuckDbConfig config, TableSchema schema, String table) throws SQLException {
        this.session = session;
        this.config = config;
        this.schema = schema;
        this.table = table;
        this.end = session.number("SELECT coalesce(max(rowid) + 1, 0) FROM " + table);
        this.stretch = read();
    }

    private ResultCursor read() throws SQLException {
        return ResultCursor.of(
                session,
                schema,
                "SELECT " + SqlText.names(schema.columns()) + " FROM " + table + " WHERE rowid >= " + from
                        + " AND rowid < " + (from + STRETCH));
    }

    @Override
    public TableSchema schema() {
        return schema;
    }

    @Override
    public boolean next() {
        while (!stretch.next()) {
            from += STRETCH;
            if (from >= end) {
                return false;
            }
            stretch.close();
            try {
                stretch = read();
            } catch (SQLException e) {
                throw StoreErrors.of("reading a model's rows", config, e);
            }
        }
        return true;
    }

    @Override
    public @Nullable Object value(int column) {
        return stretch.value(column);
    }

    @Override
    public long weight() {
        return 1;
    }

    @Override
    public void close() {
        stretch.close();
    }
}
