package dev.freshet.deploy.demo;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** The tables of {@code examples/shop} and the rows they start with. */
public final class DemoSchema {

    private static final List<String> SHOP_TABLES = List.of(
            """
            create table products (
                product_id integer primary key,
                sku uuid not null,
                name text not null,
                category text not null,
                price numeric(12, 2) not null,
                active boolean not null,
                attributes jsonb,
                description text
            )""",
            """
            create table orders (
                order_id bigint primary key,
                customer_id bigint,
                status text not null,
                ordered_at timestamptz not null,
                ship_by date,
                discount numeric(12, 2) not null,
                is_gift boolean not null,
                notes text
            )""",
            """
            create table order_items (
                order_id bigint not null,
                line_no integer not null,
                product_id integer not null,
                quantity integer not null,
                unit_price numeric(12, 2) not null,
                primary key (order_id, line_no)
            )""",
            """
            create table featured_products (
                slot integer primary key,
                product_id integer not null,
                shown_until timestamptz
            )""",
            """
            create table page_views (
                viewed_at timestamptz not null,
                customer_id bigint,
                path text not null,
                session uuid
            )""",
            // No key, so the whole old row has to be in the log: without this PostgreSQL refuses updates of a published
            // table.
            "alter table page_views replica identity full",
            "create index on page_views (customer_id)");

    private static final List<String> CRM_TABLES = List.of(
            """
            create table customers (
                customer_id bigint primary key,
                name text not null,
                email text,
                segment text,
                country text not null,
                signed_up_on date,
                marketing_consent boolean not null,
                profile jsonb,
                credit_limit numeric(12, 2)
            )""",
            """
            create table tickets (
                ticket_id uuid primary key,
                customer_id bigint not null,
                order_id bigint,
                urgent boolean not null,
                opened_at timestamptz not null,
                closed_at timestamptz,
                body text
            )""",
            "create index on tickets (customer_id)");

    private DemoSchema() {}

    /** Creates the tables in two empty databases. */
    public static void create(PostgresAddress shop, PostgresAddress crm) {
        execute(shop, SHOP_TABLES);
        execute(crm, CRM_TABLES);
    }

    /**
     * Fills the tables: {@code orders} orders with one to three items each, spread over the ninety days before {@code now}, a customer and a
     * ticket for every twenty of them. The same arguments give the same rows. About ten seconds for 200,000 orders.
     */
    public static void seed(PostgresAddress shop, PostgresAddress crm, int orders, Instant now) {
        if (orders < 100) {
            throw new FreshetException(
                    ErrorKind.USER, "the demo needs at least 100 orders to start with, not " + orders);
        }
        int customers = customers(orders);
        execute(shop, shopRows(orders, customers, now));
        execute(crm, crmRows(orders, customers, now));
    }

    /** How many customers go with a number of orders; their ids start at 1. */
    static int customers(int orders) {
        return Math.max(10, orders / 20);
    }

    private static List<String> shopRows(int orders, int customers, Instant now) {
        return List.of(
                """
                insert into products
                select i, md5('sku ' || i)::uuid, 'Product ' || i, (array['garden', 'kitchen', 'office', 'sport', 'toys'])[1 + i %% 5],
                       5 + (i * 37) %% 200 + 0.99, i %% 20 <> 0,
                       jsonb_build_object('colour', (array['red', 'green', 'blue', null])[1 + i %% 4], 'weight_grams', 50 * i),
                       %s
                from generate_series(1, 500) i"""
                        .formatted(longText("i", 80)),
                """
                insert into orders
                select i, case when i %% 50 = 7 then null else 1 + (i::bigint * 7919) %% %2$d end,
                       case when i > %1$d * 0.97 then 'placed' when i > %1$d * 0.95 then 'paid'
                            when i %% 40 = 0 then 'returned' when i %% 60 = 1 then 'cancelled' else 'delivered' end,
                       timestamptz '%3$s' - (%1$d - i) * (interval '90 days' / %1$d),
                       case when i %% 9 = 0 then null else (timestamptz '%3$s' - (%1$d - i) * (interval '90 days' / %1$d))::date + 3 end,
                       (i %% 5) * 0.25, i %% 11 = 0,
                       case when i %% 50 = 0 then %4$s when i %% 7 = 0 then 'Please ring twice, order ' || i when i %% 13 = 0 then '' end
                from generate_series(1, %1$d) i"""
                        .formatted(orders, customers, now, longText("i", 100)),
                """
                insert into order_items
                select i, k, 1 + (i * 31 + k * 17) %% 500, 1 + (i + k) %% 4, 1 + (i * 13 + k) %% 90 + 0.49
                from generate_series(1, %d) i cross join lateral generate_series(1, 1 + i %% 3) k"""
                        .formatted(orders),
                "insert into featured_products select k, k * 3, timestamptz '%s' + k * interval '1 hour' from generate_series(1, 8) k"
                        .formatted(now),
                """
                insert into page_views
                select timestamptz '%2$s' - (i %% 1000) * interval '1 minute', case when i %% 10 = 0 then null else 1 + i %% %3$d end,
                       '/product/' || (1 + i %% 500), case when i %% 4 = 0 then null else md5('session ' || i / 4)::uuid end
                from generate_series(1, %1$d) i"""
                        .formatted(Math.max(50, orders / 10), now, customers),
                "analyze");
    }

    private static List<String> crmRows(int orders, int customers, Instant now) {
        return List.of(
                """
                insert into customers
                select i, 'Customer ' || i, case when i %% 6 = 0 then null else 'customer' || i || '@example.com' end,
                       (array['new', 'regular', 'loyal', null])[1 + i %% 4],
                       (array['AT', 'DE', 'ES', 'FR', 'IT', 'NL', 'PL', 'SE'])[1 + (i * 31) %% 8],
                       (timestamptz '%2$s')::date - i %% 1500, i %% 3 = 0,
                       case when i %% 5 = 0 then null else jsonb_build_object('language', (array['de', 'en'])[1 + i %% 2], 'tags', jsonb_build_array('t' || i %% 7)) end,
                       case when i %% 8 = 0 then null else 100 * (i %% 50) end
                from generate_series(1, %1$d) i"""
                        .formatted(customers, now),
                """
                insert into tickets
                select md5('ticket ' || i)::uuid, 1 + (i * 17) %% %2$d, case when i %% 3 = 0 then null else 1 + (i * 19) %% %1$d end, i %% 5 = 0,
                       timestamptz '%3$s' - i * interval '90 seconds',
                       case when i %% 10 < 8 then timestamptz '%3$s' - i * interval '30 seconds' end,
                       case when i %% 10 = 9 then %4$s else 'Where is my order? ' || i end
                from generate_series(1, %2$d) i"""
                        .formatted(orders, customers, now, longText("i", 100)),
                "analyze");
    }

    /** Text that PostgreSQL moves out of the row (TOAST): long, and without repetition that it could compress away. */
    static String longText(String number, int pieces) {
        return "(select string_agg(md5(%s || ' ' || piece), '') from generate_series(1, %d) piece)"
                .formatted(number, pieces);
    }

    private static void execute(PostgresAddress database, List<String> statements) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set synchronous_commit = off");
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.SOURCE,
                    String.format(
                            Locale.ROOT,
                            "the demo's data could not be written to \"%s\": %s",
                            database,
                            e.getMessage()),
                    e);
        }
    }
}
