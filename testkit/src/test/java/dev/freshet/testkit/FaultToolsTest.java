package dev.freshet.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultToolsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void awaitEndsWhenTheConditionHoldsAndSaysWhatItMissed() {
        int[] asked = {0};
        Await.until("the third time", LIMIT, () -> ++asked[0] == 3);
        assertThat(asked[0]).isEqualTo(3);
        assertThatThrownBy(() -> Await.until("a miracle", Duration.ofMillis(20), () -> {
                    throw new IOException("not today");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("waited 0.02 s for a miracle")
                .hasRootCauseMessage("not today");
    }

    @Test
    void aServiceProcessIsFrozenWokenAskedAndKilled(@TempDir Path directory) {
        ServiceProcess.Launch launch = new ServiceProcess.Launch(
                EchoService.class.getName(), List.of("now"), List.of(), Map.of("ECHO_NAME", "freshet"), directory);
        try (ServiceProcess service = ServiceProcess.start(launch)) {
            assertThat(service.awaitLine("^ready (\\w+)", LIMIT)).isEqualTo("ready now freshet");
            service.sigstop();
            Await.until("the process to stand still", LIMIT, () -> {
                int before = service.output().size();
                Thread.sleep(100);
                return service.output().size() == before;
            });
            service.sigcont();
            String tick = service.awaitLine("^tick", LIMIT);
            assertThat(service.awaitLine("^tick", LIMIT)).isNotEqualTo(tick);
            service.sigterm();
            service.awaitLine("^drained", LIMIT);
            assertThat(service.awaitExit(LIMIT)).isEqualTo(143);
            assertThatThrownBy(() -> service.awaitLine("^never", LIMIT))
                    .hasMessageContaining("the process ended without a line like /^never/")
                    .hasMessageContaining("drained");
        }
        ServiceProcess killed = ServiceProcess.start(launch);
        try (killed) {
            killed.awaitLine("^tick 3", LIMIT);
            killed.kill9();
            assertThat(killed.awaitExit(LIMIT)).isEqualTo(137);
            assertThat(killed.output()).doesNotContain("drained");
        }
    }

    @Test
    void aProxyHoldsCutsAndSwallows() throws Exception {
        try (PostgresServer server = PostgresServer.start();
                TcpProxy proxy = TcpProxy.to(server.host(), server.port())) {
            server.execute("postgres", "create table t (i int)");
            Connection connection = connect(proxy);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                proxy.hold();
                CompletableFuture<Boolean> insert =
                        CompletableFuture.supplyAsync(() -> execute(statement, "insert into t values (1)"));
                assertThatThrownBy(() -> insert.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
                proxy.restore();
                insert.get(30, TimeUnit.SECONDS);

                // The commit happens, and its answer never comes.
                proxy.swallowAnswers();
                CompletableFuture<Boolean> commit = CompletableFuture.supplyAsync(() -> execute(statement, "commit"));
                Await.until("the commit to arrive", LIMIT, () -> count(server) == 1);
                assertThat(commit).isNotDone();
                proxy.restore();
                assertThatThrownBy(() -> commit.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
            }

            Connection second = connect(proxy);
            proxy.cut();
            assertThatThrownBy(() -> second.createStatement().execute("select 1"))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> connect(proxy)).isInstanceOf(SQLException.class);
            proxy.restore();
            try (Connection third = connect(proxy)) {
                assertThat(third.isValid(5)).isTrue();
            }
            Await.until("the connections to be gone", LIMIT, () -> proxy.openConnections() == 0);
        }
    }

    @Test
    void aSmallFileSystemIsReallyFull(@TempDir Path directory) throws IOException {
        Path mountPoint = directory.resolve("small");
        Optional<SmallFileSystem> mounted = SmallFileSystem.mount(mountPoint, 1 << 20);
        Assumptions.assumeTrue(mounted.isPresent(), "this process may not mount a file system");
        try (SmallFileSystem small = mounted.get()) {
            small.fill(16 * 1024);
            Path file = small.path().resolve("file");
            assertThatThrownBy(() -> Files.write(file, new byte[64 * 1024]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left");
            small.release();
            Files.write(file, new byte[64 * 1024]);
            assertThat(file).hasSize(64 * 1024);
        }
        assertThat(mountPoint).doesNotExist();
    }

    private static Connection connect(TcpProxy proxy) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + proxy.host() + ":" + proxy.port() + "/postgres?loginTimeout=10",
                "postgres",
                "postgres");
    }

    private static boolean execute(Statement statement, String sql) {
        try {
            return statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long count(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from t")) {
            result.next();
            return result.getLong(1);
        }
    }
}
