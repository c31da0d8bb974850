package dev.freshet.ingest.postgres;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.SourcePosition;
import java.util.Optional;

/** Batches that were handed over and not acknowledged. */
record CapturedPeek(SourcePosition position, long rows) {

    long end() {
        return position.ordinal();
    }

    static CapturedPeek take(CaptureFixture capture, long rows) throws InterruptedException {
        CapturedPeek peek = new CapturedPeek(capture.position, 0);
        while (peek.rows < rows) {
            Optional<CapturedBatch> batch = capture.source().next(CaptureFixture.QUICK);
            if (batch.isPresent()) {
                long taken = 0;
                for (TableChanges table : batch.get().tables()) {
                    taken += table.changes().size();
                }
                peek = new CapturedPeek(batch.get().end(), peek.rows + taken);
            }
        }
        return peek;
    }
}
