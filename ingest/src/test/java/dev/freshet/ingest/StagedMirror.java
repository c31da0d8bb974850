package dev.freshet.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Column;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A reader of staged batches that does nothing but what their Javadoc says: it keeps the contents of every table as text rows, so that a test
 * can compare them with what the source had.
 */
public final class StagedMirror implements AutoCloseable {

    /** A staged row: its operation, its values as text, and the names of values that were not sent. */
    private record Event(String op, long tx, List<String> values, Set<String> unavailable, boolean poison) {}

    /** Stands for a value that was not sent, of a row that is not there: a state store asks for another load. */
    private static final String NOWHERE = "(not sent, and nowhere else)";

    private final Connection duckdb;
    private final Map<TableId, List<List<String>>> contents = new HashMap<>();
    private final Set<TableId> ready = new HashSet<>();
    private SourcePosition position = SourcePosition.START;

    public StagedMirror() {
        try {
            duckdb = DriverManager.getConnection("jdbc:duckdb:");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public SourcePosition position() {
        return position;
    }

    public boolean isReady(TableId table) {
        return ready.contains(table);
    }

    /** The rows of a table in no particular order, values as text, null as null. */
    public List<List<String>> contents(TableId table) {
        return contents.getOrDefault(table, List.of());
    }

    public void apply(StagedBatch batch) {
        assertThat(batch.start().isAfter(position))
                .as("batch %s starts at %s, the mirror stands at %s", batch.id(), batch.start(), position)
                .isFalse();
        for (StagedTable table : batch.tables()) {
            if (table.loading()) {
                ready.remove(table.table());
            } else {
                apply(table);
            }
        }
        position = batch.end();
    }

    private void apply(StagedTable table) {
        List<List<String>> rows = new ArrayList<>(contents(table.table()));
        Optional<StagedBase> base = table.base();
        if (base.isPresent()) {
            rows = new ArrayList<>();
            for (Event event : read(
                    table.schema(),
                    base.get().files(),
                    "_op = 'r' and _load = " + base.get().load(),
                    "1")) {
                if (!event.poison()) {
                    rows.add(event.values());
                }
            }
            ready.add(table.table());
        }
        assertThat(ready)
                .as("changes of %s came before it was loaded", table.table())
                .contains(table.table());
        String range = "_op <> 'r' and _position > " + table.after().ordinal() + " and _position <= "
                + table.through().ordinal();
        List<String> deleted = List.of();
        for (Event event : read(table.schema(), table.files(), range, "_position, _sequence")) {
            if (table.schema().isKeyed()) {
                deleted = keyed(table.schema(), rows, event, deleted);
            } else if (base.isEmpty()
                    || base.get().snapshot().isEmpty()
                    || !base.get().snapshot().get().shows(event.tx())) {
                bag(rows, event);
            }
        }
        contents.put(table.table(), rows);
    }

    private static List<String> keyed(TableSchema schema, List<List<String>> rows, Event event, List<String> deleted) {
        List<Integer> key = schema.key().stream().map(schema::indexOf).toList();
        List<String> at = key.stream().map(event.values()::get).toList();
        if (event.op().equals("t")) {
            rows.clear();
            return List.of();
        }
        List<String> before = rows.stream()
                .filter(row -> key.stream().map(row::get).toList().equals(at))
                .findFirst()
                .orElse(List.of());
        rows.remove(before);
        if (event.op().equals("d")) {
            return before;
        }
        List<String> source = event.op().equals("m") && !deleted.isEmpty() ? deleted : before;
        List<String> values = new ArrayList<>(event.values());
        for (String column : event.unavailable()) {
            int slot = schema.indexOf(column);
            values.set(slot, source.isEmpty() ? NOWHERE : source.get(slot));
        }
        if (!event.poison()) {
            rows.add(values);
        }
        return List.of();
    }

    private static void bag(List<List<String>> rows, Event event) {
        if (event.op().equals("t")) {
            rows.clear();
        } else if (event.op().equals("d")) {
            assertThat(rows.remove(event.values()))
                    .as("%s of a row that is not there", event)
                    .isTrue();
        } else if (!event.poison()) {
            rows.add(event.values());
        }
    }

    private List<Event> read(TableSchema schema, List<Path> files, String where, String order) {
        if (files.isEmpty()) {
            return List.of();
        }
        String list = files.stream()
                .map(file -> "'" + file.toString().replace("'", "''") + "'")
                .collect(Collectors.joining(","));
        String columns = schema.columns().stream().map(StagedMirror::text).collect(Collectors.joining(","));
        String sql = "select _op, coalesce(_tx, -1), _unavailable, _poison is not null, " + columns
                + " from read_parquet([" + list + "], union_by_name=true) where " + where + " order by " + order;
        List<Event> events = new ArrayList<>();
        try (Statement statement = duckdb.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < schema.columns().size(); i++) {
                    values.add(result.getString(5 + i));
                }
                events.add(new Event(
                        result.getString(1),
                        result.getLong(2),
                        values,
                        names(result.getString(3)),
                        result.getBoolean(4)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return events;
    }

    private static String text(Column column) {
        return "cast(\"" + column.name().replace("\"", "\"\"") + "\" as "
                + column.type().sql() + ")::varchar";
    }

    private static Set<String> names(String json) {
        return json == null
                ? Set.of()
                : Set.of(json.substring(2, json.length() - 2).split("\",\"", -1));
    }

    @Override
    public void close() {
        try {
            duckdb.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
