package dev.freshet.state;

/**
 * How far a source has been read, always at the end of a whole source transaction.
 *
 * @param ordinal strictly increasing in the order in which the source commits, and the only thing that is ever compared; for PostgreSQL the LSN
 *     of the commit record
 * @param token what the connector needs to resume right after it, opaque to everyone else
 */
public record SourcePosition(long ordinal, String token) implements Comparable<SourcePosition> {

    /** Before everything. */
    public static final SourcePosition START = new SourcePosition(0, "");

    @Override
    public int compareTo(SourcePosition other) {
        return Long.compareUnsigned(ordinal, other.ordinal);
    }

    public boolean isAfter(SourcePosition other) {
        return compareTo(other) > 0;
    }
}
