package dev.freshet.ingest.postgres;

import dev.freshet.ingest.postgres.debezium.DebeziumLog;
import dev.freshet.ingest.postgres.debezium.LogEvent.RowEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Completes rows whose key changes while their table is being loaded. The load reads the table in pieces: one may read the new key's place before
 * the row came there, and a later one the old key's place after it left, so that nobody has the values that the log did not send. They are
 * taken from the row as it is now. That may be newer than the change, but not newer than the load's end, before which nothing of the
 * table is used; if the row is gone by then, the log will say so.
 */
final class MovedRows implements AutoCloseable {

    private final Database database;
    private @Nullable Connection connection;

    MovedRows(Database database) {
        this.database = database;
    }

    RowEvent complete(CapturedTable table, RowEvent row) {
        List<String> columns = row.relation().columns();
        List<String> key = new ArrayList<>();
        for (String column : table.schema().key()) {
            key.add(row.after()[columns.indexOf(column)]);
        }
        TableCopy copy = new TableCopy(table);
        @Nullable String[] filled = row.after().clone();
        try {
            TableCopy.copy(connection(), copy.one(key), line -> {
                @Nullable String[] now = copy.fields(line, line.length);
                for (int i = 0; i < filled.length; i++) {
                    int source = table.schema().indexOf(columns.get(i));
                    if (DebeziumLog.isUnavailable(filled[i]) && source >= 0) {
                        filled[i] = now[source];
                    }
                }
                return true;
            });
        } catch (SQLException e) {
            close();
            throw database.failed(
                    "completing a moved row of table \"" + table.id().name() + "\"", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new RowEvent(row.relation(), row.operation(), row.moved(), row.before(), filled);
    }

    private Connection connection() {
        Connection open = connection;
        if (open == null) {
            open = database.connect();
            connection = open;
        }
        return open;
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException ignored) {
            // Nothing depends on it.
        } finally {
            connection = null;
        }
    }
}
