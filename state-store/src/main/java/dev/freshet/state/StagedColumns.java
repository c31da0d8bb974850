package dev.freshet.state;

/**
 * The columns that staging adds to a source table's own. They never clash with a source column: capture refuses a table that has one of
 * these names.
 */
public final class StagedColumns {

    /** VARCHAR: {@code c} insert, {@code u} update, {@code d} delete, {@code t} truncate, {@code m} insert whose row moved here from the
     * directly preceding delete (a key change), {@code r} base row. In a keyless table an update is staged as {@code d} and {@code c}. */
    public static final String OP = "_op";
    /** BIGINT: {@link SourcePosition#ordinal()} of the transaction's commit. */
    public static final String POSITION = "_position";
    /** BIGINT: the source's transaction id, epoch-extended. */
    public static final String TX = "_tx";
    /** TIMESTAMPTZ: when the source committed the transaction. */
    public static final String COMMITTED_AT = "_committed_at";
    /** BIGINT: the order of rows within one position, over all tables of the source. */
    public static final String SEQUENCE = "_sequence";
    /** VARCHAR or NULL: the names of the columns whose values were not sent, as a JSON array of strings. */
    public static final String UNAVAILABLE = "_unavailable";
    /** VARCHAR or NULL: why this row can't be represented (a poison row), naming column and value kind. Its columns that fit are set. Such a
     * row counts as absent until its next change. */
    public static final String POISON = "_poison";
    /** BIGINT or NULL: the load that a base row belongs to. */
    public static final String LOAD = "_load";

    private StagedColumns() {}
}
