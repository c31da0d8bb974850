package dev.freshet.ingest.postgres;

import dev.freshet.ingest.ChangeSource.LoadProgress;
import dev.freshet.ingest.LoadStep;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.TransactionSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The thread that reads whole tables beside the stream, one after the other. A keyed table is read in pieces of its key, each in a snapshot of
 * its own; a keyless one at once.
 */
final class TableLoads implements Runnable {

    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final long REPEAT_HEARTBEAT_MILLIS = 2_000;
    private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** What a failed COPY of a column or table that is not there any more says: undefined_column, undefined_table. */
    private static final Set<String> SHAPE_GONE = Set.of("42703", "42P01");

    private final Database database;
    private final SourceNames names;
    private final RecentTransactions recent;
    private final Handover handover;
    private final SourceState state;
    private final ChunkSpool spool;
    private final MovedRows movedRows;
    private final long settledNanos;
    private final long chunkRows;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition requested = lock.newCondition();
    private final Set<TableId> waiting = new LinkedHashSet<>();
    private final Map<TableId, LoadProgress> progress = new HashMap<>();
    private final Map<TableId, Long> numbers = new HashMap<>();
    private @Nullable TableId current;
    private boolean again;
    private @Nullable TrackedTables tables;
    private @Nullable TransactionSnapshot slotCreation;
    private long slotCreatedAtNanos;

    /** @param settledMillis how long the source is to hold the moment at which a load ends, while the stream comes there */
    TableLoads(
            Database database,
            SourceNames names,
            RecentTransactions recent,
            Handover handover,
            SourceState state,
            ChunkSpool spool,
            MovedRows movedRows,
            long settledMillis,
            long chunkRows) {
        this.database = database;
        this.names = names;
        this.recent = recent;
        this.handover = handover;
        this.state = state;
        this.spool = spool;
        this.movedRows = movedRows;
        this.settledNanos = TimeUnit.MILLISECONDS.toNanos(settledMillis);
        this.chunkRows = chunkRows;
    }

    /** Before the thread starts. */
    void begin(TrackedTables captured, Map<TableId, LoadProgress> known) {
        tables = captured;
        known.forEach((table, load) -> {
            progress.put(table, load);
            numbers.put(table, load.load());
        });
    }

