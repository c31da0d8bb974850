package dev.freshet.benchmarks;

import dev.freshet.deploy.cli.FreshetCommand;
import dev.freshet.testkit.PostgresServer;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGConnection;

/**
 * {@code freshet run} of one model over two databases, against what a person would write by hand: COPY of the columns that are needed, DuckDB over the files,
 * COPY of the result. Both within this process, one after the other, each making the target's table anew.
 */
final class FederatedBenchmark implements Benchmark {

    private static final String QUERY =
            """
            select o.customer_id, o.status, count(*) as payments, sum(p.amount) as paid, max(o.ordered_at) as newest
            from %s o join %s p on p.order_id = o.order_id
            group by o.customer_id, o.status""";

    private final Path directory;

    FederatedBenchmark(Path directory) {
        this.directory = directory;
    }

    @Override
    public String name() {
        return "federated";
    }

    @Override
    public String summary() {
        return "one run of a model over two databases, against COPY and DuckDB by hand";
    }

    @Override
    public Map<String, Long> options() {
        Map<String, Long> options = new LinkedHashMap<>();
        options.put("rows", 1_000_000L);
        options.put("rounds", 5L);
        return options;
    }

    @Override
    public Outcome run(Arguments arguments, Console console) throws Exception {
        long rows = arguments.get("rows");
        try (PostgresServer server = PostgresServer.start(Map.of("shared_buffers", "256MB"))) {
            for (String database : List.of("shop", "bank", "lake")) {
                server.createDatabase(database);
            }
            fill(server, rows);
            Path project = project(server);
            List<Double> ours = new ArrayList<>();
            List<Double> plain = new ArrayList<>();
            Optional<String> failure = Optional.empty();
            for (int round = 0; round <= arguments.get("rounds"); round++) {
                server.execute("lake", "drop table if exists by_hand");
                double byHand = seconds(() -> byHand(server));
                double run = seconds(() -> runFreshet(project));
                if (round > 0) {
                    plain.add(byHand);
                    ours.add(run);
                    console.line("round %d: freshet run %.2f s, by hand %.2f s", round, run, byHand);
                }
                failure = difference(server);
            }
            Map<String, String> values = new LinkedHashMap<>();
            values.put("run_seconds", String.format(Locale.ROOT, "%.2f", Median.of(ours)));
            values.put("by_hand_seconds", String.format(Locale.ROOT, "%.2f", Median.of(plain)));
            values.put("ratio", String.format(Locale.ROOT, "%.2f", Median.of(ours) / Median.of(plain)));
            return new Outcome(values, failure);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double seconds(Work work) throws Exception {
        long started = System.nanoTime();
        work.run();
        return (System.nanoTime() - started) / 1e9;
    }

    private static void fill(PostgresServer server, long rows) {
        server.execute(
                "shop",
                """
                create table orders (order_id bigint primary key, customer_id int, status text, ordered_at timestamptz, discount numeric(12,2),
                    is_gift boolean, notes text)""",
                "insert into orders select i, i % 10000, (array['placed','paid','sent'])[1 + i % 3], timestamptz '2026-01-01' + i * interval '1 s',"
                        + " 0.25, i % 11 = 0, 'Please ring twice, order ' || md5(i::text) from generate_series(1, "
                        + rows
                        + ") i",
                "analyze orders",
                "checkpoint");
        server.execute(
                "bank",
                "create table payments (payment_id bigint primary key, order_id bigint, amount numeric(12,2), method text, reference text)",
                "insert into payments select i, i, i % 1000 + 0.25, 'card', md5(i::text) from generate_series(1, "
                        + rows + ") i",
                "analyze payments",
                "checkpoint");
    }

    private Path project(PostgresServer server) throws IOException {
        Path project =
                Files.createDirectories(directory.resolve("federated/models")).getParent();
        Files.writeString(project.resolve("dbt_project.yml"), "name: federated\nprofile: federated\n");
        StringBuilder outputs = new StringBuilder();
        for (String database : List.of("shop", "bank", "lake")) {
            outputs.append("    ")
                    .append(database)
                    .append(": {type: postgres, schema: public, dbname: ")
                    .append(database)
                    .append(", host: ")
                    .append(server.host())
                    .append(", port: ")
                    .append(server.port())
                    .append(", user: ")
                    .append(server.user())
                    .append(", password: ")
                    .append(server.password())
                    .append("}\n");
        }
        Files.writeString(project.resolve("profiles.yml"), "federated:\n  target: lake\n  outputs:\n" + outputs);
        Files.writeString(
                project.resolve("models/sources.yml"),
                "sources: [{name: shop, connection: shop, schema: public, tables: [{name: orders}]},"
                        + " {name: bank, connection: bank, schema: public, tables: [{name: payments}]}]\n");
        Files.writeString(
                project.resolve("models/joined.sql"),
                "{{ config(materialized='table', unique_key=['customer_id', 'status']) }}\n"
                        + QUERY.formatted("{{ source('shop', 'orders') }}", "{{ source('bank', 'payments') }}"));
        return project;
    }

    private static void runFreshet(Path project) {
        int exit = FreshetCommand.run("-q", "run", "--full-refresh", "--project-dir", project.toString());
        if (exit != 0) {
            throw new IllegalStateException("'freshet run' ended with " + exit);
        }
    }

    private void byHand(PostgresServer server) throws SQLException, IOException {
        Path orders = directory.resolve("orders.csv");
        Path payments = directory.resolve("payments.csv");
        Path result = directory.resolve("result.csv");
        copyOut(server, "shop", "select order_id, customer_id, status, ordered_at from orders", orders);
        copyOut(server, "bank", "select order_id, amount from payments", payments);
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("set threads = " + Runtime.getRuntime().availableProcessors());
            String read = "read_csv('%s', header = false, auto_detect = false, columns = {%s})";
            statement.execute("copy ("
                    + QUERY.formatted(
                            read.formatted(
                                    orders,
                                    "'order_id': 'bigint', 'customer_id': 'int', 'status': 'varchar', 'ordered_at': 'timestamptz'"),
                            read.formatted(payments, "'order_id': 'bigint', 'amount': 'decimal(12,2)'"))
                    + ") to '" + result + "' (format csv, header false)");
        }
        try (Connection lake = server.connect("lake");
                Statement statement = lake.createStatement();
                InputStream in = Files.newInputStream(result)) {
            statement.execute(
                    "create table by_hand (customer_id int, status text, payments bigint, paid numeric(38,2), newest timestamptz)");
            lake.unwrap(PGConnection.class).getCopyAPI().copyIn("copy by_hand from stdin (format csv)", in);
        }
    }

    private static void copyOut(PostgresServer server, String database, String query, Path file)
            throws SQLException, IOException {
        try (Connection connection = server.connect(database);
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18)) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut("copy (" + query + ") to stdout (format csv)", out);
        }
    }

    /** Why the two results are not the same, if they aren't. */
    private static Optional<String> difference(PostgresServer server) throws SQLException {
        try (Connection lake = server.connect("lake");
                Statement statement = lake.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*) from ((select customer_id, status, payments, paid, newest from joined"
                                + " except all select * from by_hand) union all (select * from by_hand except all"
                                + " select customer_id, status, payments, paid, newest from joined)) d")) {
            row.next();
            return row.getLong(1) == 0
                    ? Optional.empty()
                    : Optional.of(row.getLong(1) + " rows differ between the two results");
        }
    }
}
