package dev.freshet.deploy.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Markers: orders with exactly three items, each committed at once. Whoever sees one with fewer has seen half a transaction. */
final class MarkerTransactions implements DemoWorkload.Traffic {

    static final int ITEMS = 3;
    static final int ROWS = 1 + ITEMS;

    private final DemoIds ids;
    private final DemoWorkload.MarkerListener listener;
    private final WorkloadCounters counters;

    MarkerTransactions(DemoIds ids, DemoWorkload.MarkerListener listener, WorkloadCounters counters) {
        this.ids = ids;
        this.listener = listener;
        this.counters = counters;
    }

    @Override
    public int commitOne(Connection connection) throws SQLException {
        long marker = ids.newMarker();
        try (PreparedStatement order = connection.prepareStatement(
                        "insert into orders values (?, 1, 'placed', now(), null, 0, false, null)");
                PreparedStatement item =
                        connection.prepareStatement("insert into order_items values (?, ?, ?, 1, 9.99)")) {
            order.setLong(1, marker);
            order.executeUpdate();
            // Statement by statement, so that the change log carries them apart.
            for (int line = 1; line <= ITEMS; line++) {
                item.setLong(1, marker);
                item.setInt(2, line);
                item.setInt(3, line);
                item.executeUpdate();
            }
        }
        long sent = System.nanoTime();
        connection.commit();
        counters.marker();
        listener.committed(marker, sent);
        return ROWS;
    }
}
