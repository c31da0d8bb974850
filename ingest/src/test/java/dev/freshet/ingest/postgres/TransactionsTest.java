package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.SourcePosition;
import dev.freshet.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What the stream delivers: whole transactions in commit order, each row as it was. */
class TransactionsTest {

    private static PostgresServer server;

    @TempDir
    Path scratch;

    private String database;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void createDatabase(TestInfo test) {
        database = server.createDatabase(test.getTestMethod().orElseThrow().getName());
    }

    @Test
    void transactionsOfConcurrentWritersArriveWholeAndInCommitOrder() throws Exception {
        server.execute(
                database,
                "create table orders (id int primary key, writer int, amount int)",
                "create table items (id int primary key, order_id int)");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "orders", "items")) {
            capture.start();
            int writers = 4;
            int each = 60;
            ExecutorService pool = Executors.newFixedThreadPool(writers);
            List<Future<?>> running = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                int writer = w;
                running.add(pool.submit(() -> {
                    try (Connection connection = server.connect(database);
                            Statement statement = connection.createStatement()) {
                        connection.setAutoCommit(false);
                        for (int i = 0; i < each; i++) {
                            int id = writer * each + i;
                            statement.execute("insert into orders values (" + id + "," + writer + ", 1)");
                            for (int item = 0; item < 3; item++) {
                                statement.execute("insert into items values (" + (id * 3 + item) + "," + id + ")");
                            }
                            statement.execute("update orders set amount = 3 where id = " + id);
                            connection.commit();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> future : running) {
                while (!future.isDone()) {
                    capture.pump();
                }
                future.get();
            }
            pool.shutdown();
            capture.drain();

            Map<Long, Integer> rowsOf = new HashMap<>();
            List<CapturedChange> all = new ArrayList<>(capture.changes("orders"));
            all.addAll(capture.changes("items"));
            all.forEach(change -> rowsOf.merge(change.position(), 1, Integer::sum));
            assertThat(rowsOf).hasSize(writers * each);
            assertThat(rowsOf.values()).containsOnly(5);
            assertThat(all.stream().map(CapturedChange::transaction).distinct()).hasSize(writers * each);
            // A position belongs to one transaction, and its rows are numbered without a gap.
            all.stream()
                    .collect(Collectors.groupingBy(CapturedChange::position))
                    .values()
                    .forEach(transaction -> {
                        assertThat(transaction.stream()
                                        .map(CapturedChange::transaction)
                                        .distinct())
                                .hasSize(1);
                        assertThat(transaction.stream().map(CapturedChange::sequence))
                                .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L);
                    });
            for (String table : List.of("orders", "items")) {
                List<Long> positions = capture.changes(table).stream()
                        .map(CapturedChange::position)
                        .toList();
                assertThat(positions).isSorted();
                assertThat(capture.contents(table)).containsExactlyInAnyOrderElementsOf(capture.now(table));
            }
        }
    }

    @Test
    void keyChangesTruncatesAndUnsentValuesKeepTheirMeaning() throws Exception {
        server.execute(
                database,
                "create table t (id int primary key, note text, n int)",
                "alter table t alter note set storage external");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "t")) {
            capture.start();
            capture.drain();
            String text = "y".repeat(5000);
            capture.execute(
                    "insert into t values (1, repeat('y', 5000), 1), (2, 'b', 2)",
                    "update t set n = 10 where id = 1",
                    "update t set id = 5 where id = 1",
                    "begin; update t set id = 6 where id = 2; delete from t where id = 6; commit",
                    "truncate t",
                    "insert into t values (9, null, null)");
            capture.drain();
            List<RowChange> changes =
                    capture.changes("t").stream().map(CapturedChange::change).toList();
            assertThat(changes).hasSize(10);
            assertThat(changes.get(0)).isEqualTo(new RowChange.Insert(Row.of(1, text, 1), false));
            assertThat(changes.get(2)).isInstanceOfSatisfying(RowChange.Update.class, update -> {
                assertThat(update.before()).isNull();
                assertThat(update.after().isUnavailable(1)).isTrue();
                assertThat(update.after().value(2)).isEqualTo(10);
            });
            assertThat(changes.get(3)).isEqualTo(new RowChange.Delete(Row.of(1, null, null)));
            assertThat(changes.get(4)).isInstanceOfSatisfying(RowChange.Insert.class, insert -> {
                assertThat(insert.movedFromPrevious()).isTrue();
                assertThat(insert.after().value(0)).isEqualTo(5);
                assertThat(insert.after().isUnavailable(1)).isTrue();
            });
            assertThat(changes.get(8)).isEqualTo(new RowChange.Truncate());
            assertThat(changes.get(9)).isEqualTo(new RowChange.Insert(Row.of(9, null, null), false));
            assertThat(capture.contents("t")).isEqualTo(capture.now("t"));
        }
    }

    @Test
    void tablesWithoutKeyCarryWholeRows() throws Exception {
        server.execute(
                database,
                "create table bag (a int, note text)",
                "alter table bag alter note set storage external",
                "alter table bag replica identity full");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "bag")) {
            capture.start();
            capture.drain();
            capture.execute(
                    "insert into bag values (1, repeat('z', 5000)), (1, repeat('z', 5000)), (2, null)",
                    "update bag set a = 3 where ctid = (select min(ctid) from bag)",
                    "delete from bag where a = 2");
            capture.drain();
            String text = "z".repeat(5000);
            assertThat(capture.changes("bag").stream().map(CapturedChange::change))
                    .containsExactly(
                            new RowChange.Insert(Row.of(1, text), false),
                            new RowChange.Insert(Row.of(1, text), false),
                            new RowChange.Insert(Row.of(2, null), false),
                            new RowChange.Update(Row.of(1, text), Row.of(3, text)),
                            new RowChange.Delete(Row.of(2, null)));
            assertThat(capture.contents("bag")).containsExactlyInAnyOrderElementsOf(capture.now("bag"));
        }
    }

    @Test
    void restartReplaysNothingBeforeAndEverythingAfter() throws Exception {
        server.execute(database, "create table t (id int primary key)");
        CaptureFixture capture = new CaptureFixture(server, database, scratch, "t");
        try (capture) {
            capture.start();
            capture.drain();
            for (int i = 0; i < 20; i++) {
                capture.execute("insert into t values (" + i + ")");
            }
            capture.drain();
            SourcePosition halfway = capture.position;
            int before = capture.changes("t").size();
            capture.source().close();
            for (int i = 20; i < 40; i++) {
                capture.execute("insert into t values (" + i + ")");
            }
            capture.start();
            capture.drain();
            List<CapturedChange> after =
                    capture.changes("t").subList(before, capture.changes("t").size());
            assertThat(after.stream().map(CapturedChange::change))
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(20, 40)
                            .mapToObj(i -> (RowChange) new RowChange.Insert(Row.of(i), false))
                            .toList());
            assertThat(after).allMatch(change -> change.position() > halfway.ordinal());
            assertThat(capture.staged.get(CaptureFixture.table("t")).begun).isEqualTo(1);
        }
    }

    @Test
    void slotFollowsAcknowledgementsAndNothingElse() throws Exception {
        server.execute(database, "create table t (id int primary key)", "create table other (id int, pad text)");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "t")) {
            capture.start();
            capture.drain();
            long acknowledged = capture.position.ordinal();
            for (int i = 0; i < 50; i++) {
                capture.execute("insert into t values (" + i + ")");
            }
            // Captured, handed over, but not acknowledged.
            CapturedPeek peek = CapturedPeek.take(capture, 50);
            assertThat(peek.end()).isGreaterThan(acknowledged);
            assertThat(capture.confirmed()).isLessThanOrEqualTo(acknowledged);
            capture.position = peek.position();
            capture.source().acknowledge(peek.position());
            capture.pumpUntil(() -> capture.confirmed() >= peek.end());
            // Idle for our tables while the log grows: the position follows, and so does the slot.
            capture.execute("insert into other select i, repeat('x', 500) from generate_series(1, 8000) i");
            long grown;
            try (Connection connection = server.connect(database)) {
                grown = ReplicationSlot.lsn(connection, "pg_current_wal_lsn()");
            }
            capture.pumpUntil(() -> capture.confirmed() >= grown);
            assertThat(capture.confirmed()).isLessThanOrEqualTo(capture.position.ordinal());
        }
    }

    @Test
    void largeTransactionsWaitInFilesUntilTheirEnd() throws Exception {
        server.execute(database, "create table t (id int primary key, note text)");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "t")) {
            capture.start();
            capture.drain();
            capture.execute("insert into t select i, case when i % 3 = 0 then null else 'é' || i end from"
                    + " generate_series(1, 120000) i");
            capture.drain();
            assertThat(capture.changes("t")).hasSize(120_000);
            assertThat(capture.changes("t").stream()
                            .map(CapturedChange::position)
                            .distinct())
                    .hasSize(1);
            assertThat(capture.contents("t")).containsExactlyElementsOf(capture.now("t"));
        }
    }

    @Test
    void lostConnectionsAreTakenUpAgain() throws Exception {
        server.execute(database, "create table t (id int primary key)");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "t")) {
            capture.start();
            capture.drain();
            for (int round = 0; round < 3; round++) {
                capture.execute("insert into t values (" + (2 * round) + ")");
                capture.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + database
                        + "' and pid <> pg_backend_pid()");
                capture.execute("insert into t values (" + (2 * round + 1) + ")");
                capture.pumpUntil(() -> capture.source().status().connected());
                capture.drain();
            }
            assertThat(capture.changes("t").stream().map(CapturedChange::change))
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 6)
                            .mapToObj(i -> (RowChange) new RowChange.Insert(Row.of(i), false))
                            .toList());
        }
    }
}
