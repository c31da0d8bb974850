package dev.freshet.ingest.iceberg;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** What goes wrong in a catalog and file system made by {@link FaultyCatalog} and {@link FaultyFileIO}, found by the catalog property. */
final class Faults {

    static final String PROPERTY = "faults";

    private static final Map<String, Faults> ALL = new ConcurrentHashMap<>();

    enum Kind {
        /** The process is gone before the commit is sent. */
        DIES_BEFORE,
        /** The process is gone after the commit has happened. */
        DIES_AFTER,
        /** The commit does not happen and nobody says so. */
        ANSWER_LOST_BEFORE,
        /** The commit happens and nobody says so. */
        ANSWER_LOST_AFTER
    }

    /** Not an exception that anyone handles: the process is dead. */
    static final class Dead extends Error {
        private static final long serialVersionUID = 1;

        Dead() {
            super("killed by the test", null, false, false);
        }
    }

    private volatile Kind kind = Kind.DIES_BEFORE;
    private final AtomicInteger commitsUntil = new AtomicInteger(-1);
    private final AtomicInteger times = new AtomicInteger();
    private final AtomicBoolean dead = new AtomicBoolean();
    /** Read by each commit, written by the one that ends the process. */
    private final ReentrantReadWriteLock underWay = new ReentrantReadWriteLock();

    private final AtomicBoolean unreachable = new AtomicBoolean();
    final AtomicLong bytesLeft = new AtomicLong(Long.MAX_VALUE);
    final AtomicInteger commits = new AtomicInteger();

    static Faults of(Map<String, String> properties) {
        return ALL.computeIfAbsent(properties.get(PROPERTY), missing -> new Faults());
    }

    static Faults named(String name) {
        return ALL.computeIfAbsent(name, missing -> new Faults());
    }

    /** From now on {@code commits} commits go well, then the fault happens {@code count} times. */
    void after(int commitsThatPass, Kind what, int count) {
        kind = what;
        times.set(count);
        commitsUntil.set(commitsThatPass);
    }

    boolean isDead() {
        return dead.get();
    }

    /** Whether the fault that was ordered has happened. */
    boolean hasHappened() {
        return times.get() <= 0;
    }

    void breakCatalog() {
        unreachable.set(true);
    }

    void mendCatalog() {
        unreachable.set(false);
    }

    void requireReachable() {
        requireAlive();
        if (unreachable.get()) {
            throw new IllegalStateException("the catalog is not reachable");
        }
    }

    void requireAlive() {
        if (dead.get()) {
            throw new Dead();
        }
    }

    void commit(Runnable commit) {
        Kind what = kind;
        underWay.readLock().lock();
        try {
            requireReachable();
            commits.incrementAndGet();
            boolean fails =
                    commitsUntil.getAndUpdate(left -> left <= 0 ? left : left - 1) == 0 && times.getAndDecrement() > 0;
            if (!fails || what == Kind.DIES_AFTER || what == Kind.ANSWER_LOST_AFTER) {
                commit.run();
            }
            if (!fails) {
                return;
            }
        } finally {
            underWay.readLock().unlock();
        }
        if (what == Kind.DIES_BEFORE || what == Kind.DIES_AFTER) {
            die();
        }
        throw new org.apache.iceberg.exceptions.CommitStateUnknownException(new IllegalStateException("no answer"));
    }

    /** Tables commit side by side: those that were said to go well do so first. */
    private void die() {
        underWay.writeLock().lock();
        try {
            dead.set(true);
        } finally {
            underWay.writeLock().unlock();
        }
        throw new Dead();
    }
}
