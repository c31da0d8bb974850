package dev.freshet.ingest.iceberg;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFile;
import org.jspecify.annotations.Nullable;

/**
 * One Iceberg table and the fenced way to commit to it. A commit is derived from the newest snapshot's {@link TableHead} and refused by Iceberg
 * unless that snapshot is still the newest; a head of a higher epoch means that this instance was overtaken. When the answer of a commit is
 * lost, the head tells whether it happened.
 *
 * <p>Commits of one process to one table go one after the other; anyone may read {@link #head} and {@link #snapshot}.
 */
final class ChangeTable {

    private static final int ATTEMPTS = 8;
    private static final int SNAPSHOTS = 200;
    private static final AtomicLong COMMITS = new AtomicLong();

    /** Builds the change on the given table, lets it be sealed and commits it. */
    interface Change {
        void commit(Table table, Seal seal);
    }

    /** Makes a snapshot carry the new head and refuse a base that has moved. */
    interface Seal {
        void on(SnapshotUpdate<?> update);
    }

    private final Table table;
    private final String name;
    private final Owner owner;
    private final ExecutorService pool;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile TableHead head = TableHead.EMPTY;
    private volatile Optional<Snapshot> snapshot = Optional.empty();
    private final Set<String> inProgress = ConcurrentHashMap.newKeySet();
    private volatile boolean uncertain;

    ChangeTable(Table table, String name, Owner owner, ExecutorService pool) {
        this.table = table;
        this.name = name;
        this.owner = owner;
        this.pool = pool;
        adopt();
    }

    /** The name in the catalog. */
    String name() {
        return name;
    }

    boolean holdsChanges() {
        return TableNames.CHANGES.equals(table.properties().get(TableNames.KIND));
    }

    String source() {
        return table.properties().getOrDefault(TableNames.SOURCE, "");
    }

    TableId id() {
        return new TableId(
                source(),
                table.properties().get(TableNames.SCHEMA),
                table.properties().get(TableNames.NAME));
    }

    TableHead head() {
        return head;
    }

    Optional<Snapshot> snapshot() {
        return snapshot;
    }

    /** Whether a commit was sent whose outcome is still not known. */
    boolean isUncertain() {
        return uncertain;
    }

    String location() {
        return table.location();
    }

    FileIO io() {
        return table.io();
    }

    /** The Iceberg schema for rows of {@code schema}, which {@link #append} makes the table's own. */
    Schema schemaFor(TableSchema schema) {
        lock.lock();
        try {
            return TableShape.fits(table, schema)
                    ? table.schema()
                    : TableShape.evolve(id(), table.schema(), schema, table.updateSchema())
                            .apply();
        } finally {
            lock.unlock();
        }
    }

    /** A new file, spared by upkeep until it is {@link #committed} or {@link #discard}ed. */
    OutputFile newFile(String fileName) {
        String location = table.locationProvider().newDataLocation(fileName);
        inProgress.add(location);
        return table.io().newOutputFile(location);
    }

    /** Files that were begun here and may not be in a snapshot yet. */
    Set<String> inProgress() {
        return inProgress;
    }

    /** From here on the snapshots say whether these files are needed. */
    void committed(List<DataFile> files) {
        files.forEach(file -> inProgress.remove(file.location()));
    }

    /** Deletes files that were written and never committed. */
    void discard(List<String> locations) {
        for (String location : locations) {
            try {
                table.io().deleteFile(location);
            } catch (RuntimeException ignored) {
                // Upkeep sweeps what no snapshot names.
            }
            inProgress.remove(location);
        }
    }

    /** Puts the owner's epoch on the table, so that a commit of an earlier owner fails from here on. */
    void mark() {
        commit(
                current -> current,
                current -> current.epoch() == owner.epoch(),
                current -> current.epoch() <= owner.epoch(),
                (at, seal) -> append(at, seal, List.of()));
    }

    /** Makes sure that no commit of unknown outcome can still arrive. */
    void settle() {
        if (uncertain) {
            commit(
                    current -> current,
                    current -> false,
                    current -> current.epoch() == owner.epoch(),
                    (at, seal) -> append(at, seal, List.of()));
        }
    }

    /** Appends files, evolving the table to {@code schema} in the same commit. */
    void append(
            List<DataFile> files,
            Optional<TableSchema> schema,
            Predicate<TableHead> done,
            UnaryOperator<TableHead> change) {
        commit(change, done, current -> current.epoch() == owner.epoch(), (at, seal) -> {
            if (schema.isEmpty() || TableShape.fits(at, schema.get())) {
                append(at, seal, files);
                return;
            }
            Transaction transaction = at.newTransaction();
            TableShape.evolve(id(), at.schema(), schema.get(), transaction.updateSchema())
                    .commit();
            transaction
                    .updateProperties()
                    .set(TableShape.PROPERTY, TableShape.json(schema.get()))
                    .commit();
            AppendFiles append = transaction.newAppend();
            files.forEach(append::appendFile);
            seal.on(append);
            append.commit();
            transaction.commitTransaction();
        });
    }

