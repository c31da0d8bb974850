package dev.freshet.deploy.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/** What happens in customer care's database. */
final class CrmTransactions extends WeightedTraffic {

    /** Any ticket, found through its random key without reading the table. */
    private static final String ONE_TICKET =
            "ticket_id = (select ticket_id from tickets where ticket_id >= ? order by ticket_id limit 1)";

    CrmTransactions(DemoIds ids, long seed) {
        super(ids, seed);
        add(40, this::signUp);
        add(120, this::changeCustomer);
        add(30, this::changeProfile);
        add(15, this::deleteCustomer);
        add(20, this::mergeCustomers);
        add(100, this::openTicket);
        add(60, this::touchTicket);
        add(70, this::closeTicket);
        add(25, this::deleteTicket);
    }

    private int signUp(Connection connection) throws SQLException {
        long customer = ids.newCustomer();
        return update(
                connection,
                "insert into customers values (?, ?, ?::text, 'new', ?, current_date, ?, jsonb_build_object('language', ?::text), null)",
                customer,
                "Customer " + customer,
                oneIn(6) ? null : "customer" + customer + "@example.com",
                country(),
                oneIn(3),
                oneOf("de", "en", "fr"));
    }

    private int changeCustomer(Connection connection) throws SQLException {
        return update(
                connection,
                "update customers set segment = ?::text, country = ?, credit_limit = ?::numeric, marketing_consent = not marketing_consent where customer_id = ?",
                oneIn(5) ? null : oneOf("new", "regular", "loyal"),
                country(),
                oneIn(4) ? null : BigDecimal.valueOf(random.nextInt(1_000_000), 2),
                ids.customer(random));
    }

    private int changeProfile(Connection connection) throws SQLException {
        return update(
                connection,
                "update customers set profile = coalesce(profile, '{}') || jsonb_build_object('visits', ?, 'note', ?::text) where customer_id = ?",
                random.nextInt(1000),
                oneIn(3) ? null : "said \"hello\", then left\nwithout a word",
                ids.customer(random));
    }

    private int deleteCustomer(Connection connection) throws SQLException {
        long customer = ids.customer(random);
        int rows = update(connection, "delete from tickets where customer_id = ?", customer);
        return rows + update(connection, "delete from customers where customer_id = ?", customer);
    }

    /** A key change in two tables: the customer goes on under a new id, and the tickets with it. */
    private int mergeCustomers(Connection connection) throws SQLException {
        long old = ids.customer(random);
        long renamed = ids.newCustomer();
        int rows = update(connection, "update customers set customer_id = ? where customer_id = ?", renamed, old);
        return rows + update(connection, "update tickets set customer_id = ? where customer_id = ?", renamed, old);
    }

    private int openTicket(Connection connection) throws SQLException {
        return update(
                connection,
                "insert into tickets values (?, ?, ?::bigint, ?, now(), null, case when ? then "
                        + DemoSchema.longText("?::text", 100) + " else 'Please call me back.' end)",
                ticket(),
                ids.customer(random),
                oneIn(3) ? null : Long.valueOf(ids.order(random)),
                oneIn(5),
                oneIn(4),
                Integer.toString(random.nextInt()));
    }

    /** Leaves a long body alone. */
    private int touchTicket(Connection connection) throws SQLException {
        return update(
                connection, "update tickets set urgent = not urgent, closed_at = null where " + ONE_TICKET, ticket());
    }

    private int closeTicket(Connection connection) throws SQLException {
        return update(connection, "update tickets set closed_at = now() where " + ONE_TICKET, ticket());
    }

    private int deleteTicket(Connection connection) throws SQLException {
        return update(connection, "delete from tickets where " + ONE_TICKET, ticket());
    }

    private UUID ticket() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private String country() {
        return oneOf("AT", "DE", "ES", "FR", "IT", "NL", "PL", "SE");
    }
}
