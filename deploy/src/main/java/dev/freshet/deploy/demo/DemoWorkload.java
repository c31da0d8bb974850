package dev.freshet.deploy.demo;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Live traffic on the demo's two source databases: seeded random transactions over several connections at a given rate of row changes per
 * second. It goes on through conflicts, deadlocks and lost connections, and what it did is counted. One connection works on {@code crm}, the
 * others on {@code shop}. The seed fixes what each connection asks for; how the connections interleave is up to the database.
 */
public final class DemoWorkload implements AutoCloseable {

    /** Orders from this id on are markers. Nothing but {@link MarkerListener} and the models ever looks at them again. */
    static final long FIRST_MARKER = 1_000_000_000L;

    private final WorkloadCounters counters = new WorkloadCounters();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final PostgresAddress shop;

    /**
     * @param changesPerSecond over all connections, markers not counted
     * @param connections at least 2
     * @param markersPerSecond 0 for none
     */
    public record Settings(int changesPerSecond, int connections, int markersPerSecond, long seed) {
        public Settings {
            if (changesPerSecond < 1) {
                throw new FreshetException(
                        ErrorKind.USER, "the rate of changes must be at least 1 a second, not " + changesPerSecond);
            }
            if (connections < 2 || connections > 32) {
                throw new FreshetException(
                        ErrorKind.USER, "the workload takes 2 to 32 connections, not " + connections);
            }
            if (markersPerSecond < 0 || markersPerSecond > 1000) {
                throw new FreshetException(
                        ErrorKind.USER, "markers per second must be between 0 and 1000, not " + markersPerSecond);
            }
        }
    }

    /** Told of every marker: an order with exactly three items, committed as one transaction. Must not block. */
    @FunctionalInterface
    public interface MarkerListener {

        MarkerListener NONE = (orderId, commitSentNanos) -> {};

        /**
         * Called after the commit succeeded.
         *
         * @param commitSentNanos {@link System#nanoTime} just before COMMIT was sent
         */
        void committed(long orderId, long commitSentNanos);
    }

    private DemoWorkload(PostgresAddress shop) {
        this.shop = shop;
    }

    /** Starts on databases that {@link DemoSchema} made. A second workload on the same data goes on where the first one ended. */
    public static DemoWorkload start(
            PostgresAddress shop, PostgresAddress crm, Settings settings, MarkerListener markers) {
        DemoWorkload workload = new DemoWorkload(shop);
        workload.launch(crm, settings, markers);
        return workload;
    }

    public Counters counters() {
        return counters.read();
    }

    /** Ends the load after the transactions that are under way and waits for them. May be called again. */
    public void stop() {
        stopped.countDown();
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(90).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** The same as {@link #stop}. */
    @Override
    public void close() {
        stop();
    }

    /**
     * What was committed so far.
     *
     * @param rowChanges inserted, updated and deleted rows; a truncated table counts one
     * @param conflicts transactions that the database refused (deadlock, constraint) and that were rolled back
     * @param lostConnections how often a connection had to be opened again
     */
    public record Counters(
            long transactions,
            long rowChanges,
            long markers,
            long truncates,
            long largestTransaction,
            long conflicts,
            long lostConnections) {}

    private void launch(PostgresAddress crm, Settings settings, MarkerListener markers) {
        DemoIds ids = DemoIds.read(shop, crm);
        SplittableRandom random = new SplittableRandom(settings.seed());
        int largest = Math.max(6, Math.min(500, settings.changesPerSecond() / 2));
        double crmShare = 0.15;
        int shopConnections = settings.connections() - 1;
        for (int i = 0; i < shopConnections; i++) {
            ShopTransactions transactions = new ShopTransactions(ids, largest, random.nextLong(), counters);
            double rate = settings.changesPerSecond() * (1 - crmShare) / shopConnections;
            launch("demo-shop-" + i, new WorkloadConnection(shop, transactions, new Pace(rate), counters));
        }
        CrmTransactions customers = new CrmTransactions(ids, random.nextLong());
        launch(
                "demo-crm",
                new WorkloadConnection(crm, customers, new Pace(settings.changesPerSecond() * crmShare), counters));
        if (settings.markersPerSecond() > 0) {
            MarkerTransactions marking = new MarkerTransactions(ids, markers, counters);
            launch(
                    "demo-markers",
                    new WorkloadConnection(
                            shop, marking, new Pace(settings.markersPerSecond() * MarkerTransactions.ROWS), counters));
        }
    }

    private void launch(String name, WorkloadConnection connection) {
        BooleanSupplier isStopped = () -> stopped.getCount() == 0;
        Thread thread = new Thread(() -> connection.run(isStopped, this::pause), name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Waits, but not beyond the stop. */
    private void pause(long nanos) {
        try {
            if (stopped.await(nanos, TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped.countDown();
        }
    }

    /** One kind of traffic on one connection, which is not in auto-commit mode. */
    interface Traffic {

        /** Does and commits one transaction; returns how many rows it changed. */
        int commitOne(Connection connection) throws SQLException;
    }
}
