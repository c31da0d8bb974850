package dev.freshet.deploy.demo;

import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

/** What happens in the shop's database. Every kind of change that is hard to carry occurs: key changes, TRUNCATE, unchanged TOAST, bags. */
final class ShopTransactions extends WeightedTraffic {

    private static final int PRODUCTS = 500;
    private static final long TRUNCATE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final int largest;
    private final WorkloadCounters counters;
    private long lastTruncateNanos = System.nanoTime();

    /** @param largest about how many rows a large transaction changes */
    ShopTransactions(DemoIds ids, int largest, long seed, WorkloadCounters counters) {
        super(ids, seed);
        this.largest = largest;
        this.counters = counters;
        add(300, this::placeOrder);
        add(220, this::moveOrderOn);
        add(60, this::touchLongNotes);
        add(30, this::rewriteNotes);
        add(80, this::editLine);
        add(40, this::dropLine);
        add(40, this::renumberLines);
        add(90, this::deleteOrder);
        add(50, this::changeOrderKey);
        add(30, this::moveOrderToOtherCustomer);
        add(20, this::changeProduct);
        add(100, this::viewPages);
        add(40, this::correctPageView);
        add(20, this::refillFrontPage);
        add(4, this::changeManyOrders);
        add(3, this::importManyOrders);
        add(3, this::forgetPageViews);
    }

    private int placeOrder(Connection connection) throws SQLException {
        long order = ids.newOrder();
        Long customer = oneIn(50) ? null : Long.valueOf(ids.customer(random));
        int rows = update(
                connection,
                "insert into orders values (?, ?::bigint, 'placed', now(), case when ? then current_date + 3 end, ?, ?, ?::text)",
                order,
                customer,
                !oneIn(9),
                amount(5),
                oneIn(11),
                oneIn(4) ? "Leave it with the neighbour " + random.nextInt(1000) : null);
        return rows + addLines(connection, order, 1 + random.nextInt(5));
    }

    private int addLines(Connection connection, long order, int lines) throws SQLException {
        Integer[] products = new Integer[lines];
        Integer[] quantities = new Integer[lines];
        BigDecimal[] prices = new BigDecimal[lines];
        for (int i = 0; i < lines; i++) {
            products[i] = product();
            quantities[i] = 1 + random.nextInt(4);
            prices[i] = amount(9000);
        }
        Array productArray = connection.createArrayOf("integer", products);
        Array quantityArray = connection.createArrayOf("integer", quantities);
        Array priceArray = connection.createArrayOf("numeric", prices);
        try (PreparedStatement statement = connection.prepareStatement(
                """
                insert into order_items
                select ?, line, product, quantity, price
                from unnest(?, ?, ?) with ordinality as lines(product, quantity, price, line)""")) {
            statement.setLong(1, order);
            statement.setArray(2, productArray);
            statement.setArray(3, quantityArray);
            statement.setArray(4, priceArray);
            return statement.executeUpdate();
        }
    }

    private int moveOrderOn(Connection connection) throws SQLException {
        return update(
                connection,
                """
                update orders set status = case status when 'placed' then 'paid' when 'paid' then 'delivered'
                                                       when 'delivered' then ? else 'placed' end
                where order_id = ?""",
                oneOf("returned", "cancelled", "delivered"),
                ids.order(random));
    }

    /** Orders whose number ends in 00 or 50 have long notes, which an update of another column leaves out of the change log. */
    private int touchLongNotes(Connection connection) throws SQLException {
        long order = ids.order(random) / 50 * 50;
        return update(
                connection,
                "update orders set is_gift = not is_gift, discount = ? where order_id = ?",
                amount(5),
                order);
    }

    private int rewriteNotes(Connection connection) throws SQLException {
        return update(
                connection,
                "update orders set notes = case when ? then " + DemoSchema.longText("?::text", 100)
                        + " end where order_id = ?",
                !oneIn(4),
                Integer.toString(random.nextInt()),
                ids.order(random));
    }

    private int editLine(Connection connection) throws SQLException {
        return update(
                connection,
                "update order_items set quantity = ?, unit_price = ? where order_id = ? and line_no = 1",
                1 + random.nextInt(9),
                amount(9000),
                ids.order(random));
    }

    private int dropLine(Connection connection) throws SQLException {
        return update(
                connection,
                "delete from order_items i where order_id = ? and line_no = (select max(line_no) from order_items where order_id = i.order_id)",
                ids.order(random));
    }

    /** A key change of the second key column, several rows at once. */
    private int renumberLines(Connection connection) throws SQLException {
        return update(
                connection,
                "update order_items set line_no = case when line_no > 100 then line_no - 100 else line_no + 100 end where order_id = ?",
                ids.order(random));
    }

