package dev.freshet.state;

/**
 * What a transaction knows of the versions that the rows of a keyed source table went through in what it reconciled. Each event is a row of
 * {@link StateNames#versions}: the table's columns as they were after it, nothing lacking, and the columns below.
 *
 * @param events how many there are; with none there is no relation
 * @param loaded the table was read as a whole in this transaction, so that what happened before it is not among the events
 * @param through how far the table has been read now
 */
public record StagedVersions(long events, boolean loaded, SourcePosition through) {

    /** BIGINT: the order of the events, without gaps that mean anything. */
    public static final String EVENT = "_freshet_event";

    /** VARCHAR: {@code w} a row was written, {@code d} the key has no row any more, {@code t} no key has one; then the table's columns are NULL. */
    public static final String OP = "_freshet_op";

    /** BIGINT: {@link SourcePosition#ordinal()} of the commit. */
    public static final String POSITION = "_freshet_position";

    /** BIGINT: the order within one position. */
    public static final String SEQUENCE = "_freshet_sequence";

    /** TIMESTAMPTZ: when the source committed it. */
    public static final String AT = "_freshet_at";
}
