package dev.freshet.state;

import org.jspecify.annotations.Nullable;

/**
 * One captured change of one row, in source order. Rows of a keyed table are identified by their key columns; a keyless table always
 * carries whole before images.
 *
 * <p>A key change arrives as {@link Delete} of the old key directly followed by {@link Insert} of the new one with {@code movedFromPrevious}
 * set; unavailable values of the insert are then those of the deleted row.
 */
public sealed interface RowChange {

    /** A new row. */
    record Insert(Row after, boolean movedFromPrevious) implements RowChange {}

    /** A row with the same key as before, or, in a keyless table, an exchange of one copy of {@code before} for {@code after}. */
    record Update(@Nullable Row before, Row after) implements RowChange {}

    /** A row that went. For a keyed table only the key columns need be set. */
    record Delete(Row before) implements RowChange {}

    /** All rows went. */
    record Truncate() implements RowChange {}
}
