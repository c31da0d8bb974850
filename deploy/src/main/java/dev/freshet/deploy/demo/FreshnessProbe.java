package dev.freshet.deploy.demo;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how long a marker takes from its commit at the source until a reader of the warehouse sees it, and whether any reader could have
 * seen half of one. It looks every few milliseconds, on a connection of its own, at {@code order_summary} and {@code open_order_lines} in one
 * statement: a marker that is there has three items in the one and three lines in the other, or it is torn.
 */
public final class FreshnessProbe implements DemoWorkload.MarkerListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FreshnessProbe.class);
    private static final int MOST_PENDING = 5_000;
    private static final int MOST_SAMPLES = 200_000;
    private static final Duration RETRY = Duration.ofMillis(100);

    private final PostgresAddress warehouse;
    private final String sql;
    private final Duration pollInterval;
    private final Map<Long, Long> pending = new ConcurrentHashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "demo-freshness");
    private final Object lock = new Object();

    // Guarded by lock.
    private final Deque<Sample> samples = new ArrayDeque<>();
    private long visible;
    private long torn;
    private long unwatched;

    private @Nullable Connection connection;

    private record Sample(long seenNanos, long latencyNanos) {}

    /**
     * @param visible markers that arrived
     * @param pending committed at the source and not yet seen
     * @param unwatched markers that were not followed because too many were pending
     * @param torn markers that were first seen incomplete
     */
    public record Freshness(
            long visible, long pending, long unwatched, long torn, Duration p50, Duration p99, Duration max) {}

    private FreshnessProbe(PostgresAddress warehouse, String schema, Duration pollInterval) {
        this.warehouse = warehouse;
        this.pollInterval = pollInterval;
        String quoted = PostgresTable.quote(schema);
        this.sql =
                """
                select s.order_id, s.item_count, (select count(*) from %1$s.open_order_lines l where l.order_id = s.order_id)
                from %1$s.order_summary s where s.order_id = any (?)"""
                        .formatted(quoted);
    }

    /** @param schema where the demo's models are delivered */
    public static FreshnessProbe start(PostgresAddress warehouse, String schema, Duration pollInterval) {
        FreshnessProbe probe = new FreshnessProbe(warehouse, schema, pollInterval);
        probe.thread.setDaemon(true);
        probe.thread.start();
        return probe;
    }

    @Override
    public void committed(long orderId, long commitSentNanos) {
        if (pending.size() >= MOST_PENDING) {
            synchronized (lock) {
                unwatched++;
            }
            return;
        }
        pending.put(orderId, commitSentNanos);
    }

    /** Everything since the start or the last {@link #restart}. */
    public Freshness overall() {
        return freshness(Long.MIN_VALUE);
    }

    /** Percentiles of what arrived within the window before now; the counts are those of {@link #overall}. */
    public Freshness recent(Duration window) {
        return freshness(System.nanoTime() - window.toNanos());
    }

    /** Forgets what was measured and what is pending, for instance when the first load is over. */
    public void restart() {
        synchronized (lock) {
            pending.clear();
            samples.clear();
            visible = 0;
            torn = 0;
            unwatched = 0;
        }
    }

    /** Waits until nothing is pending; false when the time is over first. */
    public boolean awaitAllVisible(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!pending.isEmpty()) {
            if (System.nanoTime() - deadline >= 0 || stopped.await(pollInterval.toNanos(), TimeUnit.NANOSECONDS)) {
                return pending.isEmpty();
            }
        }
        return true;
    }

    @Override
    public void close() {
        stopped.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(70));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Freshness freshness(long seenAfterNanos) {
        synchronized (lock) {
            long[] latencies = samples.stream()
                    .filter(sample -> seenAfterNanos == Long.MIN_VALUE || sample.seenNanos() - seenAfterNanos >= 0)
                    .mapToLong(Sample::latencyNanos)
                    .sorted()
                    .toArray();
            return new Freshness(
                    visible,
                    pending.size(),
                    unwatched,
                    torn,
                    percentile(latencies, 0.50),
                    percentile(latencies, 0.99),
                    percentile(latencies, 1));
        }
    }

    /** The nearest rank; zero when there is nothing. */
    static Duration percentile(long[] sorted, double share) {
        if (sorted.length == 0) {
            return Duration.ZERO;
        }
        int rank = (int) Math.ceil(share * sorted.length);
        return Duration.ofNanos(sorted[Math.max(0, rank - 1)]);
    }

    private void run() {
        try {
            long wait = 0;
            while (!stopped.await(wait, TimeUnit.NANOSECONDS)) {
                wait = poll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
    }

    /** Returns how long to wait before the next look. */
    private long poll() {
        if (pending.isEmpty()) {
            return pollInterval.toNanos();
        }
        long started = System.nanoTime();
        try {
            look();
        } catch (SQLException e) {
            // The table is not there yet, or the warehouse is away: both are part of a demo's life.
            LOG.debug("The demo cannot read {}: {}", warehouse, e.getMessage());
            disconnect();
            return RETRY.toNanos();
        }
        // A probe that is always reading would slow down what it measures.
        return Math.max(pollInterval.toNanos(), 3 * (System.nanoTime() - started));
    }

    private void look() throws SQLException {
        Connection current = connection;
        if (current == null) {
            current = warehouse.connect();
            connection = current;
        }
        List<Long> wanted = new ArrayList<>(pending.keySet());
        Array ids = current.createArrayOf("bigint", wanted.toArray());
        try (PreparedStatement statement = current.prepareStatement(sql)) {
            statement.setArray(1, ids);
            try (ResultSet result = statement.executeQuery()) {
                long seen = System.nanoTime();
                while (result.next()) {
                    arrived(result.getLong(1), seen, result.getLong(2), result.getLong(3));
                }
            }
        }
    }

    private void arrived(long orderId, long seenNanos, long items, long lines) {
        synchronized (lock) {
            Long committedNanos = pending.remove(orderId);
            if (committedNanos == null) {
                return;
            }
            visible++;
            if (items != MarkerTransactions.ITEMS || lines != MarkerTransactions.ITEMS) {
                torn++;
                LOG.warn("Order {} was first seen with {} items and {} lines instead of {}", orderId, items, lines, 3);
            }
            if (samples.size() == MOST_SAMPLES) {
                samples.removeFirst();
            }
            samples.addLast(new Sample(seenNanos, seenNanos - committedNanos));
        }
    }

    private void disconnect() {
        Connection current = connection;
        connection = null;
        if (current != null) {
            try {
                current.close();
            } catch (SQLException ignored) {
                // It is given up either way.
            }
        }
    }
}
