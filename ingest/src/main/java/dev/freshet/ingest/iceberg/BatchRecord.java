package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import java.time.Instant;
import java.util.List;

/**
 * What every commit of a batch says about the batch as a whole.
 *
 * @param start a position up to which every table of the source was complete when the batch was staged
 * @param tables the Iceberg names of the tables that the batch touches; it is complete when all of them have reached {@code end}
 */
record BatchRecord(long number, SourcePosition start, SourcePosition end, List<String> tables, Instant newestCommit) {

    static final BatchRecord NONE =
            new BatchRecord(0, SourcePosition.START, SourcePosition.START, List.of(), Instant.EPOCH);

    BatchRecord {
        tables = List.copyOf(tables);
    }
}
