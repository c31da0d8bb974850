package dev.freshet.state.duckdb;

import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.StagedBase;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A source table in memory: changes at random, remembers its events and what it held at each position, and says what a mirror has to hold. */
final class SimulatedTable {

    /** A row at the source, and which of its values a mirror can know. */
    private record SourceRow(@Nullable Object[] values, Set<String> known, boolean poison) {}

    /** The columns are called like names that the store's own SQL could use. */
    private static final List<String> BODIES = Arrays.asList(null, "", "x", "long text", "N", "1:a");

    final TableId id;
    final TableSchema schema;
    final List<Event> events = new ArrayList<>();
    private final Random random;
    private final boolean poisons;
    private final Set<String> all;
    private Map<Object, SourceRow> rows = new LinkedHashMap<>();
    private final NavigableMap<Long, Map<Object, SourceRow>> history = new TreeMap<>();
    private final Map<Long, Long> positionOfTransaction = new TreeMap<>();
    private long surrogate;

    SimulatedTable(TableId id, List<String> key, boolean poisons, Random random) {
        this.id = id;
        this.random = random;
        this.poisons = poisons;
        this.schema = StoreFixture.schema(
                key,
                "rid",
                Simple.INTEGER,
                "first_event",
                Simple.VARCHAR,
                "before",
                Simple.VARCHAR,
                "w",
                Simple.VARCHAR,
                "r",
                new Decimal(9, 2));
        this.all = schema.columns().stream().map(column -> column.name()).collect(Collectors.toSet());
        history.put(0L, Map.of());
    }

