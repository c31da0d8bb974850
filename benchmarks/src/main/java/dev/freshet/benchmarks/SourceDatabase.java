package dev.freshet.benchmarks;

import dev.freshet.state.Connection;
import dev.freshet.state.TableId;
import dev.freshet.testkit.PostgresServer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A PostgreSQL as durable as a real one, with three tables of eight columns that change and one, {@code events}, that is only loaded. Changes
 * are made inside the server by several sessions at once, in transactions of 10 to 50 rows: inserts, updates and deletes over all three.
 */
final class SourceDatabase implements AutoCloseable {

    /** Name of the output, as a profile would have it. */
    static final String OUTPUT = "source";

    static final List<TableId> CHANGING = List.of(table("customers"), table("orders"), table("order_items"));
    static final TableId LOADED = table("events");

    private static final String DATABASE = "shop";
    private static final int SESSIONS = 2;
    private static final int ORDERS_PER_SESSION = 30_000;

    private static final String[] SCHEMA = {
        """
        create table customers (
            customer_id bigint primary key, name text not null, email text, country text not null, segment text,
            credit_limit numeric(12, 2), signed_up_on date, consent boolean not null)""",
        """
        create table orders (
            order_id bigint primary key, customer_id bigint, status text not null, ordered_at timestamptz not null, ship_by date,
            discount numeric(12, 2) not null, is_gift boolean not null, notes text)""",
        """
        create table order_items (
            order_id bigint, line_no integer, product_id integer not null, quantity integer not null, unit_price numeric(12, 2) not null,
            tax numeric(12, 2) not null, added_at timestamptz not null, note text, primary key (order_id, line_no))""",
        """
        create table events (
            event_id bigint primary key, customer_id bigint, kind text not null, happened_at timestamptz not null, day date,
            amount numeric(12, 2), important boolean not null, note text)""",
        // Where each session stands. Not captured.
        "create table sessions (session bigint primary key, next_order bigint not null, next_deleted bigint not null)",
        """
        create function notes(n bigint) returns text language sql immutable
        return 'Please ring twice, order ' || n || ' for ' || md5(n::text)""",
        """
        create function add_orders(low bigint, high bigint) returns bigint language plpgsql as $$
        declare n bigint; m bigint;
        begin
            insert into orders
            select i, 1 + i % 10000, 'placed', clock_timestamp(), current_date + 3, (i % 5) * 0.25, i % 11 = 0, notes(i)
            from generate_series(low, high) i;
            get diagnostics n = row_count;
            insert into order_items
            select i, k, 1 + (i * 31 + k * 17) % 500, 1 + i % 4, 1 + i % 90 + 0.49, 0.2 * (i % 90), clock_timestamp(), notes(i + k)
            from generate_series(low, high) i cross join generate_series(1, 2) k;
            get diagnostics m = row_count;
            return n + m;
        end $$""",
        """
        create procedure write_changes(mine bigint, wanted bigint, inout made bigint) language plpgsql as $$
        declare
            base bigint := mine * 1000000000;
            size bigint; at bigint; n bigint; next bigint; gone bigint;
        begin
            made := 0;
            select next_order, next_deleted into next, gone from sessions where session = mine;
            while made < wanted loop
                size := 10 + floor(random() * 41);
                made := made + add_orders(next, next + size / 6);
                next := next + size / 6 + 1;
                at := base + floor(random() * (next - base - size));
                update orders set status = 'paid', discount = discount + 0.05, notes = notes(at)
                where order_id between at and at + size / 5 - 1;
                get diagnostics n = row_count;
                made := made + n;
                at := mine * 10000 + floor(random() * 9900);
                update customers set credit_limit = credit_limit + 1, segment = 'loyal' where customer_id between at and at + size / 8;
                get diagnostics n = row_count;
                made := made + n;
                delete from order_items where order_id between gone and gone + size / 20;
                get diagnostics n = row_count;
                made := made + n;
                gone := gone + size / 20 + 1;
                commit;
            end loop;
            update sessions set next_order = next, next_deleted = gone where session = mine;
        end $$""",
    };