    private int deleteOrder(Connection connection) throws SQLException {
        long order = ids.order(random);
        int lines = update(connection, "delete from order_items where order_id = ?", order);
        return lines + update(connection, "delete from orders where order_id = ?", order);
    }

    /** A key change in two tables. A third of the time the old key is used again at once. */
    private int changeOrderKey(Connection connection) throws SQLException {
        long order = ids.order(random);
        long renamed = ids.newOrder();
        int rows = update(connection, "update orders set order_id = ? where order_id = ?", renamed, order);
        rows += update(connection, "update order_items set order_id = ? where order_id = ?", renamed, order);
        if (rows > 0 && oneIn(3)) {
            rows += update(
                    connection,
                    "insert into orders values (?, ?, 'placed', now(), null, 0, true, null)",
                    order,
                    ids.customer(random));
        }
        return rows;
    }

    /** Several changes of one row in one transaction: only the last counts. */
    private int moveOrderToOtherCustomer(Connection connection) throws SQLException {
        long order = ids.order(random);
        String sql = "update orders set customer_id = ? where order_id = ?";
        return update(connection, sql, ids.customer(random), order)
                + update(connection, sql, ids.customer(random), order);
    }

    /** Leaves the long description alone, and touches every line of the product. */
    private int changeProduct(Connection connection) throws SQLException {
        return oneIn(3)
                ? update(connection, "update products set active = not active where product_id = ?", product())
                : update(
                        connection,
                        "update products set price = ?, name = ? where product_id = ?",
                        amount(20_000),
                        "Product " + random.nextInt(100_000),
                        product());
    }

    private int viewPages(Connection connection) throws SQLException {
        return update(
                connection,
                "insert into page_views select now(), ?::bigint, ?, md5(?)::uuid from generate_series(1, ?)",
                oneIn(10) ? null : Long.valueOf(ids.customer(random)),
                "/product/" + product(),
                Integer.toString(random.nextInt(1000)),
                1 + random.nextInt(4));
    }

    /** Changes or removes one of possibly several equal rows. */
    private int correctPageView(Connection connection) throws SQLException {
        String one = "ctid = (select ctid from page_views where customer_id = ? limit 1)";
        long customer = ids.customer(random);
        return oneIn(2)
                ? update(connection, "delete from page_views where " + one, customer)
                : update(connection, "update page_views set path = '/home', session = null where " + one, customer);
    }

    private int refillFrontPage(Connection connection) throws SQLException {
        if (System.nanoTime() - lastTruncateNanos < TRUNCATE_PAUSE_NANOS) {
            return update(
                    connection,
                    "update featured_products set product_id = ?, shown_until = now() + interval '1 hour' where slot = ?",
                    product(),
                    1 + random.nextInt(8));
        }
        lastTruncateNanos = System.nanoTime();
        int rows = 1;
        update(connection, "truncate featured_products");
        counters.truncated();
        if (!oneIn(4)) {
            rows += update(
                    connection,
                    "insert into featured_products select slot, 1 + (? + slot * 41) % 500, now() + slot * interval '1 minute' from generate_series(1, 8) slot",
                    random.nextInt(PRODUCTS));
        }
        return rows;
    }

    private int changeManyOrders(Connection connection) throws SQLException {
        long first = ids.order(random);
        return update(
                connection,
                "update orders set status = ?, ship_by = current_date + 1 where order_id between ? and ?",
                oneOf("paid", "delivered", "placed"),
                first - largest,
                first);
    }

    private int importManyOrders(Connection connection) throws SQLException {
        int orders = Math.max(1, largest / 3);
        long first = ids.newOrders(orders);
        int rows = update(
                connection,
                """
                insert into orders
                select ? + i, 1 + (? + i * 7919) % ?, 'delivered', now() - i * interval '1 minute', null, 0, false, 'imported'
                from generate_series(0, ? - 1) i""",
                first,
                random.nextInt(1_000_000),
                ids.customer(random),
                orders);
        return rows
                + update(
                        connection,
                        """
                        insert into order_items
                        select ? + i, line, 1 + (i * 31 + line) % 500, line, 4.99
                        from generate_series(0, ? - 1) i cross join generate_series(1, 2) line""",
                        first,
                        orders);
    }

    private int forgetPageViews(Connection connection) throws SQLException {
        return update(
                connection,
                "delete from page_views where ctid = any (array(select ctid from page_views limit ?))",
                largest);
    }

    private int product() {
        return 1 + random.nextInt(PRODUCTS);
    }

    private BigDecimal amount(int mostCents) {
        return BigDecimal.valueOf(random.nextInt(mostCents + 1), 2);
    }
}