    /** One source transaction's work on this table. */
    void transaction(long position, long tx) {
        positionOfTransaction.put(tx, position);
        int changes = random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            int roll = random.nextInt(100);
            if (roll < 2) {
                emit("t", position, tx, new Object[5], Set.of(), false);
                rows.clear();
            } else if (roll < 35 || rows.isEmpty()) {
                insert(position, tx);
            } else if (roll < 55) {
                delete(position, tx);
            } else if (roll < 70 && schema.isKeyed()) {
                move(position, tx);
            } else {
                update(position, tx);
            }
        }
    }

    /** To be called once every table has done its part up to here. */
    void remember(long position) {
        history.put(position, new LinkedHashMap<>(rows));
    }

    private void insert(long position, long tx) {
        @Nullable Object[] values = values(freshKey());
        boolean poison = poisons && random.nextInt(12) == 0;
        if (schema.isKeyed() && rows.containsKey(key(values))) {
            return;
        }
        emit("c", position, tx, values, Set.of(), poison);
        put(values, poison ? Set.of() : all, poison);
    }

    private void delete(long position, long tx) {
        Object key = anyKey();
        SourceRow row = remove(key);
        @Nullable Object[] values = row.values().clone();
        if (schema.isKeyed()) {
            for (int i = 2; i < values.length; i++) {
                values[i] = null;
            }
        }
        emit("d", position, tx, values, Set.of(), row.poison() && !schema.isKeyed());
    }

    private void update(long position, long tx) {
        Object key = anyKey();
        SourceRow row = remove(key);
        change(position, tx, row, row.values()[0], row.values()[1], schema.isKeyed() ? "u" : "c");
    }

    private void move(long position, long tx) {
        Object key = anyKey();
        SourceRow row = remove(key);
        @Nullable Object[] to = freshKey();
        @Nullable Object[] target = row.values().clone();
        target[0] = to[0];
        target[1] = to[1];
        if (rows.containsKey(key(target)) || key(target).equals(key)) {
            rows.put(key, row);
            return;
        }
        @Nullable Object[] old = new Object[5];
        old[0] = row.values()[0];
        old[1] = row.values()[1];
        emit("d", position, tx, old, Set.of(), false);
        change(position, tx, row, to[0], to[1], "m");
    }

    private void change(long position, long tx, SourceRow row, @Nullable Object a, @Nullable Object b, String op) {
        @Nullable Object[] values = values(new Object[] {a, b});
        Set<String> unsent = new HashSet<>();
        boolean poison = poisons && random.nextInt(12) == 0;
        for (int i = 2; i < 4; i++) {
            // A value that did not change may not be sent.
            if (random.nextInt(3) == 0) {
                values[i] = row.values()[i];
                unsent.add(schema.columns().get(i).name());
            }
        }
        if (random.nextInt(5) == 0) {
            values = row.values().clone();
            values[0] = a;
            values[1] = b;
        }
        if (!schema.isKeyed()) {
            emit("d", position, tx, row.values(), Set.of(), row.poison());
            unsent.removeIf(column -> row.poison());
            poison = false;
        }
        Set<String> known = new HashSet<>(row.known());
        all.stream().filter(column -> !unsent.contains(column)).forEach(known::add);
        emit(op, position, tx, values, unsent, poison);
        put(values, poison ? Set.of() : known, poison);
    }

    private void emit(
            String op, long position, long tx, @Nullable Object[] values, Set<String> unsent, boolean poison) {
        Event event = Event.of(op, position, events.size(), values).in(tx).without(unsent.toArray(String[]::new));
        events.add(poison ? event.poisoned("made so") : event);
    }

    private @Nullable Object[] freshKey() {
        return new Object[] {
            random.nextInt(14),
            schema.key().size() == 1 ? "k" : List.of("", "p", "q").get(random.nextInt(3))
        };
    }

    private @Nullable Object[] values(@Nullable Object[] key) {
        return new Object[] {
            key[0],
            key[1],
            random.nextInt(4) == 0 ? null : "t" + random.nextInt(3),
            BODIES.get(random.nextInt(BODIES.size())),
            random.nextInt(4) == 0 ? null : BigDecimal.valueOf(random.nextInt(5), 2)
        };
    }

    private Object anyKey() {
        List<Object> keys = new ArrayList<>(rows.keySet());
        return keys.get(random.nextInt(keys.size()));
    }

    private Object key(@Nullable Object[] values) {
        return schema.isKeyed() ? List.of(String.valueOf(values[0]), String.valueOf(values[1])) : (Object) surrogate++;
    }

    private SourceRow remove(Object key) {
        SourceRow row = rows.remove(key);
        if (row == null) {
            throw new IllegalStateException("no row " + key);
        }
        return row;
    }

    private void put(@Nullable Object[] values, Set<String> known, boolean poison) {
        rows.put(key(values), new SourceRow(values, known, poison));
    }

    /** The events of {@code (after, through]}. */
    List<Event> events(long after, long through) {
        return events.stream()
                .filter(event -> event.position() > after && event.position() <= through)
                .toList();
    }

    /** What a mirror has to hold at a position. */
    Map<List<@Nullable Object>, Long> expected(long position) {
        Map<List<@Nullable Object>, Long> bag = new HashMap<>();
        for (SourceRow row : at(position).values()) {
            if (!row.poison() && row.known().equals(all)) {
                bag.merge(Arrays.asList(row.values()), 1L, Long::sum);
            }
        }
        return bag;
    }

    /** Rows read in three pieces, each at its own position; a keyless table in one, at the last. */
    List<Event> base(long load, long... positions) {
        List<Event> read = new ArrayList<>();
        for (int piece = 0; piece < positions.length; piece++) {
            int number = piece;
            boolean whole = !schema.isKeyed();
            if (whole && piece < positions.length - 1) {
                continue;
            }
            at(positions[piece]).values().stream()
                    .filter(row -> whole
                            || Math.floorMod(
                                            Arrays.hashCode(
                                                    row.values()[0] == null ? null : new Object[] {row.values()[0]}),
                                            positions.length)
                                    == number)
                    .forEach(row -> read.add(Event.row(load, row.values())));
        }
        return read;
    }

    /** What a read at a position shows, given that one transaction beyond it is always still running. */
    Optional<TransactionSnapshot> snapshot(long position) {
        if (schema.isKeyed()) {
            return Optional.empty();
        }
        long xmax = 1
                + positionOfTransaction.entrySet().stream()
                        .filter(entry -> entry.getValue() <= position)
                        .mapToLong(Map.Entry::getKey)
                        .max()
                        .orElse(0);
        List<Long> running = positionOfTransaction.entrySet().stream()
                .filter(entry -> entry.getValue() > position && entry.getKey() < xmax)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        return Optional.of(new TransactionSnapshot(running.isEmpty() ? xmax : running.get(0), xmax, running));
    }

    StagedBase stagedBase(StagedFiles files, long load, long start, long... positions) {
        long end = positions[positions.length - 1];
        return new StagedBase(
                load,
                StagedFiles.at(start),
                StagedFiles.at(end),
                snapshot(end),
                List.of(files.write(schema, base(load, positions))));
    }

    private Map<Object, SourceRow> at(long position) {
        return history.floorEntry(position).getValue();
    }
}
