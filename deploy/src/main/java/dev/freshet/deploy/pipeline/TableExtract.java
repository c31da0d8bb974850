package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.TransactionSnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Copies one table, once, into a staging area of its own: in chunks, as a load without a stream beside it. */
public final class TableExtract {

    private static final int CHUNK_ROWS = 100_000;
    private static final TransactionSnapshot EVERYTHING =
            new TransactionSnapshot(Long.MAX_VALUE, Long.MAX_VALUE, List.of());

    private final StagingArea area;
    private final TableReader reader;
    private final TableId table;
    private final TableSchema schema;
    private final SourcePosition before;
    private final SourcePosition read;
    private final List<LoadStep.LoadedRow> chunk = new ArrayList<>();
    private int chunks;
    private long rows;

    /**
     * @param before where the staged source stands
     * @param read where it stands after this
     */
    public TableExtract(
            StagingArea area,
            TableReader reader,
            TableId table,
            TableSchema schema,
            SourcePosition before,
            SourcePosition read) {
        this.area = area;
        this.reader = reader;
        this.table = table;
        this.schema = schema;
        this.before = before;
        this.read = read;
    }

    /** Returns how many rows there were. */
    public long run() {
        stage(new LoadStep.Begin(table, 1, schema, before), before);
        reader.read(table, row -> {
            chunk.add(row);
            if (chunk.size() == CHUNK_ROWS) {
                flush();
            }
        });
        flush();
        stage(new LoadStep.Complete(table, 1, read, Optional.of(EVERYTHING)), read);
        return rows;
    }

    private void flush() {
        rows += chunk.size();
        stage(new LoadStep.Chunk(table, 1, schema, chunks++, List.copyOf(chunk).iterator(), EVERYTHING, ""), before);
        chunk.clear();
    }

    private void stage(LoadStep step, SourcePosition end) {
        var unused =
                area.stage(new CapturedBatch(table.connection(), before, end, Instant.EPOCH, List.of(), List.of(step)));
    }
}
