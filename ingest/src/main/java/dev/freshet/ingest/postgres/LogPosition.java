package dev.freshet.ingest.postgres;

import dev.freshet.state.SourcePosition;

/** Positions of a PostgreSQL source: the end of a commit record, which is all that is needed to resume right after it. */
final class LogPosition {

    private LogPosition() {}

    static SourcePosition of(long lsn) {
        return lsn == 0 ? SourcePosition.START : new SourcePosition(lsn, "{\"lsn\":" + lsn + "}");
    }
}
