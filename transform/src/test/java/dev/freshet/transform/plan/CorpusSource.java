package dev.freshet.transform.plan;

import dev.freshet.state.BatchId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.transform.plan.ChangeFiles.Event;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** The corpus' tables with a history that a seed decides. */
final class CorpusSource implements AutoCloseable {

    /** What happens in a batch. */
    enum Batch {
        LOAD,
        /** A few rows of a few tables come, change and go. */
        FEW,
        /** One value of one row, in some tables. */
        SINGLE_VALUES,
        /** Rows get other keys. */
        KEYS,
        DELETES,
        /** A table is emptied while others change. */
        TRUNCATE,
        /** Many rows of all tables. */
        MANY
    }

    static final List<Batch> HISTORY = List.of(
            Batch.LOAD,
            Batch.FEW,
            Batch.SINGLE_VALUES,
            Batch.KEYS,
            Batch.SINGLE_VALUES,
            Batch.DELETES,
            Batch.TRUNCATE,
            Batch.MANY);

    final List<CorpusTables.Table> tables = CorpusTables.all();
    private final Map<CorpusTables.Table, List<List<String>>> rows = new LinkedHashMap<>();
    private final Random random;
    private final ChangeFiles files;
    private long position;

    CorpusSource(Path directory, Random random) throws SQLException {
        this.random = random;
        this.files = new ChangeFiles(directory);
        tables.forEach(table -> rows.put(table, new ArrayList<>()));
    }

    StagedBatch next(Batch kind) throws SQLException {
        long start = position;
        position += 10;
        List<StagedTable> staged = new ArrayList<>();
        List<CorpusTables.Table> shuffled = new ArrayList<>(tables);
        Collections.shuffle(shuffled, random);
        for (int i = 0; i < shuffled.size(); i++) {
            CorpusTables.Table table = shuffled.get(i);
            List<Event> events = events(table, kind, i);
            if (!events.isEmpty()) {
                staged.add(new StagedTable(
                        table.id(),
                        table.schema(),
                        at(start),
                        at(position),
                        List.of(files.write(table.schema().columns(), position, events)),
                        Optional.empty(),
                        false));
            }
        }
        return new StagedBatch(
                new BatchId(CorpusTables.SOURCE, position), at(start), at(position), Instant.EPOCH, 0, staged);
    }

    private List<Event> events(CorpusTables.Table table, Batch kind, int place) {
        List<Event> events = new ArrayList<>();
        switch (kind) {
            case LOAD -> {
                for (int i = 0; i < table.rows(); i++) {
                    insert(table, events);
                }
            }
            case FEW -> {
                for (int i = 0; place < 5 && i < 3; i++) {
                    any(table, events);
                }
            }
            case SINGLE_VALUES -> {
                if (place < 6) {
                    update(table, 1, events);
                }
            }
            case KEYS -> {
                for (int i = 0; place < 6 && i < 2; i++) {
                    move(table, events);
                }
            }
            case DELETES -> {
                for (int i = 0; place < 5 && i < 3; i++) {
                    delete(table, events);
                }
            }
            case TRUNCATE -> {
                if (place == 0) {
                    rows.get(table).clear();
                    events.add(new Event("t", table.row(random)));
                    insert(table, events);
                } else if (place < 4) {
                    any(table, events);
                }
            }
            case MANY -> {
                for (int i = 0; i < 8; i++) {
                    any(table, events);
                }
            }
        }
        return events;
    }

    private void any(CorpusTables.Table table, List<Event> events) {
        switch (random.nextInt(5)) {
            case 0 -> delete(table, events);
            case 1, 2 -> update(table, 3, events);
            case 3 -> move(table, events);
            default -> insert(table, events);
        }
    }

    private void insert(CorpusTables.Table table, List<Event> events) {
        List<String> row = table.row(random);
        if (isFree(table, row)) {
            rows.get(table).add(row);
            events.add(new Event("c", row));
        }
    }

    private void delete(CorpusTables.Table table, List<Event> events) {
        List<List<String>> all = rows.get(table);
        if (!all.isEmpty()) {
            events.add(new Event("d", all.remove(random.nextInt(all.size()))));
        }
    }

    /** Values outside of the key become others. */
    private void update(CorpusTables.Table table, int values, List<Event> events) {
        List<List<String>> all = rows.get(table);
        if (all.isEmpty()) {
            return;
        }
        int at = random.nextInt(all.size());
        List<String> before = all.get(at);
        List<String> after = new ArrayList<>(before);
        List<String> fresh = table.row(random);
        for (int i = 0; i < values; i++) {
            int column = random.nextInt(after.size());
            if (!table.key().contains(column)) {
                after.set(column, fresh.get(column));
            }
        }
        all.set(at, after);
        if (table.schema().isKeyed()) {
            events.add(new Event("u", after));
        } else {
            events.add(new Event("d", before));
            events.add(new Event("c", after));
        }
    }

    private void move(CorpusTables.Table table, List<Event> events) {
        List<List<String>> all = rows.get(table);
        if (all.isEmpty() || !table.schema().isKeyed()) {
            return;
        }
        int at = random.nextInt(all.size());
        List<String> before = all.get(at);
        List<String> after = new ArrayList<>(before);
        List<String> fresh = table.row(random);
        table.key().forEach(column -> after.set(column, fresh.get(column)));
        if (isFree(table, after)) {
            all.set(at, after);
            events.add(new Event("d", before));
            events.add(new Event("m", after));
        }
    }

    private boolean isFree(CorpusTables.Table table, List<String> row) {
        return !table.schema().isKeyed()
                || rows.get(table).stream().noneMatch(other -> table.key().stream()
                        .allMatch(column -> other.get(column).equals(row.get(column))));
    }

    private static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "t" + ordinal);
    }

    @Override
    public void close() throws SQLException {
        files.close();
    }
}
