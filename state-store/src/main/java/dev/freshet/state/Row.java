package dev.freshet.state;

import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * One row: canonical values (see {@link DataType}) in the order of its {@link TableSchema}. A value can be <em>unavailable</em>: the source did
 * not send it because it did not change (TOAST). Its slot is then null and its bit is set. A row is handed over, never shared: whoever
 * receives it owns the arrays.
 */
public final class Row {

    private static final BitSet NONE = new BitSet(0);

    private final @Nullable Object[] values;
    private final BitSet unavailable;

    private Row(@Nullable Object[] values, BitSet unavailable) {
        this.values = values;
        this.unavailable = unavailable;
    }

    public static Row of(@Nullable Object... values) {
        return new Row(values, NONE);
    }

    /** A row of which the columns in {@code unavailable} were not sent. */
    public static Row partial(@Nullable Object[] values, BitSet unavailable) {
        return new Row(values, unavailable);
    }

    public int size() {
        return values.length;
    }

    public @Nullable Object value(int column) {
        return values[column];
    }

    public boolean isUnavailable(int column) {
        return unavailable.get(column);
    }

    public boolean isComplete() {
        return unavailable.isEmpty();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Row row && Arrays.deepEquals(values, row.values) && unavailable.equals(row.unavailable);
    }

    @Override
    public int hashCode() {
        return Arrays.deepHashCode(values);
    }

    @Override
    public String toString() {
        return Arrays.deepToString(values) + (isComplete() ? "" : " unavailable " + unavailable);
    }
}
