package dev.freshet.ingest.postgres;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeBuffer;
import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.TableId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The batch being filled, between the thread that reads the log, the one that loads tables and the one that stages. Bounded: the log waits
 * while the batch is full, a load while two of its chunks are waiting.
 */
final class Handover {

    private static final int WAITING_CHUNKS = 2;
    /** How often whoever takes batches looks whether this one is wanted. */
    private static final long LOOK_NANOS = 5_000_000;

    private record Filling(CapturedTable shape, ChangeBuffer buffer) {}

    private final String source;
    private final Function<TableId, ChangeBuffer> buffers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final Map<TableId, Filling> filling = new LinkedHashMap<>();
    private final Deque<LoadStep> steps = new ArrayDeque<>();
    private long rows;
    private long capacity = 50_000;
    private long start;
    private long end;
    private Instant newest = Instant.EPOCH;
    private long firstAtNanos;
    // Somebody waits for the batch to be taken, or its position alone is worth a batch.
    private boolean wanted;
    private boolean closed;
    private @Nullable RuntimeException failure;

    Handover(String source, Function<TableId, ChangeBuffer> buffers) {
        this.source = source;
        this.buffers = buffers;
    }

    /** One transaction, as far as it is of interest. */
    interface Transaction {

        long rows();

        /** The tables it touches, in the shape that its rows will have. */
        List<CapturedTable> tables();

        void forEach(RowSink sink);
    }

    /** Takes the rows of a transaction in order. */
    interface RowSink {
        void row(CapturedTable table, CapturedChange change);
    }

    /** Where capture begins. */
    void begin(long lastStaged, long from) {
        lock.lock();
        try {
            start = lastStaged;
            end = Math.max(lastStaged, from);
        } finally {
            lock.unlock();
        }
    }

    /** The stream goes on from here: there is nothing between. */
    void advance(long to) {
        lock.lock();
        try {
            end = Math.max(end, to);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a whole transaction; waits while the batch is full or holds one of its tables in another shape. */
    void commit(long lsn, Instant committed, Transaction transaction) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && (rows >= capacity || !fits(transaction.tables()))) {
                wanted = true;
                changed.signalAll();
                changed.await();
            }
            if (closed) {
                return;
            }
            if (transaction.rows() > 0) {
                if (rows == 0) {
                    firstAtNanos = System.nanoTime();
                }
                try {
                    transaction.forEach(this::add);
                } catch (RuntimeException e) {
                    // Half a transaction is in the buffers now: this batch must never leave.
                    failure = e;
                    changed.signalAll();
                    throw e;
                }
                newest = committed.isAfter(newest) ? committed : newest;
            }
            end = lsn;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(CapturedTable table, CapturedChange change) {
        Filling target = filling.get(table.id());
        if (target == null) {
            target = new Filling(table, buffers.apply(table.id()));
            filling.put(table.id(), target);
        }
        target.buffer.add(change);
        rows++;
    }

    private boolean fits(List<CapturedTable> tables) {
        for (CapturedTable table : tables) {
            Filling open = filling.get(table.id());
            if (open != null && open.shape.version() != table.version()) {
                return false;
            }
        }
        return true;
    }

    /** The position alone is worth a batch: the log has grown without rows of ours. */
    void wantPosition() {
        lock.lock();
        try {
            wanted |= end > start;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void offer(LoadStep step) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && step instanceof LoadStep.Chunk && chunks() >= WAITING_CHUNKS) {
                changed.await();
            }
            if (!closed) {
                steps.add(step);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds the end of a load, at the position that this batch has reached. It must lie after all that earlier batches reached: whoever stood there would have
     * passed the load's end without it, and a source where nothing happens might never pass another.
     *
     * @param step the end of a load at a position, empty when it is not there yet; nothing is added to the batch meanwhile
     * @return false when this batch has reached nothing new yet, or the load its end
     */
    boolean complete(LongFunction<Optional<LoadStep>> step) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (!closed && end <= start) {
                return false;
            }
            if (closed) {
                return true;
            }
            Optional<LoadStep> ended = step.apply(end);
            ended.ifPresent(steps::add);
            changed.signalAll();
            return ended.isPresent();
        } finally {
            lock.unlock();
        }
    }

    private long chunks() {
        return steps.stream().filter(step -> step instanceof LoadStep.Chunk).count();
    }

    Optional<CapturedBatch> take(ChangeSource.Limits limits) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            capacity = limits.rows();
            long patience = limits.patience().toNanos();
            while (isIdle() && patience > 0) {
                patience = changed.awaitNanos(patience);
            }
            if (isIdle()) {
                return Optional.empty();
            }
            while (isGathering(limits)) {
                long unused = changed.awaitNanos(LOOK_NANOS);
            }
            if (failure != null) {
                throw failure;
            }
            return closed ? Optional.empty() : Optional.of(seal());
        } finally {
            lock.unlock();
        }
    }

    private boolean isGathering(ChangeSource.Limits limits) {
        return failure == null
                && !closed
                && steps.isEmpty()
                && !wanted
                && rows < capacity
                && System.nanoTime() - firstAtNanos < limits.gathering().toNanos();
    }

    private boolean isIdle() {
        return failure == null && !closed && rows == 0 && steps.isEmpty() && !wanted;
    }

    private CapturedBatch seal() {
        List<TableChanges> tables = new ArrayList<>();
        filling.forEach((id, open) -> tables.add(new TableChanges(id, open.shape.schema(), open.buffer)));
        CapturedBatch batch = new CapturedBatch(
                source, LogPosition.of(start), LogPosition.of(end), newest, tables, List.copyOf(steps));
        filling.clear();
        steps.clear();
        rows = 0;
        start = end;
        newest = Instant.EPOCH;
        wanted = false;
        changed.signalAll();
        return batch;
    }

    boolean hasFailed() {
        lock.lock();
        try {
            return failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** From now on {@link #take} throws this. */
    void fail(RuntimeException cause) {
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            filling.values().forEach(open -> open.buffer.close());
            filling.clear();
            steps.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
