package dev.freshet.transform.plan;

import dev.freshet.state.BatchId;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Tables of a source with a random history, staged as Parquet files. Values are SQL literals. */
final class SimulatedSource implements AutoCloseable {

    static final String NAME = "s";
    private static final List<Column> COLUMNS = List.of(
            new Column("id", Simple.INTEGER),
            new Column("g", Simple.INTEGER),
            new Column("t", Simple.VARCHAR),
            new Column("v", new Decimal(10, 2)),
            new Column("w", Simple.TIMESTAMP),
            new Column("x", Simple.DOUBLE),
            new Column("b", Simple.BOOLEAN));
    private static final List<String> TEXTS =
            List.of("'a'", "'b'", "''", "' '", "'NULL'", "'it''s; --'", "'\u00e4\"\u20ac'", "NULL", "NULL", "'a '");

    /** A table: rows by literals; the first one is the key of a keyed table. */
    record Simulated(TableId id, TableSchema schema, List<List<String>> rows) {}

    final List<Simulated> tables = new ArrayList<>();
    private final Random random;
    private long position;
    private final ChangeFiles files;

    SimulatedSource(Path directory, Random random) throws SQLException {
        this.random = random;
        this.files = new ChangeFiles(directory);
        for (String name : List.of("t0", "t1", "bag")) {
            tables.add(new Simulated(
                    new TableId(NAME, "p", name),
                    new TableSchema(COLUMNS, name.equals("bag") ? List.of() : List.of("id")),
                    new ArrayList<>()));
        }
    }

    /** One or several source transactions over one or several tables. */
    StagedBatch change(int mostEvents) throws SQLException {
        long start = position;
        position += 10;
        List<StagedTable> staged = new ArrayList<>();
        boolean clearing = start > 0 && random.nextInt(10) == 0;
        for (Simulated table : tables) {
            if (start == 0 || random.nextInt(3) > 0) {
                List<ChangeFiles.Event> events =
                        clearing ? cleared(table) : events(table, start == 0 ? 25 : random.nextInt(mostEvents + 1));
                if (!events.isEmpty()) {
                    staged.add(staged(table, start, events));
                }
            }
        }
        return new StagedBatch(new BatchId(NAME, position), at(start), at(position), Instant.EPOCH, 0, staged);
    }

    /** One row of one table gets another value in one column that is not its key. */
    StagedBatch changeOneValue() throws SQLException {
        long start = position;
        position += 10;
        Simulated table = tables.get(random.nextInt(tables.size()));
        List<ChangeFiles.Event> events = new ArrayList<>();
        if (!table.rows().isEmpty()) {
            int at = random.nextInt(table.rows().size());
            int column = 1 + random.nextInt(COLUMNS.size() - 1);
            List<String> before = table.rows().get(at);
            List<String> after = new ArrayList<>(before);
            after.set(column, row(0).get(column));
            table.rows().set(at, after);
            if (!table.schema().isKeyed()) {
                events.add(new ChangeFiles.Event("d", before));
            }
            events.add(new ChangeFiles.Event(table.schema().isKeyed() ? "u" : "c", after));
        }
        List<StagedTable> staged = events.isEmpty() ? List.of() : List.of(staged(table, start, events));
        return new StagedBatch(new BatchId(NAME, position), at(start), at(position), Instant.EPOCH, 0, staged);
    }

    private StagedTable staged(Simulated table, long start, List<ChangeFiles.Event> events) throws SQLException {
        return new StagedTable(
                table.id(),
                table.schema(),
                at(start),
                at(position),
                List.of(files.write(COLUMNS, position, events)),
                Optional.empty(),
                false);
    }

    private static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "t" + ordinal);
    }

    /** Rows that met in a join leave several tables at once. */
    private static List<ChangeFiles.Event> cleared(Simulated table) {
        List<ChangeFiles.Event> events = table.rows().stream()
                .map(row -> new ChangeFiles.Event("d", row))
                .toList();
        table.rows().clear();
        return events;
    }

    private List<ChangeFiles.Event> events(Simulated table, int count) {
        List<ChangeFiles.Event> events = new ArrayList<>();
        List<List<String>> rows = table.rows();
        boolean keyed = table.schema().isKeyed();
        for (int i = 0; i < count; i++) {
            int kind = random.nextInt(100);
            if (kind == 0) {
                rows.clear();
                events.add(new ChangeFiles.Event("t", row(0)));
            } else if (kind < 40 || rows.isEmpty()) {
                List<String> row = row(freeKey(rows, keyed));
                rows.add(row);
                events.add(new ChangeFiles.Event("c", row));
            } else if (kind < 60) {
                events.add(new ChangeFiles.Event("d", rows.remove(random.nextInt(rows.size()))));
            } else {
                int at = random.nextInt(rows.size());
                List<String> before = rows.get(at);
                List<String> after = changed(before);
                if (!keyed) {
                    rows.set(at, after);
                    events.add(new ChangeFiles.Event("d", before));
                    events.add(new ChangeFiles.Event("c", after));
                } else if (kind < 90) {
                    rows.set(at, after);
                    events.add(new ChangeFiles.Event("u", after));
                } else {
                    List<String> moved = new ArrayList<>(after);
                    moved.set(0, Integer.toString(freeKey(rows, true)));
                    rows.set(at, moved);
                    events.add(new ChangeFiles.Event("d", before));
                    events.add(new ChangeFiles.Event("m", moved));
                }
            }
        }
        return events;
    }

    private int freeKey(List<List<String>> rows, boolean keyed) {
        while (true) {
            // Often one that other columns have as well, so that rows meet.
            String key = Integer.toString(random.nextInt(random.nextBoolean() ? 60 : 8));
            if (!keyed || rows.stream().noneMatch(row -> row.get(0).equals(key))) {
                return Integer.parseInt(key);
            }
        }
    }

    private List<String> changed(List<String> before) {
        List<String> fresh = row(Integer.parseInt(before.get(0)));
        List<String> after = new ArrayList<>(before);
        for (int i = 1; i < after.size(); i++) {
            if (random.nextInt(3) == 0) {
                after.set(i, fresh.get(i));
            }
        }
        return after;
    }

    private List<String> row(int key) {
        return List.of(
                Integer.toString(key),
                random.nextInt(5) == 0 ? "NULL" : Integer.toString(random.nextInt(8)),
                TEXTS.get(random.nextInt(TEXTS.size())),
                random.nextInt(6) == 0 ? "NULL" : random.nextInt(20) + "." + random.nextInt(10) + "0",
                random.nextInt(6) == 0
                        ? "NULL"
                        : "'2026-01-0" + (1 + random.nextInt(5)) + " 0" + random.nextInt(10) + ":00:00'",
                // Sums of these are exact in any order.
                random.nextInt(8) == 0
                        ? (random.nextBoolean() ? "NULL" : "'NaN'")
                        : Double.toString(random.nextInt(32) * 0.25),
                random.nextInt(6) == 0 ? "NULL" : Boolean.toString(random.nextBoolean()));
    }

    @Override
    public void close() throws SQLException {
        files.close();
    }
}