    /** Any other change of the table's files, which leaves the newest batch and position as they are. */
    void rewrite(UnaryOperator<TableHead> change, Change rewrite) {
        commit(change, current -> false, current -> current.epoch() == owner.epoch(), rewrite);
    }

    private static void append(Table at, Seal seal, List<DataFile> files) {
        AppendFiles append = at.newAppend();
        files.forEach(append::appendFile);
        seal.on(append);
        append.commit();
    }

    private void commit(
            UnaryOperator<TableHead> change, Predicate<TableHead> done, Predicate<TableHead> allowed, Change step) {
        String attempt = owner.epoch() + "-" + COMMITS.incrementAndGet() + "-"
                + ProcessHandle.current().pid();
        lock.lock();
        try {
            commitLocked(attempt, change, done, allowed, step);
        } finally {
            lock.unlock();
        }
    }

    private void commitLocked(
            String attempt,
            UnaryOperator<TableHead> change,
            Predicate<TableHead> done,
            Predicate<TableHead> allowed,
            Change step) {
        RuntimeException last = null;
        boolean sent = false;
        for (int i = 0; i < ATTEMPTS; i++) {
            Pause.before(i);
            try {
                if (i > 0) {
                    refresh();
                }
                if (head.attempt().equals(attempt) || done.test(head)) {
                    uncertain = false;
                    return;
                }
                if (!allowed.test(head)) {
                    throw owner.overtaken();
                }
                TableHead next = change.apply(head).with(owner.epoch(), attempt);
                long expected = snapshot.map(Snapshot::snapshotId).orElse(-1L);
                step.commit(table, update -> {
                    next.toSummary().forEach(update::set);
                    update.scanManifestsWith(pool);
                    update.validateWith(ancestors -> newest(ancestors) == expected);
                });
                adopt();
                if (head.attempt().equals(attempt)) {
                    uncertain = false;
                    return;
                }
            } catch (FreshetException | OutdatedPlanException e) {
                throw e;
            } catch (ValidationException | CommitFailedException e) {
                last = e;
            } catch (RuntimeException e) {
                last = e;
                if (Failures.isWriteFailure(e)) {
                    failUnlessCommitted(attempt, e);
                    return;
                }
                sent = true;
            }
        }
        if (sent) {
            uncertain = true;
            throw new FreshetException(
                    ErrorKind.OUTCOME_UNKNOWN,
                    "the catalog did not answer a commit to staging table '" + name
                            + "' and can't be asked: check that it is reachable; staging is read again before anything"
                            + " else is written",
                    last);
        }
        throw new FreshetException(
                ErrorKind.RETRYABLE, "can't commit to staging table '" + name + "': others keep changing it", last);
    }

    /** A failed write comes before the catalog is told, except where the reading back failed. */
    private void failUnlessCommitted(String attempt, RuntimeException problem) {
        try {
            refresh();
        } catch (RuntimeException unreadable) {
            uncertain = true;
            problem.addSuppressed(unreadable);
            throw Failures.writeFailed(location(), problem);
        }
        if (!head.attempt().equals(attempt)) {
            throw Failures.writeFailed(location(), problem);
        }
    }

    /** Forgets old snapshots when upkeep does not come round often enough: every commit writes all of them down. */
    void trim() {
        int snapshots = 0;
        for (Snapshot ignored : table.snapshots()) {
            snapshots++;
        }
        if (snapshots > SNAPSHOTS && lock.tryLock()) {
            try {
                Expiry.expire(table, pool, dataFile -> {});
            } catch (RuntimeException ignored) {
                // The next commit tries again.
            } finally {
                lock.unlock();
            }
        }
    }

    /** The shape that its rows were appended in last. */
    Optional<TableSchema> shape() {
        return Optional.ofNullable(table.properties().get(TableShape.PROPERTY)).map(TableShape::parse);
    }

    /** Reads the newest snapshot from the catalog. */
    void refresh() {
        lock.lock();
        try {
            table.refresh();
            adopt();
        } finally {
            lock.unlock();
        }
    }

    private void adopt() {
        Snapshot current = table.currentSnapshot();
        head = headOf(name, table, current);
        snapshot = Optional.ofNullable(current);
    }

    /** The head that a snapshot carries; a compaction by someone else's tool is looked through, as it leaves the rows alone. */
    static TableHead headOf(String name, Table table, @Nullable Snapshot current) {
        Snapshot at = current;
        while (at != null) {
            TableHead found = TableHead.fromSummary(at.summary());
            if (!found.equals(TableHead.EMPTY)) {
                return found;
            }
            if (!DataOperations.REPLACE.equals(at.operation())) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "staging table '" + name + "' was changed from outside (snapshot " + at.snapshotId() + ", "
                                + at.operation()
                                + "): roll it back to the snapshot before that one; only Freshet writes there");
            }
            Long parent = at.parentId();
            at = parent == null ? null : table.snapshot(parent);
        }
        return TableHead.EMPTY;
    }

    static long newest(Iterable<Snapshot> ancestors) {
        for (Snapshot first : ancestors) {
            return first.snapshotId();
        }
        return -1;
    }
}
