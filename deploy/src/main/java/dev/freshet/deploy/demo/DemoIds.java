package dev.freshet.deploy.demo;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Hands out new ids and picks ids that probably exist. Safe for all connections at once. */
final class DemoIds {

    private final AtomicLong nextOrder;
    private final AtomicLong nextMarker;
    private final AtomicLong nextCustomer;

    private DemoIds(long nextOrder, long nextMarker, long nextCustomer) {
        this.nextOrder = new AtomicLong(nextOrder);
        this.nextMarker = new AtomicLong(nextMarker);
        this.nextCustomer = new AtomicLong(nextCustomer);
    }

    /** Goes on after the highest ids in the databases. */
    static DemoIds read(PostgresAddress shop, PostgresAddress crm) {
        try {
            long first = DemoWorkload.FIRST_MARKER;
            return new DemoIds(
                    number(shop, "select coalesce(max(order_id), 0) + 1 from orders where order_id < " + first),
                    number(shop, "select greatest(coalesce(max(order_id), 0) + 1, " + first + ") from orders"),
                    number(crm, "select coalesce(max(customer_id), 0) + 1 from customers"));
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.SOURCE,
                    "the demo's workload cannot read \"" + shop + "\" and \"" + crm + "\": " + e.getMessage(),
                    e);
        }
    }

    private static long number(PostgresAddress database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }

    long newOrder() {
        return nextOrder.getAndIncrement();
    }

    /** The first of that many new ids in a row. */
    long newOrders(int count) {
        return nextOrder.getAndAdd(count);
    }

    long newMarker() {
        return nextMarker.getAndIncrement();
    }

    long newCustomer() {
        return nextCustomer.getAndIncrement();
    }

    /** Mostly one of the latest orders, as in life; sometimes any. */
    long order(RandomGenerator random) {
        long last = nextOrder.get();
        long window = random.nextInt(100) < 75 ? Math.max(1, Math.min(last - 1, 500 + last / 20)) : last - 1;
        return last - 1 - random.nextLong(window);
    }

    long customer(RandomGenerator random) {
        return 1 + random.nextLong(Math.max(1, nextCustomer.get() - 1));
    }
}
