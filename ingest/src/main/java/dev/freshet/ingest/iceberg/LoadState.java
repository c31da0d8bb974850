package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.ChangeSource.LoadProgress;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TransactionSnapshot;
import java.util.Optional;

/**
 * How far the newest load of a table is.
 *
 * @param start everything up to here is in the loaded rows
 * @param end from here on the loaded rows are consistent with the stream; known once {@code phase} is READ
 * @param readAfter where the source stood before the batch that completed the load; the load counts from a later position only, so that what a
 *     state store has seen of it follows from the state store's position alone
 */
record LoadState(
        long number,
        Phase phase,
        int chunks,
        String lastKey,
        SourcePosition start,
        SourcePosition end,
        SourcePosition readAfter,
        Optional<TransactionSnapshot> snapshot) {

    enum Phase {
        /** Never loaded, or what was loaded has a gap behind it. */
        NONE,
        READING,
        READ
    }

    static final LoadState NONE = new LoadState(
            -1, Phase.NONE, 0, "", SourcePosition.START, SourcePosition.START, SourcePosition.START, Optional.empty());

    static LoadState begin(long number, SourcePosition start) {
        return new LoadState(
                number, Phase.READING, 0, "", start, SourcePosition.START, SourcePosition.START, Optional.empty());
    }

    LoadState afterChunk(String key) {
        return new LoadState(number, phase, chunks + 1, key, start, end, readAfter, snapshot);
    }

    LoadState complete(SourcePosition loadEnd, SourcePosition sourceStoodAt, Optional<TransactionSnapshot> shown) {
        return new LoadState(number, Phase.READ, chunks, lastKey, start, loadEnd, sourceStoodAt, shown);
    }

    /** Whether the table is loaded and consistent at a complete position of its source. */
    boolean isVisibleAt(SourcePosition position) {
        return phase == Phase.READ && position.isAfter(readAfter) && !end.isAfter(position);
    }

    LoadProgress progress() {
        return new LoadProgress(number, phase == Phase.READ, chunks, lastKey, start, end);
    }
}
