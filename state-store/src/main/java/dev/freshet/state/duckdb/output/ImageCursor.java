package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.CUT;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;

import dev.freshet.state.RowCursor;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.session.ResultCursor;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A model's rows at a cut in a lasting order: a share of them at a time, since a result is held in memory as a whole. The number of shares
 * follows from the number of rows at the cut, so a later reading finds the same ones.
 */
public final class ImageCursor implements RowCursor {

    private static final long SHARE_ROWS = 250_000;

    private final Session session;
    private final DuckDbConfig config;
    private final Output output;
    private final long cut;
    private final long shares;
    private long share;
    private ResultCursor rows;

    /** Opens it and reads the first share. */
    public ImageCursor(Session session, DuckDbConfig config, Output output, long cut) throws SQLException {
        this.session = session;
        this.config = config;
        this.output = output;
        this.cut = cut;
        long since = session.number(
                "SELECT sum(" + WEIGHT + ")::BIGINT FROM " + output.logTable() + " WHERE " + CUT + " > " + cut);
        this.shares = (output.rows() - since) / SHARE_ROWS + 1;
        this.rows = read();
    }

    private ResultCursor read() throws SQLException {
        String all = Images.rowsAt(output, cut);
        String mine = shares == 1
                ? all
                : "SELECT * FROM (" + all + ") WHERE hash(" + Images.order(output) + ") % " + shares + " = " + share;
        return ResultCursor.ordered(session, output.schema(), mine, Images.order(output));
    }

    @Override
    public TableSchema schema() {
        return output.schema();
    }

    @Override
    public boolean next() {
        while (!rows.next()) {
            if (share + 1 >= shares) {
                return false;
            }
            share++;
            rows.close();
            try {
                rows = read();
            } catch (SQLException e) {
                throw StoreErrors.of("reading a model's rows", config, e);
            }
        }
        return true;
    }

    @Override
    public @Nullable Object value(int column) {
        return rows.value(column);
    }

    @Override
    public long weight() {
        return rows.weight();
    }

    @Override
    public void close() {
        rows.close();
    }
}
