package dev.freshet.state;

/**
 * Rows of a source table that no mirror can hold, because one of their values has no place in its column's type. Models are computed without them until they
 * change.
 *
 * @param rows at least one
 * @param reason of one of them, naming the column and never the value
 */
public record PoisonRows(TableId table, long rows, String reason) {}
