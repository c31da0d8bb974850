package dev.freshet.ingest;

import dev.freshet.state.Row;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import java.util.Iterator;
import java.util.Optional;

/** A step of reading a whole table beside the stream: it begins, yields chunks, and is complete. Steps of one load are staged in order. */
public sealed interface LoadStep {

    TableId table();

    /** The load's number; grows per table and is never used twice. */
    long load();

    /**
     * The load begins: everything that earlier loads of this table staged but did not complete is void. From here to the load's end a row of a keyed table
     * whose key changes is captured with all of its values, if it stands in its new place at the end: chunks read before and after it moved may both
     * lack it.
     *
     * @param start every change up to here will be in the rows that follow
     */
    record Begin(TableId table, long load, TableSchema schema, SourcePosition start) implements LoadStep {}

    /**
     * Rows of the table as one snapshot of the database shows them.
     *
     * @param number counts from 0
     * @param snapshot what the read has seen
     * @param lastKey where the next chunk goes on, in the source's own text form; empty for the only chunk of a keyless table
     */
    record Chunk(
            TableId table,
            long load,
            TableSchema schema,
            int number,
            Iterator<LoadedRow> rows,
            TransactionSnapshot snapshot,
            String lastKey)
            implements LoadStep {}

    /**
     * All rows are staged.
     *
     * @param end once the stream has passed this position, the table is consistent with the rest of its source
     * @param snapshot of the only chunk of a keyless table
     */
    record Complete(TableId table, long load, SourcePosition end, Optional<TransactionSnapshot> snapshot)
            implements LoadStep {}

    /** A row a load has read; {@code poison} as in {@link CapturedChange}. */
    record LoadedRow(Row row, Optional<String> poison) {}
}
