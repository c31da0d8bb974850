package dev.freshet.state;

/**
 * The exact difference that one cycle made to one table: rows that left (-1) and rows that came (+1), equal rows on both sides cancelled. The
 * rows themselves stay in the state store; this is what the next step needs to know about them.
 *
 * @param replaced the table's columns or key changed, so the rows of before and after can't be told apart by comparing them; {@code deleted}
 *     and {@code inserted} are then the whole old and new contents
 */
public record TableDelta(TableId table, TableSchema schema, long deleted, long inserted, boolean replaced) {

    public boolean isEmpty() {
        return deleted == 0 && inserted == 0 && !replaced;
    }

    public long rows() {
        return deleted + inserted;
    }
}
