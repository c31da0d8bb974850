package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.ChangeSource.Limits;
import dev.freshet.ingest.LoadStep;
import dev.freshet.state.PipelineId;
import dev.freshet.state.TableId;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.PostgresServer;
import dev.freshet.testkit.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** How a load ends, with the test in the place of the stream. */
class LoadEndTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final TableId KEYED = new TableId("crm", "public", "keyed");

    private static PostgresServer server;

    @TempDir
    Path scratch;

    private String name;
    private Database database;
    private RecentTransactions recent;
    private Handover handover;
    private SourceState state;
    private MovedRows movedRows;
    private Thread thread;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void createTable(TestInfo test) throws SQLException {
        name = server.createDatabase(test.getTestMethod().orElseThrow().getName());
        server.execute(name, "create table keyed (id int primary key, note text)", "insert into keyed values (1, 'a')");
        database = Database.of(new dev.freshet.state.Connection(
                "crm",
                "postgres",
                Map.of(
                        "host", server.host(),
                        "port", String.valueOf(server.port()),
                        "dbname", name,
                        "user", server.user(),
                        "password", server.password())));
        recent = new RecentTransactions(16);
        handover = new Handover("crm", table -> new ListBuffer());
        state = new SourceState("crm");
        movedRows = new MovedRows(database);
        streamCame(lsn());
    }

    @AfterEach
    void stop() throws InterruptedException {
        state.close();
        handover.close();
        if (thread != null) {
            thread.interrupt();
            thread.join(PATIENCE.toMillis());
        }
        movedRows.close();
    }

    @Test
    void aMomentThatWasLostIsTakenAgainBeforeTheLoadEnds() throws Exception {
        load(PATIENCE);
        untilHeld();
        // As after a look-up of a moved row that failed.
        movedRows.close();
        long passed = lsn();
        server.execute(name, "insert into keyed select max(id) + 1, 'later' from keyed");
        streamCame(passed);
        Await.until("another moment is held", PATIENCE, () -> movedRows.isSettled(KEYED));
        assertThat(hasEnded()).as("the stream is not there yet").isFalse();
        streamCame(lsn() + 1_000_000);
        Await.until("the load has ended", PATIENCE, this::hasEnded);
        Await.until("nothing is held", PATIENCE, () -> holders().isEmpty());
    }

    @Test
    void aMomentIsNotHeldForLongWhileTheStreamStaysBehind() throws Exception {
        load(Duration.ofMillis(100));
        untilHeld();
        Await.until("it is held", PATIENCE, () -> !holders().isEmpty());
        List<String> first = holders();
        Await.until(
                "another one is held",
                PATIENCE,
                () -> !holders().isEmpty() && !holders().equals(first));
        assertThat(hasEnded()).isFalse();
        streamCame(lsn() + 1_000_000);
        Await.until("the load has ended", PATIENCE, this::hasEnded);
    }

    private void load(Duration longest) throws SQLException {
        TableCatalog catalog = new TableCatalog(database, Map.of(), TableCatalog.Purpose.CAPTURE);
        TableLoads loads = new TableLoads(
                database,
                SourceNames.of(new PipelineId("ends", "dev"), "crm"),
                recent,
                handover,
                state,
                new ChunkSpool(scratch, 1 << 20),
                movedRows,
                longest.toMillis(),
                1_000);
        try (Connection connection = database.connect()) {
            CapturedTable shape = catalog.describe(connection, List.of(KEYED)).get(KEYED);
            loads.begin(
                    new TrackedTables(database, catalog, state, Map.of(KEYED, new TrackedTable(shape, 0))), Map.of());
        }
        // What the load must wait for.
        server.execute(name, "insert into keyed values (2, 'b')");
        loads.request(KEYED);
        thread = new Thread(loads, "load");
        thread.start();
    }

    /** The stream passes what the load waited for first, and not the moment at which it is to end. */
    private void untilHeld() {
        Await.until("the moment is held", PATIENCE, () -> {
            long passed = lsn();
            server.execute(name, "insert into keyed select max(id) + 1, 'later' from keyed");
            streamCame(passed);
            long until = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            while (!movedRows.isSettled(KEYED) && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            return movedRows.isSettled(KEYED);
        });
    }

    private void streamCame(long to) {
        recent.passed(1, to);
        handover.advance(to);
    }

    private boolean hasEnded() throws InterruptedException {
        while (true) {
            Optional<CapturedBatch> batch = handover.take(new Limits(Duration.ZERO, Duration.ofMillis(20), 100));
            if (batch.isEmpty()) {
                return false;
            }
            if (batch.get().loads().stream().anyMatch(LoadStep.Complete.class::isInstance)) {
                return true;
            }
        }
    }

    private long lsn() throws SQLException {
        try (Connection connection = server.connect(name)) {
            return ReplicationSlot.lsn(connection, "pg_current_wal_insert_lsn()");
        }
    }

    /** The sessions that keep the server from removing rows. */
    private List<String> holders() throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            return Rows.of(
                    connection,
                    "select pid from pg_stat_activity where state = 'idle in transaction' and datname = '" + name
                            + "'");
        }
    }
}