    private final PostgresServer server;
    private final ExecutorService sessions = Executors.newFixedThreadPool(SESSIONS);

    private SourceDatabase(PostgresServer server) {
        this.server = server;
    }

    private static TableId table(String name) {
        return new TableId(OUTPUT, "public", name);
    }

    /** Starts a server and fills its tables. */
    static SourceDatabase start(long loadedRows) {
        SourceDatabase database = new SourceDatabase(PostgresServer.start(Map.of(
                "fsync", "on",
                "synchronous_commit", "on",
                "full_page_writes", "on",
                "shared_buffers", "256MB",
                "max_wal_size", "8GB",
                "autovacuum", "off")));
        try {
            database.fill(loadedRows);
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private void fill(long loadedRows) {
        server.createDatabase(DATABASE);
        server.execute(DATABASE, SCHEMA);
        for (int session = 1; session <= SESSIONS; session++) {
            long base = session * 1_000_000_000L;
            server.execute(
                    DATABASE,
                    "insert into sessions values (%d, %d, %d)".formatted(session, base + ORDERS_PER_SESSION, base),
                    "select add_orders(%d, %d)".formatted(base, base + ORDERS_PER_SESSION - 1),
                    """
                    insert into customers
                    select i, 'Customer ' || i, 'customer' || i || '@example.com', 'AT', 'new', 100, current_date, i %% 3 = 0
                    from generate_series(%1$d * 10000, %1$d * 10000 + 9999) i"""
                            .formatted(session));
        }
        server.execute(
                DATABASE,
                """
                insert into events
                select i, 1 + i %% 10000, 'viewed', timestamptz '2026-01-01' + i * interval '1 second', date '2026-01-01' + (i / 86400)::int,
                       (i %% 1000) * 0.25, i %% 11 = 0, notes(i)
                from generate_series(1, %d) i"""
                        .formatted(loadedRows),
                "analyze",
                "checkpoint");
    }

    /** The output that captures from here. */
    Connection connection() {
        return new Connection(
                OUTPUT,
                "postgres",
                Map.of(
                        "host", host(),
                        "port", Integer.toString(port()),
                        "user", user(),
                        "password", password(),
                        "dbname", name()));
    }

    String host() {
        return server.host();
    }

    int port() {
        return server.port();
    }

    String user() {
        return server.user();
    }

    String password() {
        return server.password();
    }

    String name() {
        return DATABASE;
    }

    void execute(String... statements) {
        server.execute(DATABASE, statements);
    }

    /** Whether a query returns true. */
    boolean holds(String query) {
        try (java.sql.Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage() + " in: " + query, e);
        }
    }

    /** Commits about this many row changes and returns how many it were. */
    long change(long rows) throws InterruptedException {
        List<Future<Long>> running = new ArrayList<>();
        for (int session = 1; session <= SESSIONS; session++) {
            long mine = session;
            running.add(sessions.submit(() -> changeIn(mine, rows / SESSIONS)));
        }
        long made = 0;
        for (Future<Long> session : running) {
            try {
                made += session.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("the workload failed", e.getCause());
            }
        }
        server.execute(DATABASE, "checkpoint");
        return made;
    }

    private long changeIn(long session, long rows) throws SQLException {
        try (java.sql.Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            // Nobody waits for these commits, and the backlog is read when all are written.
            statement.execute("set synchronous_commit = off");
            statement.execute("select setseed(0." + session + ")");
            try (ResultSet made = statement.executeQuery("call write_changes(" + session + ", " + rows + ", 0)")) {
                made.next();
                return made.getLong(1);
            }
        }
    }

    @Override
    public void close() {
        sessions.shutdownNow();
        server.close();
    }
}
