package dev.freshet.ingest;

import dev.freshet.state.RowChange;
import java.util.Optional;

/**
 * One change and where it stands in the source's history.
 *
 * @param position {@link dev.freshet.state.SourcePosition#ordinal()} of the transaction's commit
 * @param transaction the source's epoch-extended transaction id
 * @param committedAtMicros when the source committed it, microseconds since the epoch in UTC
 * @param sequence the order within the position, over all tables
 * @param poison why the row can't be represented, if it can't: names the column, never the value
 */
public record CapturedChange(
        RowChange change,
        long position,
        long transaction,
        long committedAtMicros,
        long sequence,
        Optional<String> poison) {}