    /** The slot is new: transactions that had committed for the log but not yet for others are given a moment to show. */
    void slotCreated(TransactionSnapshot at) {
        lock.lock();
        try {
            slotCreation = at;
            slotCreatedAtNanos = System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    /** Loads a table when its turn comes, from the beginning. */
    void request(TableId table) {
        lock.lock();
        try {
            progress.remove(table);
            if (table.equals(current)) {
                again = true;
            } else {
                waiting.add(table);
            }
            requested.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Loads a table when its turn comes, from where an earlier process stopped. */
    void resume(TableId table) {
        lock.lock();
        try {
            waiting.add(table);
            requested.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a load of this table runs, or waits to go on where an earlier process stopped. */
    boolean isUnderWay(TableId table) {
        lock.lock();
        try {
            return table.equals(current) || waiting.contains(table);
        } finally {
            lock.unlock();
        }
    }

    List<TableId> loading() {
        lock.lock();
        try {
            List<TableId> all = new ArrayList<>(waiting);
            if (current != null) {
                all.add(0, current);
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void run() {
        long pauseMillis = FIRST_PAUSE_MILLIS;
        try {
            while (!state.isClosed()) {
                TableId table = next();
                try {
                    load(table);
                    finished();
                    pauseMillis = FIRST_PAUSE_MILLIS;
                } catch (ShapeChangedException e) {
                    // Begins anew with the new shape.
                    TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS / 10);
                } catch (FreshetException e) {
                    if (e.kind() == ErrorKind.INTERNAL) {
                        throw e;
                    }
                    state.notice("the load of table \"" + table.schema() + "." + table.name() + "\" is tried again: "
                            + e.getMessage());
                    TimeUnit.MILLISECONDS.sleep(pauseMillis);
                    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
                } finally {
                    movedRows.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            handover.fail(e);
        }
    }

    private TableId next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (current == null && waiting.isEmpty()) {
                requested.await();
            }
            if (current == null) {
                current = waiting.iterator().next();
                waiting.remove(current);
                again = false;
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    private void finished() {
        lock.lock();
        try {
            TableId done = current;
            current = null;
            if (again && done != null) {
                waiting.add(done);
            } else if (waiting.isEmpty()) {
                state.settled();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isToBeginAnew() {
        lock.lock();
        try {
            return again;
        } finally {
            lock.unlock();
        }
    }

    private static final class ShapeChangedException extends Exception {
        ShapeChangedException() {
            super(null, null, false, false);
        }
    }

    private void load(TableId table) throws InterruptedException, ShapeChangedException {
        TrackedTables captured = java.util.Objects.requireNonNull(tables, "begin");
        CapturedTable shape = captured.get(table).shape();
        LoadProgress known;
        lock.lock();
        try {
            known = progress.remove(table);
            if (known == null) {
                again = false;
            }
        } finally {
            lock.unlock();
        }
        try (Connection connection = database.connect()) {
            long load;
            int chunk = 0;
            String lastKey = "";
            boolean more = true;
            if (known != null && !known.complete() && shape.schema().isKeyed() && known.chunks() > 0) {
                load = known.load();
                chunk = known.chunks();
                lastKey = known.lastKey();
            } else {
                load = numbers.merge(table, 1L, Long::sum);
                handover.offer(new LoadStep.Begin(table, load, shape.schema(), LogPosition.of(start(connection))));
            }
            TransactionSnapshot snapshot = null;
            while (more && !state.isClosed()) {
                ChunkSpool.Piece piece = spool.read(connection, shape, lastKey, chunkRows);
                if (isToBeginAnew() || captured.get(table).shape().version() != shape.version()) {
                    piece.rows().delete();
                    throw new ShapeChangedException();
                }
                more = piece.more();
                lastKey = piece.lastKey();
                snapshot = piece.snapshot();
                handover.offer(new LoadStep.Chunk(table, load, shape.schema(), chunk, piece.rows(), snapshot, lastKey));
                chunk++;
            }
            complete(connection, shape, load, snapshot);
        } catch (SQLException e) {
            if (SHAPE_GONE.contains(e.getSQLState())) {
                captured.refreshSoon(table);
                wake();
                throw new ShapeChangedException();
            }
            throw database.failed("loading table \"" + table.schema() + "." + table.name() + "\"", e);
        }
    }

    /**
     * A position up to which every change shows in whatever is read from now on: where the stream stands, once every transaction it has passed
     * shows. None is passed half-way while this looks, so each one after it knows of this load.
     */
    private long start(Connection connection) throws SQLException, InterruptedException {
        while (!state.isClosed()) {
            synchronized (recent) {
                long position = recent.position();
                TransactionSnapshot snapshot = snapshot(connection);
                if (!isSettling(snapshot) && recent.shownThrough(snapshot) == position) {
                    return position;
                }
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new InterruptedException("closed");
    }

    private boolean isSettling(TransactionSnapshot now) {
        lock.lock();
        try {
            return slotCreation != null
                    && System.nanoTime() - slotCreatedAtNanos < SETTLE_NANOS
                    && slotCreation.inProgress().stream().anyMatch(id -> !now.shows(id));
        } finally {
            lock.unlock();
        }
    }

    static TransactionSnapshot snapshot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_current_snapshot()::text")) {
            row.next();
            return TransactionSnapshot.parse(row.getString(1));
        }
    }

    /** Tells of the end only when the stream is there, so that whoever hears of it has everything. */
    private void complete(Connection connection, CapturedTable shape, long load, @Nullable TransactionSnapshot snapshot)
            throws SQLException, InterruptedException, ShapeChangedException {
        boolean settles = shape.schema().isKeyed() && !shape.fullImages();
        Optional<TransactionSnapshot> seen =
                shape.schema().isKeyed() ? Optional.empty() : Optional.ofNullable(snapshot);
        follow(connection, ReplicationSlot.lsn(connection, "pg_current_wal_insert_lsn()"), Long.MAX_VALUE);
        boolean ended = false;
        while (!ended && !state.isClosed()) {
            if (settles) {
                settle(connection, shape.id());
            }
            if (isToBeginAnew()) {
                throw new ShapeChangedException();
            }
            // Asked while nothing can be added: what is in the batch was completed as of a moment that was held.
            ended = handover.complete(position -> settles && !movedRows.isSettled(shape.id())
                    ? Optional.empty()
                    : Optional.of(new LoadStep.Complete(shape.id(), load, LogPosition.of(position), seen)));
            if (!ended && !follow(connection, recent.position() + 1, settledNanos)) {
                movedRows.release();
            }
        }
    }

    /** Until the stream has passed a moment that is held still. */
    private void settle(Connection connection, TableId table) throws SQLException, InterruptedException {
        long patience = settledNanos;
        while (!movedRows.isSettled(table) && !state.isClosed()) {
            if (!follow(connection, movedRows.settle(table), patience)) {
                movedRows.release();
                // A stream that stays behind by more than this would never be waited for otherwise.
                patience = patience < Long.MAX_VALUE / 2 ? patience * 2 : patience;
            }
        }
    }

    /**
     * Waits until the stream has passed a position.
     *
     * @return false when it has not in this time
     */
    private boolean follow(Connection connection, long end, long patienceNanos)
            throws SQLException, InterruptedException {
        long began = System.nanoTime();
        long repeatAt = 0;
        while (Long.compareUnsigned(recent.position(), end) < 0 && !state.isClosed()) {
            if (System.nanoTime() - began > patienceNanos) {
                return false;
            }
            if (System.nanoTime() >= repeatAt || repeatAt == 0) {
                Heartbeat.emit(connection, names, Heartbeat.WAKE);
                repeatAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REPEAT_HEARTBEAT_MILLIS);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return true;
    }

    private void wake() {
        try (Connection connection = database.connect()) {
            Heartbeat.emit(connection, names, Heartbeat.WAKE);
        } catch (SQLException e) {
            throw database.failed("writing a heartbeat", e);
        }
    }
}
