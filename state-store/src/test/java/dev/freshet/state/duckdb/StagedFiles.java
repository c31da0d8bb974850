package dev.freshet.state.duckdb;

import dev.freshet.state.BatchId;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.sql.SqlText;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes Parquet files as staging does, with a DuckDB of its own. */
final class StagedFiles implements AutoCloseable {

    /** A staged row; values in the order of the schema. */
    record Event(
            String op,
            long position,
            long tx,
            long sequence,
            @Nullable Object[] values,
            Set<String> unavailable,
            @Nullable String poison,
            @Nullable Long load) {

        static Event of(String op, long position, long sequence, @Nullable Object... values) {
            return new Event(op, position, position, sequence, values, Set.of(), null, null);
        }

        static Event row(long load, @Nullable Object... values) {
            return new Event("r", 0, 0, 0, values, Set.of(), null, load);
        }

        Event without(String... columns) {
            return new Event(op, position, tx, sequence, values, Set.of(columns), poison, load);
        }

        Event poisoned(String reason) {
            return new Event(op, position, tx, sequence, values, unavailable, reason, load);
        }

        Event in(long transaction) {
            return new Event(op, position, transaction, sequence, values, unavailable, poison, load);
        }
    }

    private final Path directory;
    private final Connection connection;
    private int files;

    StagedFiles(Path directory) {
        this.directory = directory;
        try {
            connection = DriverManager.getConnection("jdbc:duckdb:");
            execute("SET TimeZone = 'UTC'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    Path write(TableSchema schema, List<Event> events) {
        String columns = SqlText.list(
                schema.columns(), column -> SqlText.quote(column.name()) + " " + stagedType(column.type()));
        execute(
                "CREATE OR REPLACE TABLE staged (_op VARCHAR, _position BIGINT, _tx BIGINT, _committed_at TIMESTAMPTZ, _sequence BIGINT,"
                        + " _unavailable VARCHAR, _poison VARCHAR, _load BIGINT, " + columns + ")");
        if (!events.isEmpty()) {
            execute("INSERT INTO staged VALUES "
                    + events.stream().map(event -> row(schema, event)).collect(Collectors.joining(", ")));
        }
        return copy("SELECT * FROM staged");
    }

    /** Writes the rows of any query. */
    Path copy(String query) {
        Path file = directory.resolve("staged-" + ++files + ".parquet");
        execute("COPY (" + query + ") TO " + SqlText.literal(file.toString()) + " (FORMAT parquet)");
        return file;
    }

    void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + " in " + sql.substring(0, Math.min(500, sql.length())), e);
        }
    }

    private static String row(TableSchema schema, Event event) {
        StringBuilder row = new StringBuilder("(")
                .append(SqlText.literal(event.op()))
                .append(", ")
                .append(event.position())
                .append(", ")
                .append(event.tx())
                .append(", now(), ")
                .append(event.sequence())
                .append(", ")
                .append(
                        event.unavailable().isEmpty()
                                ? "NULL"
                                : SqlText.literal(event.unavailable().stream()
                                        .map(name -> "\"" + name + "\"")
                                        .collect(Collectors.joining(",", "[", "]"))))
                .append(", ")
                .append(event.poison() == null ? "NULL" : SqlText.literal(event.poison()))
                .append(", ")
                .append(event.load() == null ? "NULL" : event.load().toString());
        for (int i = 0; i < schema.columns().size(); i++) {
            Column column = schema.columns().get(i);
            boolean sent = i < event.values().length && !event.unavailable().contains(column.name());
            row.append(", ").append(literal(sent ? event.values()[i] : null, column.type()));
        }
        return row.append(")").toString();
    }

    /** Parquet has no type for these; staging writes text that casts back. */
    private static String stagedType(DataType type) {
        if (type instanceof ListOf list) {
            return stagedType(list.element()) + "[]";
        }
        return type == Simple.HUGEINT || type == Simple.JSON || type == Simple.INTERVAL ? "VARCHAR" : type.sql();
    }

    static String literal(@Nullable Object value, DataType type) {
        if (value == null) {
            return "NULL";
        }
        if (type instanceof ListOf list) {
            return ((List<?>) value)
                            .stream()
                                    .map(element -> literal(element, list.element()))
                                    .collect(Collectors.joining(", ", "[", "]"))
                    + "::" + stagedType(type);
        }
        String cast = "::" + type.sql();
        if (type == Simple.HUGEINT || type == Simple.JSON) {
            return SqlText.literal(value.toString());
        }
        if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return "unhex('" + HexFormat.of().formatHex(copy) + "')";
        }
        if (value instanceof IntervalValue interval) {
            return "'" + interval.months() + " months " + interval.days() + " days " + interval.micros()
                    + " microseconds'";
        }
        if (type == Simple.DATE && value instanceof Integer days) {
            return days == Integer.MAX_VALUE
                    ? "'infinity'" + cast
                    : days == -Integer.MAX_VALUE ? "'-infinity'" + cast : "('1970-01-01'::DATE + " + days + ")";
        }
        if (type == Simple.TIME) {
            return "make_time(" + (long) value / 3_600_000_000L + ", " + (long) value / 60_000_000L % 60 + ", "
                    + (long) value % 60_000_000L + " / 1000000.0)";
        }
        if ((type == Simple.TIMESTAMP || type == Simple.TIMESTAMPTZ) && value instanceof Long micros) {
            if (micros == Long.MAX_VALUE || micros == -Long.MAX_VALUE) {
                return (micros > 0 ? "'infinity'" : "'-infinity'") + cast;
            }
            return "make_timestamp(" + micros + ")" + cast;
        }
        return SqlText.literal(value.toString()) + cast;
    }

    /** A batch over {@code (start, end]} with one table. */
    static StagedBatch batch(TableId table, TableSchema schema, long start, long end, Path... files) {
        return batch(
                table.connection(),
                start,
                end,
                new StagedTable(table, schema, at(start), at(end), List.of(files), Optional.empty(), false));
    }

    static StagedBatch batch(String source, long start, long end, StagedTable... tables) {
        return new StagedBatch(new BatchId(source, end), at(start), at(end), Instant.EPOCH, 0, List.of(tables));
    }

    static StagedTable table(TableId table, TableSchema schema, long start, long end, Path... files) {
        return new StagedTable(table, schema, at(start), at(end), List.of(files), Optional.empty(), false);
    }

    static StagedTable loaded(TableId table, TableSchema schema, long through, StagedBase base, Path... changes) {
        return new StagedTable(table, schema, base.start(), at(through), List.of(changes), Optional.of(base), false);
    }

    static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "t" + ordinal);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
