package dev.freshet.ingest;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Captures the changes of some tables of one source. Freshet pulls: nothing arrives that was not asked for, and what was not acknowledged
 * comes again after a restart.
 *
 * <p>{@link #next} is called by one thread; {@link #acknowledge}, {@link #status} and {@link #requestLoad} by any. A source that loses its
 * database reconnects by itself with growing pauses and says so in its status; {@code next} then simply returns empty batches late.
 */
public interface ChangeSource extends AutoCloseable {

    /** The shape of each captured table as the source has it now. */
    Map<TableId, TableSchema> tables();

    /**
     * Begins capture right after a position.
     *
     * @param resume what staging holds of this source
     * @throws dev.freshet.state.FreshetException SOURCE with a remedy when the source can't be captured: wrong password, missing right,
     *     {@code wal_level}, table without usable replica identity, unmappable column, a slot that is gone or beyond {@code resume}
     */
    void start(ResumePoint resume);

    /**
     * Waits until there is something worth staging, or the limits' time is over.
     *
     * @return whole transactions, in commit order; empty when nothing happened
     * @throws InterruptedException when the thread was interrupted; nothing is lost
     */
    Optional<CapturedBatch> next(Limits limits) throws InterruptedException;

    /** Everything up to here is durable: the source may forget it. */
    void acknowledge(SourcePosition position);

    /**
     * A position that covers everything the source had committed before the call, and makes sure that the stream will reach it even when the
     * source is idle.
     *
     * @throws dev.freshet.state.FreshetException SOURCE when the source is away
     */
    SourcePosition present();

    /** Reads a table anew beside the stream; its dependents keep their state until that is done. */
    void requestLoad(TableId table);

    SourceStatus status();

    /** Ends capture and frees the source's connections. What was not acknowledged is kept by the source. */
    @Override
    void close();

    /**
     * When a batch is closed.
     *
     * @param interval how long transactions are gathered into one batch once the first has arrived
     * @param longest how long they are gathered when the batch is not wanted before
     * @param wanted whether somebody waits for the batch; asked from any thread, every few milliseconds
     * @param patience how long to wait for a first transaction
     * @param rows a batch is closed after the transaction that reaches this many
     */
    record Limits(Duration interval, Duration longest, BooleanSupplier wanted, Duration patience, long rows) {

        /** Of a batch that is always wanted. */
        public Limits(Duration interval, Duration patience, long rows) {
            this(interval, interval, () -> true, patience, rows);
        }

        /** How long transactions are gathered as of now. */
        public Duration gathering() {
            return wanted.getAsBoolean() ? interval : longest;
        }
    }

    /**
     * Where staging stands.
     *
     * @param position the end of the last complete batch; {@link SourcePosition#START} if there is none
     * @param staged per table how far its own changes are staged, which is further after a crash between two tables' commits: transactions
     *     up to there are skipped for that table
     * @param loads per table the load that was under way or done
     * @param shapes per table the shape in which its rows were staged last: a table that has gained or retyped a column since is loaded anew
     */
    record ResumePoint(
            SourcePosition position,
            Map<TableId, SourcePosition> staged,
            Map<TableId, LoadProgress> loads,
            Map<TableId, TableSchema> shapes) {}

    /**
     * @param complete nothing is left to read
     * @param chunks how many chunks are staged
     * @param lastKey as in {@link LoadStep.Chunk}
     */
    record LoadProgress(
            long load, boolean complete, int chunks, String lastKey, SourcePosition start, SourcePosition end) {}

    /**
     * @param connected whether the stream is running
     * @param problem what is wrong and what to do, if anything
     */
    record SourceStatus(
            boolean connected, Optional<String> problem, LogRetention log, long capturedRows, List<TableId> loading) {}

    /**
     * What the source keeps of its log for this pipeline.
     *
     * @param lagBytes how far the log is ahead of what was acknowledged, -1 if unknown
     * @param status in the source's own word, PostgreSQL's {@code wal_status} for example; empty if unknown
     * @param safeBytes how much more may be written before the source gives up what it keeps, -1 if unknown or without a limit
     */
    record LogRetention(long lagBytes, String status, long safeBytes) {
        public static final LogRetention UNKNOWN = new LogRetention(-1, "", -1);
    }
}
