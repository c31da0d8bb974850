package dev.freshet.ingest.postgres;

import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** One-time reads, all in the one transaction that the first of them opens. */
final class PostgresTableReader implements TableReader {

    private static final int BUFFER_BYTES = 1 << 18;

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

    @Override
    public OptionalLong copy(TableScan scan, Path file) {
        CapturedTable shape = described.get(scan.table());
        if (shape == null) {
            throw new IllegalArgumentException(scan.table() + " is not described");
        }
        Optional<String> statement = new CsvCopy(shape).statement(scan);
        if (statement.isEmpty()) {
            return OptionalLong.empty();
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES)) {
            return OptionalLong.of(
                    connection().unwrap(PGConnection.class).getCopyAPI().copyOut(statement.get(), out));
        } catch (SQLException e) {
            throw database.failed(
                    "reading table \"" + scan.table().schema() + "."
                            + scan.table().name() + "\"",
                    e);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + file + "' can't be written: " + e.getMessage() + "; free space there", e);
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
            try {
                open.close();
            } catch (SQLException suppressed) {
                e.addSuppressed(suppressed);
            }
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
