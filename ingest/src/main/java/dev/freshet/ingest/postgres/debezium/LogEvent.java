package dev.freshet.ingest.postgres.debezium;

import org.jspecify.annotations.Nullable;

/** One event of the write-ahead log as pgoutput sends it: transactions one after the other, in commit order. */
public sealed interface LogEvent {

    /** @param transaction the 32-bit id, unsigned */
    record Begin(long transaction) implements LogEvent {}

    /**
     * A change of one row. Values are PostgreSQL's own text forms, null for SQL NULL and {@link DebeziumLog#UNAVAILABLE} for a value that was
     * not sent.
     *
     * @param operation {@code c}, {@code u}, {@code d} or {@code t} (truncate)
     * @param moved an insert that, with the delete directly before it, is an update of the row's key
     * @param before null unless the server sent one; of a table without full replica identity only its key columns mean anything
     * @param after null for a delete and a truncate
     */
    record RowEvent(
            Relation relation,
            char operation,
            boolean moved,
            @Nullable String @Nullable [] before,
            @Nullable String @Nullable [] after)
            implements LogEvent {}

    /** A logical message with our prefix, inside the transaction that emitted it. */
    record Message(String content) implements LogEvent {}

    /**
     * @param lsn the end of the commit record: strictly increasing over the stream, and where to resume right after this transaction
     * @param events how many row and message events the transaction had
     */
    record End(long transaction, long lsn, long events, long committedAtMicros) implements LogEvent {}
}
