package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.LoadStep.LoadedRow;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Turns captured changes and loaded rows into staged rows of raw values. An update of a keyless table becomes two rows, so a change's
 * sequence is doubled to leave room between them.
 */
final class StagedRows {

    private final TableId table;
    private final boolean keyed;
    private final DataType[] types;
    private final String[] names;
    /** Where a source column lies in a staged row. */
    private final int[] slots;

    private final int width;

    StagedRows(TableId table, TableSchema schema, Schema staged) {
        this.table = table;
        this.keyed = schema.isKeyed();
        this.width = staged.columns().size();
        this.types = new DataType[schema.columns().size()];
        this.names = new String[types.length];
        this.slots = new int[types.length];
        for (int i = 0; i < types.length; i++) {
            Column column = schema.columns().get(i);
            types[i] = column.type();
            names[i] = column.name();
            slots[i] = slot(staged, column.name());
        }
    }

    static int slot(Schema staged, String column) {
        for (int i = 0; i < staged.columns().size(); i++) {
            if (staged.columns().get(i).name().equals(column)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no column \"" + column + "\"");
    }

    void change(CapturedChange captured, Consumer<@Nullable Object[]> out) {
        RowChange change = captured.change();
        long sequence = captured.sequence() * 2;
        if (change instanceof RowChange.Insert insert) {
            out.accept(row(insert.movedFromPrevious() ? "m" : "c", captured, sequence, insert.after()));
        } else if (change instanceof RowChange.Update update) {
            if (keyed) {
                out.accept(row("u", captured, sequence, update.after()));
            } else {
                Row before = update.before();
                if (before == null) {
                    throw new FreshetException(
                            ErrorKind.INTERNAL,
                            "an update of the keyless table '" + table + "' came without its old row");
                }
                out.accept(row("d", captured, Optional.empty(), sequence, before));
                out.accept(row("c", captured, sequence + 1, update.after()));
            }
        } else if (change instanceof RowChange.Delete delete) {
            out.accept(row("d", captured, sequence, delete.before()));
        } else {
            out.accept(empty("t", captured, Optional.empty(), sequence));
        }
    }

    @Nullable
    Object[] loaded(LoadedRow loaded, long load, long position, long sequence) {
        @Nullable Object[] row = new Object[width];
        row[0] = "r";
        row[1] = position;
        row[4] = sequence;
        row[6] = loaded.poison().orElse(null);
        row[7] = load;
        fill(row, loaded.row());
        return row;
    }

    private @Nullable Object[] row(String op, CapturedChange captured, long sequence, Row values) {
        return row(op, captured, captured.poison(), sequence, values);
    }

    private @Nullable Object[] row(
            String op, CapturedChange captured, Optional<String> poison, long sequence, Row values) {
        @Nullable Object[] row = empty(op, captured, poison, sequence);
        fill(row, values);
        return row;
    }

    private @Nullable Object[] empty(String op, CapturedChange captured, Optional<String> poison, long sequence) {
        @Nullable Object[] row = new Object[width];
        row[0] = op;
        row[1] = captured.position();
        row[2] = captured.transaction();
        row[3] = captured.committedAtMicros();
        row[4] = sequence;
        row[6] = poison.orElse(null);
        return row;
    }

    private void fill(@Nullable Object[] row, Row values) {
        if (values.size() != types.length) {
            throw new FreshetException(
                    ErrorKind.INTERNAL,
                    "a row of '" + table + "' has " + values.size() + " values for " + types.length + " columns");
        }
        for (int i = 0; i < types.length; i++) {
            try {
                row[slots[i]] = PhysicalType.raw(types[i], values.value(i));
            } catch (ClassCastException | ArithmeticException e) {
                throw new FreshetException(
                        ErrorKind.INTERNAL,
                        "a value of column \"" + names[i] + "\" of '" + table + "' is not a canonical "
                                + types[i].sql(),
                        e);
            }
        }
        if (!values.isComplete()) {
            List<String> unavailable = new ArrayList<>();
            for (int i = 0; i < types.length; i++) {
                if (values.isUnavailable(i)) {
                    unavailable.add(names[i]);
                }
            }
            row[5] = TableShape.names(unavailable);
        }
    }
}
