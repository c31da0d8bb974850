package dev.freshet.state;

import org.jspecify.annotations.Nullable;

/** Rows one after the other, read once, by one thread. Values are canonical (see {@link DataType}). */
public interface RowCursor extends AutoCloseable {

    TableSchema schema();

    /** Moves to the next row; false when there is none. */
    boolean next();

    @Nullable
    Object value(int column);

    /** The signed number of copies that the current row stands for. */
    long weight();

    @Override
    void close();
}
