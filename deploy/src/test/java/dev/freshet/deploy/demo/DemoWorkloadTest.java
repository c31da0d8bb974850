package dev.freshet.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import dev.freshet.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoWorkloadTest {

    @Test
    void changesBothDatabasesAtItsRateAndLeavesNothingBehind(@TempDir Path directory) throws Exception {
        List<Long> markers = new CopyOnWriteArrayList<>();
        try (DemoServers servers = DemoServers.start(directory)) {
            DemoSchema.create(servers.shop(), servers.crm());
            DemoSchema.seed(servers.shop(), servers.crm(), 2_000, Instant.parse("2026-11-01T00:00:00Z"));
            assertThat(number(servers.shop(), "select count(*) from order_items"))
                    .isEqualTo(4_001);
            assertThatThrownBy(() -> DemoServers.start(directory))
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("another demo is running");

            everyKindOfTransactionRuns(servers);

            DemoWorkload.Counters counters;
            long started = System.nanoTime();
            try (DemoWorkload workload = DemoWorkload.start(
                    servers.shop(),
                    servers.crm(),
                    new DemoWorkload.Settings(400, 4, 10, 7),
                    (order, sentNanos) -> markers.add(order))) {
                awaitChanges(workload, 2_000);
                // A connection that the server ends is opened again, and the load goes on.
                number(
                        servers.shop(),
                        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'freshet-demo' and pid <> pg_backend_pid()");
                awaitChanges(workload, workload.counters().rowChanges() + 800);
                workload.stop();
                counters = workload.counters();
            }
            double seconds = (System.nanoTime() - started) / 1e9;

            assertThat(counters.lostConnections()).isPositive();
            assertThat(counters.truncates()).isPositive();
            assertThat(counters.largestTransaction()).isGreaterThan(50);
            // The rate is 400 and 40 rows of markers; a large transaction runs ahead of it until its time has passed.
            assertThat(counters.rowChanges()).isLessThan((long) (440 * (seconds + 3)));
            assertThat(markers).hasSameSizeAs(markers.stream().distinct().toList());
            assertThat(
                            number(
                                    servers.shop(),
                                    "select count(*) from (select from order_items where order_id >= 1000000000 group by order_id having count(*) = 3) m"))
                    .isGreaterThanOrEqualTo(markers.size())
                    .isPositive();
            assertThat(number(
                            servers.shop(),
                            "select count(*) from pg_stat_activity where application_name = 'freshet-demo'"))
                    .isEqualTo(1);

            DemoWorkload again = DemoWorkload.start(
                    servers.shop(),
                    servers.crm(),
                    new DemoWorkload.Settings(400, 2, 10, 8),
                    DemoWorkload.MarkerListener.NONE);
            awaitChanges(again, 200);
            again.close();
            assertThat(again.counters().lostConnections()).isZero();
        }
        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aServerLeftByAKilledDemoIsEndedByTheNext(@TempDir Path directory) throws Exception {
        DemoServers killed = DemoServers.start(directory);
        long leftover = Long.parseLong(Files.readAllLines(directory.resolve("postgres/data/postmaster.pid"))
                .get(0));
        killed.abandon();
        // Ctrl-C goes to the terminal's process group, so the server must not be in ours.
        assertThat(processGroup(leftover))
                .isNotEqualTo(processGroup(ProcessHandle.current().pid()));
        try (DemoServers next = DemoServers.start(directory)) {
            // An ended process counts as alive until its parent, which is not us, has taken note: state Z.
            Await.until("the server that was left is gone", Duration.ofSeconds(20), () -> shown(leftover, "stat")
                    .matches("(Z.*)?"));
            assertThat(number(next.shop(), "select 1")).isEqualTo(1);
        }
    }

    private static String processGroup(long pid) throws IOException {
        return shown(pid, "pgid");
    }

    /** What ps shows of a process, empty when there is none. */
    private static String shown(long pid, String column) throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", column + "=", "-p", Long.toString(pid)).start();
        return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
    }

    private static void everyKindOfTransactionRuns(DemoServers servers) throws SQLException {
        DemoIds ids = DemoIds.read(servers.shop(), servers.crm());
        everyKindRuns(servers.shop(), new ShopTransactions(ids, 50, 1, new WorkloadCounters()));
        everyKindRuns(servers.crm(), new CrmTransactions(ids, 1));
    }

    /** The workload goes on through errors, so one in a rare kind of transaction would go unseen in it. */
    private static void everyKindRuns(PostgresAddress database, WeightedTraffic traffic) throws SQLException {
        try (Connection connection = database.connect()) {
            for (WeightedTraffic.Kind kind : traffic.kinds()) {
                int rows = 0;
                for (int i = 0; i < 50; i++) {
                    rows += kind.run(connection);
                }
                assertThat(rows).isPositive();
            }
        }
    }

    static void awaitChanges(DemoWorkload workload, long changes) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (workload.counters().rowChanges() < changes) {
            assertThat(System.nanoTime())
                    .as("waiting for %s changes: %s", changes, workload.counters())
                    .isLessThan(deadline);
            Thread.onSpinWait();
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
}
