package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.DataType;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Tables read beside the stream: base and changes together are the table. */
class LoadTest {

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

    /** Writes at random until told to stop. */
    private CompletableFuture<Void> writer(AtomicBoolean stop, long seed) {
        return CompletableFuture.runAsync(() -> {
            Random random = new Random(seed);
            try (Connection connection = server.connect(database);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stop.get()) {
                    for (int i = 0; i < 1 + random.nextInt(4); i++) {
                        int id = random.nextInt(4000);
                        int other = random.nextInt(4000);
                        statement.execute(
                                switch (random.nextInt(5)) {
                                    case 0 ->
                                        "insert into keyed values (" + id + ", 'new " + id
                                                + "', repeat('n', 3000)) on conflict do nothing";
                                    case 1 -> "update keyed set note = note || '.' where id = " + id;
                                    case 2 -> "delete from keyed where id = " + id;
                                    case 3 -> "update bag set n = n + 1 where id = " + id;
                                    default ->
                                        "update keyed set id = " + other + " where id = " + id
                                                + " and not exists (select from keyed where id = " + other + ")";
                                });
                        statement.execute(
                                random.nextBoolean()
                                        ? "insert into bag values (" + id + ", 0)"
                                        : "delete from bag where ctid = (select ctid from bag where id = " + id
                                                + " limit 1)");
                    }
                    if (random.nextInt(20) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                    }
                }
                connection.rollback();
            } catch (java.sql.SQLException e) {
                if (!"23505".equals(e.getSQLState()) && !"40P01".equals(e.getSQLState())) {
                    throw new IllegalStateException(e);
                }
            }
        });
    }

    private void createTables() {
        server.execute(
                database,
                "create table keyed (id int primary key, note text, pad text)",
                "alter table keyed alter pad set storage external",
                "insert into keyed select i, 'note ' || i, repeat('p', 3000) from generate_series(0, 3999, 2) i",
                "create table bag (id int, n int)",
                "alter table bag replica identity full",
                "insert into bag select i % 4000, 0 from generate_series(0, 9999) i");
    }

    @Test
    void loadsBesideConcurrentWritesAddUpToTheTable() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        createTables();
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> writer = writer(stop, seed);
        CompletableFuture<Void> second = writer(stop, seed + 1);
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed", "bag").chunks(300)) {
            capture.start();
            TableId keyed = CaptureFixture.table("keyed");
            TableId bag = CaptureFixture.table("bag");
            capture.pumpUntil(() -> capture.staged.containsKey(bag) && capture.staged.get(bag).complete);
            for (int round = 0; round < 2; round++) {
                capture.source().requestLoad(keyed);
                capture.source().requestLoad(bag);
                int begun = capture.staged.get(bag).begun;
                capture.pumpUntil(() -> capture.staged.get(bag).begun > begun && capture.staged.get(bag).complete);
            }
            stop.set(true);
            writer.join();
            second.join();
            capture.drain();
            assertThat(capture.contents("keyed")).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
            assertThat(capture.contents("bag")).containsExactlyInAnyOrderElementsOf(capture.now("bag"));
        } finally {
            stop.set(true);
        }
    }

    /**
     * A load's end and a row that moves at that moment: who looks for the row's values must see the table as of the end, neither before the row
     * came nor after it left.
     */
    @Test
    void rowsThatMoveWhileLoadsEndKeepTheirValues() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        server.execute(
                database,
                "create table keyed (id int primary key, note text, pad text)",
                "alter table keyed alter pad set storage external",
                "insert into keyed select i * 10, 'note ' || i, repeat(chr(97 + i), 3000) from generate_series(0, 9) i");
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Void> mover = mover(stop, new Random(seed));
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed").chunks(3)) {
            capture.start();
            TableId keyed = CaptureFixture.table("keyed");
            capture.pumpUntil(() -> capture.staged.containsKey(keyed) && capture.staged.get(keyed).complete);
            for (int round = 0; round < 20; round++) {
                capture.source().requestLoad(keyed);
                int begun = capture.staged.get(keyed).begun;
                capture.pumpUntil(() -> capture.staged.get(keyed).begun > begun && capture.staged.get(keyed).complete);
                assertThat(capture.contents("keyed")).hasSize(10).allMatch(LoadTest::hasItsOwnPad);
            }
            stop.set(true);
            mover.join();
            capture.drain();
            assertThat(capture.contents("keyed")).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
        } finally {
            stop.set(true);
        }
    }

    private static boolean hasItsOwnPad(Row row) {
        String note = String.valueOf(row.value(1));
        return row.isComplete() && padOf(note.charAt(note.length() - 1)).equals(row.value(2));
    }

    private static String padOf(char digit) {
        return String.valueOf((char) ('a' + digit - '0')).repeat(3000);
    }

    /** Ten rows change their places among a hundred, one after the other, as fast as they can. */
    private CompletableFuture<Void> mover(AtomicBoolean stop, Random random) {
        return CompletableFuture.runAsync(() -> {
            try (Connection connection = server.connect(database);
                    Statement statement = connection.createStatement()) {
                while (!stop.get()) {
                    int to = random.nextInt(100);
                    statement.execute("update keyed set id = " + to + " where note = 'note " + random.nextInt(10)
                            + "' and not exists (select from keyed where id = " + to + ")");
                }
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void keyedLoadGoesOnAfterACrashAndAKeylessOneBeginsAnew() throws Exception {
        createTables();
        TableId keyed = CaptureFixture.table("keyed");
        TableId bag = CaptureFixture.table("bag");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed", "bag").chunks(300)) {
            capture.start();
            capture.pumpUntil(() -> capture.staged.containsKey(keyed) && capture.staged.get(keyed).chunks >= 2);
            capture.source().close();
            int chunks = capture.staged.get(keyed).chunks;
            assertThat(capture.staged.get(keyed).complete).isFalse();
            capture.execute("insert into keyed values (-1, 'while down', null)", "insert into bag values (-1, 1)");
            capture.start();
            capture.drain();
            assertThat(capture.staged.get(keyed).begun).isEqualTo(1);
            assertThat(capture.staged.get(keyed).chunks).isGreaterThan(chunks);
            assertThat(capture.contents("keyed")).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
            assertThat(capture.contents("bag")).containsExactlyInAnyOrderElementsOf(capture.now("bag"));
            assertThat(capture.staged.get(bag).load).isPositive();
        }
    }

    @Test
    void keysOfEveryKindAreGoneOnFrom() throws Exception {
        server.execute(
                database,
                "create type mood as enum ('sad', 'ok')",
                "create table keyed (t text, d timestamptz, n numeric(20,4), m mood, v int, primary key (t, d, n, m))",
                "insert into keyed select 'o''x\\' || chr(9) || i % 3, '2024-01-01'::timestamptz + i * interval '1 us',"
                        + " i / 3.0, case when i % 2 = 0 then 'sad' else 'ok' end::mood, i from generate_series(1, 100) i");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed").chunks(7)) {
            capture.start();
            capture.drain();
            assertThat(capture.staged.get(CaptureFixture.table("keyed")).chunks).isEqualTo(15);
            assertThat(capture.contents("keyed"))
                    .hasSize(100)
                    .containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
        }
    }

    @Test
    void newColumnsAreFollowedAndLoadedAndDroppedOnesStayEmpty() throws Exception {
        server.execute(
                database,
                "create table keyed (id int primary key, a int, b text)",
                "insert into keyed values (1, 1, 'one'), (2, 2, 'two')");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed")) {
            capture.start();
            capture.drain();
            TableId keyed = CaptureFixture.table("keyed");
            capture.execute(
                    "insert into keyed values (3, 3, 'three')",
                    "alter table keyed add column c numeric(6,2) default 1.5",
                    "insert into keyed values (4, 4, 'four', 4)");
            capture.pumpUntil(() -> capture.staged.get(keyed).begun == 2);
            capture.drain();
            assertThat(capture.staged.get(keyed).schema.columns())
                    .extracting(column -> column.name() + " " + column.type().sql())
                    .containsExactly("id INTEGER", "a INTEGER", "b VARCHAR", "c DECIMAL(6,2)");
            assertThat(capture.contents("keyed")).hasSize(4).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));

            capture.execute(
                    "alter table keyed drop column a",
                    "alter table keyed alter column b type int using length(b)",
                    "insert into keyed values (5, 5, 5)");
            capture.pumpUntil(() -> capture.staged.get(keyed).begun == 3);
            capture.drain();
            assertThat(capture.staged.get(keyed).schema.columns().get(2).type()).isEqualTo(DataType.Simple.INTEGER);
            assertThat(capture.contents("keyed")).hasSize(5).allMatch(row -> row.value(1) == null);
            assertThat(capture.contents("keyed").stream().map(row -> row.value(2)))
                    .containsExactlyInAnyOrder(3, 3, 5, 4, 5);
        }
    }

    @Test
    void aRowWrittenBeforeAColumnWasAddedDoesNotHideTheColumnsDefault() throws Exception {
        server.execute(database, "create table keyed (id int primary key, a int)", "insert into keyed values (1, 1)");
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed")) {
            capture.start();
            capture.drain();
            capture.source().close();
            capture.execute(
                    "insert into keyed values (2, 2), (3, 3)",
                    "update keyed set a = 11 where id = 1",
                    "alter table keyed add column c numeric(6,2) default 1.5",
                    "insert into keyed values (4, 4, 4)",
                    "delete from keyed where id = 3");
            capture.start();
            capture.pumpUntil(() -> capture.staged.get(CaptureFixture.table("keyed")).begun == 2);
            capture.drain();
            assertThat(capture.contents("keyed")).hasSize(3).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
        }
    }

    @Test
    void tablesAddedLaterAreLoadedAndTheOthersAreNot() throws Exception {
        createTables();
        CaptureFixture first = new CaptureFixture(server, database, scratch, "keyed");
        try (first) {
            first.start();
            first.drain();
        }
        try (CaptureFixture both = new CaptureFixture(server, database, scratch, "keyed", "bag")) {
            both.staged.putAll(first.staged);
            both.changes.putAll(first.changes);
            both.position = first.position;
            both.execute("insert into bag values (7, 7)", "insert into keyed values (-7, 'x', null)");
            both.start();
            both.drain();
            assertThat(both.staged.get(CaptureFixture.table("keyed")).begun).isEqualTo(1);
            assertThat(both.contents("keyed")).containsExactlyInAnyOrderElementsOf(both.now("keyed"));
            assertThat(both.contents("bag")).containsExactlyInAnyOrderElementsOf(both.now("bag"));
        }
    }

    @Test
    void aLostSlotIsMendedByLoadingEverythingAnew() throws Exception {
        createTables();
        try (CaptureFixture capture = new CaptureFixture(server, database, scratch, "keyed", "bag")) {
            capture.start();
            capture.drain();
            capture.leaveSlot();
            capture.execute(
                    "select pg_drop_replication_slot('" + capture.slot() + "')",
                    "delete from keyed where id < 100",
                    "insert into bag values (1, 2)");
            capture.start();
            assertThat(capture.source().status().problem()).hasValueSatisfying(problem -> assertThat(problem)
                    .contains("FRS001", "replication slot \"" + capture.slot() + "\" is gone", "loaded anew"));
            capture.pumpUntil(() -> capture.staged.values().stream().allMatch(table -> table.begun == 2));
            capture.drain();
            assertThat(capture.contents("keyed")).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
            assertThat(capture.contents("bag")).containsExactlyInAnyOrderElementsOf(capture.now("bag"));
            assertThat(capture.source().status().problem())
                    .as("mended, but shown for a while")
                    .isPresent();

            capture.leaveSlot();
            // A slot can't be moved beyond what is flushed, so the lost change has to be.
            capture.execute(
                    "set synchronous_commit = on",
                    "insert into keyed values (-3, 'lost', null)",
                    "select pg_replication_slot_advance('" + capture.slot() + "', pg_current_wal_flush_lsn())");
            capture.start();
            assertThat(capture.source().status().problem()).hasValueSatisfying(problem -> assertThat(problem)
                    .contains("FRS001", "was moved beyond what is staged"));
            capture.pumpUntil(() -> capture.staged.values().stream().allMatch(table -> table.begun == 3));
            capture.drain();
            assertThat(capture.contents("keyed")).containsExactlyInAnyOrderElementsOf(capture.now("keyed"));
        }
    }
}
