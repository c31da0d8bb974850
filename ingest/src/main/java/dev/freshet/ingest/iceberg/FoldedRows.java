package dev.freshet.ingest.iceberg;

import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/** A table's contents while changes are applied to its base rows, in order. */
abstract sealed class FoldedRows {

    static final int OP = 0;
    static final int POSITION = 1;
    static final int TX = 2;
    static final int COMMITTED_AT = 3;
    static final int SEQUENCE = 4;
    static final int UNAVAILABLE = 5;
    static final int POISON = 6;
    static final int LOAD = 7;
    private static final int FIRST_VALUE = 8;

    static final Comparator<@Nullable Object[]> ORDER =
            Comparator.<@Nullable Object[]>comparingLong(FoldedRows::position).thenComparingLong(FoldedRows::sequence);

    static FoldedRows of(TableSchema schema, Schema staged, Optional<TransactionSnapshot> snapshot) {
        return schema.isKeyed() ? new Keyed(schema, staged) : new Bag(snapshot);
    }

    static long position(@Nullable Object[] row) {
        return row[POSITION] instanceof Long value ? value : 0;
    }

    private static long sequence(@Nullable Object[] row) {
        return row[SEQUENCE] instanceof Long value ? value : 0;
    }

    /** Takes a row of the base. */
    abstract void base(@Nullable Object[] row);

    /** Applies the next change. */
    abstract void change(@Nullable Object[] row);

    /** Whether what is here is exactly what the changes say; if not, it must not be stored. */
    abstract boolean isExact();

    abstract Iterable<@Nullable Object[]> rows();

    /** Hands out the contents as base rows. */
    void write(long load, long position, Consumer<@Nullable Object[]> out) {
        long sequence = 0;
        for (@Nullable Object[] row : rows()) {
            row[OP] = "r";
            row[POSITION] = position;
            row[TX] = null;
            row[COMMITTED_AT] = null;
            row[SEQUENCE] = sequence++;
            row[UNAVAILABLE] = null;
            row[LOAD] = load;
            out.accept(row);
        }
    }

    private static String op(@Nullable Object[] row) {
        return String.valueOf(row[OP]);
    }

    /** By key: the last change of a key decides. */
    private static final class Keyed extends FoldedRows {

        private final int[] key;
        private final Schema staged;
        private final Map<List<@Nullable Object>, @Nullable Object[]> rows = new LinkedHashMap<>();
        private @Nullable Object @Nullable [] moved;

        Keyed(TableSchema schema, Schema staged) {
            this.key = schema.key().stream()
                    .mapToInt(column -> StagedRows.slot(staged, column))
                    .toArray();
            this.staged = staged;
        }

        @Override
        void base(@Nullable Object[] row) {
            rows.put(key(row), row);
        }

        @Override
        void change(@Nullable Object[] row) {
            List<@Nullable Object> at = key(row);
            String op = op(row);
            if (op.equals("t")) {
                rows.clear();
                moved = null;
            } else if (op.equals("d")) {
                moved = rows.remove(at);
            } else {
                @Nullable Object @Nullable [] before = rows.get(at);
                if (op.equals("m") && moved != null) {
                    before = moved;
                }
                fill(row, before);
                rows.put(at, row);
                moved = null;
            }
        }

        /** Takes over what the source did not send; what is not known here either stays marked. */
        private void fill(@Nullable Object[] row, @Nullable Object @Nullable [] before) {
            if (row[UNAVAILABLE] == null) {
                return;
            }
            List<String> missing = new ArrayList<>();
            boolean known = before != null && before[POISON] == null;
            List<String> unknownBefore =
                    before == null || before[UNAVAILABLE] == null ? List.of() : names(before[UNAVAILABLE]);
            for (String column : names(row[UNAVAILABLE])) {
                if (before == null || !known || unknownBefore.contains(column)) {
                    missing.add(column);
                } else {
                    int slot = StagedRows.slot(staged, column);
                    row[slot] = before[slot];
                }
            }
            row[UNAVAILABLE] = missing.isEmpty() ? null : TableShape.names(missing);
        }

        private static List<String> names(@Nullable Object json) {
            return TableShape.parseNames(String.valueOf(json));
        }

        private List<@Nullable Object> key(@Nullable Object[] row) {
            List<@Nullable Object> values = new ArrayList<>(key.length);
            for (int slot : key) {
                values.add(row[slot]);
            }
            return values;
        }

        @Override
        boolean isExact() {
            return rows.values().stream().allMatch(row -> row[UNAVAILABLE] == null);
        }

        @Override
        Iterable<@Nullable Object[]> rows() {
            return rows.values();
        }
    }

    /** Without a key: equal rows are counted. Changes of transactions that the base shows are in it already. */
    private static final class Bag extends FoldedRows {

        private final Optional<TransactionSnapshot> shown;
        private final Map<List<@Nullable Object>, List<@Nullable Object[]>> rows = new LinkedHashMap<>();
        private boolean exact = true;

        Bag(Optional<TransactionSnapshot> shown) {
            this.shown = shown;
        }

        @Override
        void base(@Nullable Object[] row) {
            exact &= row[POISON] == null;
            add(row);
        }

        private void add(@Nullable Object[] row) {
            rows.computeIfAbsent(values(row), missing -> new ArrayList<>()).add(row);
        }

        @Override
        void change(@Nullable Object[] row) {
            exact &= row[POISON] == null && row[UNAVAILABLE] == null;
            if (shown.isPresent()
                    && row[TX] instanceof Long transaction
                    && shown.get().shows(transaction)) {
                return;
            }
            String op = op(row);
            if (op.equals("t")) {
                rows.clear();
            } else if (op.equals("d")) {
                List<@Nullable Object[]> copies = rows.get(values(row));
                if (copies == null || copies.isEmpty()) {
                    exact = false;
                } else {
                    copies.remove(copies.size() - 1);
                }
            } else {
                add(row);
            }
        }

        private static List<@Nullable Object> values(@Nullable Object[] row) {
            return Arrays.asList(row).subList(FIRST_VALUE, row.length);
        }

        @Override
        boolean isExact() {
            return exact;
        }

        @Override
        Iterable<@Nullable Object[]> rows() {
            return () -> rows.values().stream().flatMap(List::stream).iterator();
        }
    }
}
