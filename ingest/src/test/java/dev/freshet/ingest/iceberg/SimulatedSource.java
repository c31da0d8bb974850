package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.LoadStep.LoadedRow;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A made-up database: a history of transactions over two keyed tables and one without a key, and the contents after each. Transaction n commits
 * at position 10 n.
 */
final class SimulatedSource {

    static final TableId ORDERS = new TableId("crm", "public", "orders");
    static final TableId ITEMS = new TableId("crm", "public", "items");
    static final TableId LOG = new TableId("crm", "public", "log");
    static final List<TableId> TABLES = List.of(ORDERS, ITEMS, LOG);
    private static final TableSchema KEYED = new TableSchema(
            List.of(
                    new Column("id", Simple.INTEGER),
                    new Column("name", Simple.VARCHAR),
                    new Column("big", Simple.VARCHAR)),
            List.of("id"));
    private static final TableSchema BAG =
            new TableSchema(List.of(new Column("name", Simple.VARCHAR), new Column("n", Simple.INTEGER)), List.of());
    private static final int KEYS = 12;

    private final Random random;
    /** Per transaction and table its changes, in order. */
    private final List<Map<TableId, List<CapturedChange>>> transactions = new ArrayList<>();
    /** Per transaction the contents after it, from 0 for none. */
    private final List<Map<TableId, List<Object[]>>> contents = new ArrayList<>();

    private long sequence;

    SimulatedSource(Random random, int transactions) {
        this.random = random;
        contents.add(Map.of());
        for (int i = 1; i <= transactions; i++) {
            transact(i);
        }
    }

    static TableSchema schema(TableId table) {
        return table.equals(LOG) ? BAG : KEYED;
    }

    int size() {
        return transactions.size();
    }

    List<CapturedChange> changes(int transaction, TableId table) {
        return transactions.get(transaction - 1).getOrDefault(table, List.of());
    }

    /** The contents of a table after a transaction, as text. */
    List<List<String>> contents(int transaction, TableId table) {
        return rows(transaction, table).stream()
                .map(row -> Arrays.stream(row)
                        .map(value -> value == null ? null : value.toString())
                        .toList())
                .toList();
    }

    /** What a read after some transaction finds, with keys of at least {@code from} and below {@code to}. */
    List<LoadedRow> read(int transaction, TableId table, int from, int to) {
        return rows(transaction, table).stream()
                .filter(row -> table.equals(LOG) || ((Integer) row[0] >= from && (Integer) row[0] < to))
                .map(row -> new LoadedRow(Row.of(row.clone()), Optional.empty()))
                .toList();
    }

    /** A moved row with the values that it does not carry, if it stands in its place after some transaction. */
    CapturedChange completed(CapturedChange change, TableId table, int transaction) {
        if (!(change.change() instanceof RowChange.Insert moved)
                || moved.after().isComplete()) {
            return change;
        }
        List<Object[]> rows = rows(transaction, table);
        int at = find(rows, (Integer) moved.after().value(0));
        if (at < 0) {
            return change;
        }
        Object[] whole = rows.get(at).clone();
        for (int i = 0; i < whole.length; i++) {
            whole[i] = moved.after().isUnavailable(i) ? whole[i] : moved.after().value(i);
        }
        return new CapturedChange(
                new RowChange.Insert(Row.of(whole), true),
                change.position(),
                change.transaction(),
                change.committedAtMicros(),
                change.sequence(),
                change.poison());
    }

    static TransactionSnapshot snapshot(int transaction) {
        return new TransactionSnapshot(transaction + 1, transaction + 1, List.of());
    }

    private List<Object[]> rows(int transaction, TableId table) {
        return contents.get(transaction).getOrDefault(table, List.of());
    }

    private void transact(int number) {
        Map<TableId, List<Object[]>> after = new HashMap<>();
        Map<TableId, List<CapturedChange>> changed = new HashMap<>();
        sequence = 0;
        for (TableId table : TABLES) {
            List<Object[]> rows = new ArrayList<>(rows(number - 1, table));
            List<CapturedChange> changes = new ArrayList<>();
            int count = random.nextInt(3) == 0 ? 0 : random.nextInt(4);
            for (int i = 0; i < count; i++) {
                for (RowChange change : table.equals(LOG) ? bag(rows) : keyed(rows, number)) {
                    changes.add(new CapturedChange(
                            change, number * 10L, number, number * 1000L, sequence++, Optional.empty()));
                }
            }
            after.put(table, rows);
            if (!changes.isEmpty()) {
                changed.put(table, changes);
            }
        }
        contents.add(after);
        transactions.add(changed);
    }

    private List<RowChange> keyed(List<Object[]> rows, int number) {
        int kind = random.nextInt(40);
        if (kind == 0) {
            rows.clear();
            return List.of(new RowChange.Truncate());
        }
        int id = random.nextInt(KEYS);
        int at = find(rows, id);
        if (at < 0) {
            Object[] row = {id, "n" + number, "big " + random.nextInt(1000)};
            rows.add(row);
            return List.of(new RowChange.Insert(Row.of(row.clone()), false));
        }
        Object[] old = rows.get(at);
        Object[] keyOnly = {id, null, null};
        if (kind < 10) {
            rows.remove(at);
            return List.of(new RowChange.Delete(Row.of(keyOnly)));
        }
        boolean sameBig = random.nextBoolean();
        Object big = sameBig ? old[2] : "big " + random.nextInt(1000);
        int newId = id;
        if (kind < 18) {
            newId = random.nextInt(KEYS);
            if (newId != id && find(rows, newId) >= 0) {
                return List.of();
            }
        }
        Object[] row = {newId, "u" + number, big};
        rows.set(at, row);
        Row after = Row.of(row.clone());
        if (sameBig && random.nextBoolean()) {
            BitSet unavailable = new BitSet();
            unavailable.set(2);
            after = Row.partial(new Object[] {newId, row[1], null}, unavailable);
        }
        return newId == id
                ? List.of(new RowChange.Update(null, after))
                : List.of(new RowChange.Delete(Row.of(keyOnly)), new RowChange.Insert(after, true));
    }

    private static int find(List<Object[]> rows, int id) {
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i)[0].equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private List<RowChange> bag(List<Object[]> rows) {
        int kind = random.nextInt(30);
        if (kind == 0) {
            rows.clear();
            return List.of(new RowChange.Truncate());
        }
        Object[] row = {random.nextInt(3) == 0 ? null : "line " + random.nextInt(4), random.nextInt(3)};
        if (kind < 12 || rows.isEmpty()) {
            rows.add(row);
            return List.of(new RowChange.Insert(Row.of(row.clone()), false));
        }
        Object[] old = rows.remove(random.nextInt(rows.size()));
        if (kind < 20) {
            return List.of(new RowChange.Delete(Row.of(old.clone())));
        }
        rows.add(row);
        return List.of(new RowChange.Update(Row.of(old.clone()), Row.of(row.clone())));
    }
}
