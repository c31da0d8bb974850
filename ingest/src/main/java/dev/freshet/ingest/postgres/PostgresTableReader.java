package dev.freshet.ingest.postgres;

import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One-time reads, all in the one transaction that the first of them opens. */
final class PostgresTableReader implements TableReader {

    private final Database database;
    private final Map<TableId, CapturedTable> described = new HashMap<>();
    private @Nullable Connection connection;

    PostgresTableReader(Database database) {
        this.database = database;
    }

    @Override
    public Set<TableId> existing(List<TableId> tables) {
        return new TableCatalog(database, Map.of(), TableCatalog.Purpose.READ).existing(connection(), tables);
    }

    @Override
    public Map<TableId, TableSchema> describe(List<TableId> tables, Map<TableId, Map<String, String>> declaredTypes) {
        TableCatalog catalog = new TableCatalog(database, declaredTypes, TableCatalog.Purpose.READ);
        Map<TableId, CapturedTable> found = catalog.describe(connection(), tables);
        described.putAll(found);
        Map<TableId, TableSchema> schemas = new HashMap<>();
        found.forEach((id, table) -> schemas.put(id, table.schema()));
        return Map.copyOf(schemas);
    }

    @Override
    public void read(TableId table, Consumer<LoadStep.LoadedRow> rows) {
        CapturedTable shape = described.get(table);
        if (shape == null) {
            throw new IllegalArgumentException(table + " is not described");
        }
        TableCopy copy = new TableCopy(shape);
        PoisonNote poison = new PoisonNote();
        try {
            TableCopy.copy(connection(), copy.all(), line -> {
                rows.accept(new LoadStep.LoadedRow(shape.row(copy.fields(line, line.length), poison), poison.take()));
                return true;
            });
        } catch (SQLException e) {
            throw database.failed("reading table \"" + table.schema() + "." + table.name() + "\"", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Connection connection() {
        Connection open = connection;
        if (open != null) {
            return open;
        }
        open = database.connect();
        try {
            open.setAutoCommit(false);
            open.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            open.setReadOnly(true);
            try (Statement statement = open.createStatement()) {
                statement.execute("select 1");
            }
        } catch (SQLException e) {
            throw database.failed("beginning to read", e);
        }
        connection = open;
        return open;
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.rollback();
                connection.close();
            }
        } catch (SQLException e) {
            throw database.failed("closing a connection", e);
        }
    }
}
