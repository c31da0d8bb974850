package dev.freshet.publisher.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.DeliveryGate;
import dev.freshet.publisher.FencedException;
import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.PublisherSettings;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.postgres.CutProxy.Cut;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.PostgresServer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Connections that break at every point of a delivery, and tables of one target that must move together. */
class PostgresFaultTest {

    private static final TableSchema KEYED = schema("k");
    private static final TableSchema BAG = schema();

    private static Warehouse warehouse = null;
    private static CutProxy proxy = null;

    @BeforeAll
    static void startServer() throws IOException {
        warehouse = new Warehouse(PostgresServer.start());
        proxy = new CutProxy(warehouse.port());
    }

    @AfterAll
    static void stopServer() throws IOException {
        proxy.close();
        warehouse.close();
    }

    private static TableSchema schema(String... key) {
        return new TableSchema(List.of(new Column("k", Simple.BIGINT), new Column("v", Simple.VARCHAR)), List.of(key));
    }

    /** A pipeline of three tables and a target behind the proxy. */
    private static final class Scene {
        private final String space = warehouse.newSchema();
        private final TableId keyed = new TableId("warehouse", space, "keyed");
        private final TableId bag = new TableId("warehouse", space, "bag");
        private final TableId other = new TableId("warehouse", space, "other");
        private final MemoryStateStore store = new MemoryStateStore(10);
        private final List<PublishedModel> models = List.of(
                new PublishedModel(keyed, List.of("k")),
                new PublishedModel(bag, List.of()),
                new PublishedModel(other, List.of()));
        private Target target = open();

        private Target open() {
            return warehouse.open(
                    space,
                    new Ownership(new PipelineId("fault", "prod"), 1, UUID.randomUUID()),
                    proxy.port(),
                    Map.of());
        }

        void reopen() {
            target.close();
            target = open();
        }

        void cut(String value) {
            List<Row> rows = new ArrayList<>();
            for (long i = 0; i < 20; i++) {
                rows.add(Row.of(i, value));
            }
            List<Row> doubled = new ArrayList<>(rows);
            doubled.addAll(rows);
            store.cycle()
                    .put(keyed, KEYED, rows)
                    .put(bag, BAG, doubled)
                    .put(other, BAG, rows)
                    .commit();
        }

        Receipt publish() {
            try (StateSnapshot snapshot = store.read()) {
                return target.publish(snapshot, models);
            }
        }

        void verify() {
            for (PublishedModel model : models) {
                assertThat(warehouse.contents(model.table())).isEqualTo(store.rows(model.table()));
                assertThat(warehouse.throughCut(model.table()))
                        .isEqualTo(store.cut().number());
            }
        }
    }

    @Test
    void aNewOwnerNeedNotWaitForOneThatStandsStillInADelivery() throws Exception {
        Scene scene = new Scene();
        scene.cut("first");
        scene.publish();
        PipelineId pipeline = new PipelineId("fault", "prod");
        try (java.sql.Connection zombie =
                        standing(OwnersSession.name(new Ownership(pipeline, 1, UUID.randomUUID())), scene);
                java.sql.Connection other = standing(
                        OwnersSession.name(new Ownership(new PipelineId("fault", "pro"), 1, UUID.randomUUID())), null);
                Target next = warehouse.open(
                        scene.space, new Ownership(pipeline, 2, UUID.randomUUID()), proxy.port(), Map.of())) {
            scene.cut("second");
            try (StateSnapshot snapshot = scene.store.read()) {
                next.publish(snapshot, scene.models);
            }
            scene.verify();
            assertThatThrownBy(() -> zombie.createStatement().execute("commit"))
                    .isInstanceOf(java.sql.SQLException.class);
            other.createStatement().execute("select 1");
            scene.cut("third");
            assertThatThrownBy(() -> {
                        for (int attempt = 0; attempt < 2; attempt++) {
                            try {
                                scene.publish();
                            } catch (FencedException e) {
                                throw e;
                            } catch (FreshetException e) {
                                assertThat(e).as("its session was ended").hasMessageContaining("connection");
                            }
                        }
                    })
                    .isInstanceOf(FencedException.class);
        }
    }

    /** A session that looks like another process's and, with a scene, holds its ledger. */
    private static java.sql.Connection standing(String name, @Nullable Scene scene) throws java.sql.SQLException {
        java.sql.Connection session = warehouse.connect();
        session.setAutoCommit(false);
        session.createStatement().execute("set application_name = '" + name + "'");
        session.createStatement()
                .execute(
                        scene == null ? "select 1" : "lock table " + Identifier.quote(scene.space) + ".freshet_ledger");
        return session;
    }

    @Test
    void firstDeliverySurvivesALossAtEachStep() {
        for (Cut cut : List.of(Cut.BEFORE_STEP, Cut.AFTER_STEP)) {
            int step = 1;
            for (boolean broke = true; broke; step++) {
                Scene scene = new Scene();
                scene.cut("first");
                broke = losesAt(scene, cut, step);
                scene.verify();
                scene.target.close();
            }
            assertThat(step).as("steps of a first delivery").isBetween(15, 60);
        }
    }

    @Test
    void deltaSurvivesALossAtEachStep() {
        Scene scene = new Scene();
        scene.cut("first");
        scene.publish();
        for (Cut cut : List.of(Cut.BEFORE_STEP, Cut.AFTER_STEP)) {
            int step = 1;
            for (boolean broke = true; broke; step++) {
                scene.reopen();
                scene.cut(cut + " " + step);
                broke = losesAt(scene, cut, step);
                scene.verify();
            }
            assertThat(step).as("steps of a delta").isBetween(8, 30);
        }
        scene.target.close();
    }

    /** @return whether the delivery was long enough to be broken there */
    private static boolean losesAt(Scene scene, Cut cut, int step) {
        proxy.breakOnce(cut, step);
        try {
            scene.publish();
        } catch (FreshetException e) {
            assertThat(e.kind()).isIn(ErrorKind.TARGET, ErrorKind.OUTCOME_UNKNOWN);
        }
        boolean broke = proxy.hasBroken();
        proxy.breakOnce(Cut.NEVER, 0);
        scene.publish();
        return broke;
    }

    @Test
    void unknownOutcomesAreReadFromTheLedger() {
        Scene scene = new Scene();
        scene.cut("first");
        scene.publish();
        scene.cut("lost commit");
        proxy.breakOnce(Cut.BEFORE_COMMIT, 0);
        assertUnknown(scene);
        assertThat(scene.publish().tables()).extracting(TableReceipt::method).containsOnly(Method.DELTA);
        scene.verify();

        scene.cut("lost answer");
        proxy.breakOnce(Cut.AFTER_COMMIT, 0);
        assertUnknown(scene);
        scene.verify();
        assertThat(scene.publish().tables()).extracting(TableReceipt::method).containsOnly(Method.UNCHANGED);

        // The answer is lost and more has happened by the time it is tried again.
        scene.cut("lost answer again");
        proxy.breakOnce(Cut.AFTER_COMMIT, 0);
        assertUnknown(scene);
        scene.cut("and on");
        scene.publish();
        scene.verify();
        scene.target.close();
    }

    private static void assertUnknown(Scene scene) {
        assertThatThrownBy(scene::publish)
                .isInstanceOf(FreshetException.class)
                .hasMessageContaining("broke while a delivery was committed")
                .extracting(e -> ((FreshetException) e).kind())
                .isEqualTo(ErrorKind.OUTCOME_UNKNOWN);
        assertThat(proxy.hasBroken()).isTrue();
    }

    /** The target is away for a while: deliveries are tried until it is back, and all cuts since come as one. */
    @Test
    void anOutageIsOutlived() throws Exception {
        Scene scene = new Scene();
        scene.cut("before");
        List<Delivery> deliveries = new java.util.concurrent.CopyOnWriteArrayList<>();
        PublisherSettings quick = new PublisherSettings(
                Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofSeconds(5));
        try (Publisher publisher = new Publisher(
                "warehouse",
                scene.target,
                scene.store,
                scene.models,
                quick,
                DeliveryGate.OPEN,
                deliveries::add,
                Clock.systemUTC())) {
            publisher.start();
            assertThat(publisher.awaitDelivered(1, Duration.ofSeconds(30))).isTrue();
            proxy.refuse();
            for (int i = 0; i < 5; i++) {
                scene.cut("during " + i);
                publisher.cutAvailable();
            }
            assertThat(publisher.awaitDelivered(6, Duration.ofMillis(300))).isFalse();
            assertThat(publisher.status().state()).isEqualTo(Publisher.State.FAILING);
            assertThat(publisher.status().problem().orElseThrow().message())
                    .contains("the connection was refused or lost");
            assertThat(publisher.prunableThrough()).isEqualTo(1);
            proxy.stopRefusing();
            assertThat(publisher.awaitDelivered(6, Duration.ofSeconds(30))).isTrue();
            scene.verify();
            assertThat(deliveries).hasSize(2);
        } finally {
            proxy.stopRefusing();
        }
    }

    /** What an application reads in one statement is of one cut, always. */
    @Test
    void tablesMoveTogether() throws Exception {
        Scene scene = new Scene();
        scene.cut("0");
        scene.publish();
        String space = Identifier.quote(scene.space);
        String sql =
                "select count(distinct v), min(n), max(n) from (select v, count(*) over (partition by v) as n from (select v from "
                        + space + ".keyed union all select v from " + space + ".bag union all select v from " + space
                        + ".other) a) b";
        AtomicBoolean done = new AtomicBoolean();
        List<List<Object>> torn = new ArrayList<>();
        int[] reads = {0};
        Thread reader = new Thread(() -> {
            while (!done.get()) {
                List<Object> row = warehouse.query(sql).get(0);
                reads[0]++;
                if (!row.equals(List.of(1L, 80L, 80L))) {
                    torn.add(row);
                }
            }
        });
        reader.start();
        for (int i = 1; i <= 60; i++) {
            scene.cut("" + i);
            if (i % 20 == 0) {
                warehouse.execute("update " + space + ".freshet_ledger set state_epoch = gen_random_uuid()");
            }
            scene.publish();
        }
        done.set(true);
        reader.join();
        assertThat(torn).isEmpty();
        assertThat(reads[0]).isGreaterThan(20);
        scene.verify();
        scene.target.close();
    }

    @Test
    void aLedgerRestoredFromABackupConverges() {
        Scene scene = new Scene();
        String ledger = Identifier.quote(scene.space) + ".freshet_ledger";
        scene.cut("1");
        scene.publish();
        warehouse.execute("create table " + Identifier.quote(scene.space) + ".saved as table " + ledger);
        scene.cut("2");
        scene.publish();
        // The tables are newer than their ledger, and the net change since then does not tell what they hold.
        warehouse.execute(
                "delete from " + ledger,
                "insert into " + ledger + " table " + Identifier.quote(scene.space) + ".saved");
        scene.cut("3");
        assertThat(scene.publish().tables()).extracting(TableReceipt::method).containsOnly(Method.COMPARISON);
        scene.verify();
        // Set back while this process was away: the log reaches back no more.
        scene.reopen();
        warehouse.execute(
                "delete from " + ledger,
                "insert into " + ledger + " table " + Identifier.quote(scene.space) + ".saved");
        for (int i = 4; i < 20; i++) {
            scene.cut("" + i);
        }
        assertThat(scene.publish().tables()).extracting(TableReceipt::method).containsOnly(Method.COMPARISON);
        scene.verify();
        scene.target.close();
    }

    @Test
    void tamperingMattersAtTheNextComparisonOnly() {
        Scene scene = new Scene();
        scene.cut("1");
        scene.publish();
        String space = Identifier.quote(scene.space);
        warehouse.execute(
                "insert into " + space + ".keyed values (999, 'tampered')",
                "insert into " + space + ".bag values (999, 'tampered')",
                "delete from " + space + ".other where k < 5");
        assertThat(scene.publish().tables()).extracting(TableReceipt::method).containsOnly(Method.UNCHANGED);
        scene.cut("2");
        scene.publish();
        assertThat(warehouse.contents(scene.keyed)).containsEntry(Row.of(999L, "tampered"), 1L);
        warehouse.execute("update " + space + ".freshet_ledger set state_epoch = gen_random_uuid()");
        Receipt receipt = scene.publish();
        assertThat(receipt.tables()).extracting(TableReceipt::deleted).containsExactly(1L, 1L, 0L);
        scene.verify();
        scene.target.close();
    }

    /** Someone's own rebuild of a table is noticed, whatever it left behind. */
    @Test
    void aReplacedTableIsRestored() {
        Scene scene = new Scene();
        scene.cut("1");
        scene.publish();
        String space = Identifier.quote(scene.space);
        warehouse.execute(
                "drop table " + space + ".keyed",
                "drop table " + space + ".bag",
                "create table " + space + ".bag (k bigint, v text)",
                "drop table " + space + ".other",
                "create view " + space + ".other as select 1 as k");
        assertThat(scene.publish().tables())
                .extracting(TableReceipt::method)
                .containsExactly(Method.CREATION, Method.COMPARISON, Method.SWAP);
        scene.verify();
        scene.target.close();
    }

    /** A table that can't take its rows does not hold the others back, and is named. */
    @Test
    void aTableThatRefusesIsHeldAlone() {
        Scene scene = new Scene();
        scene.cut("1");
        scene.publish();
        String space = Identifier.quote(scene.space);
        warehouse.execute("alter table " + space + ".bag add constraint no_two check (v <> '2')");
        scene.cut("2");
        assertThatThrownBy(scene::publish).hasMessageContaining("no_two");
        Receipt receipt = scene.publish();
        assertThat(receipt.tables())
                .extracting(TableReceipt::method)
                .containsExactly(Method.DELTA, Method.HELD, Method.DELTA);
        assertThat(receipt.tables().get(1).problem().orElse(""))
                .contains("delivering table '" + scene.bag + "'")
                .contains("no_two");
        assertThat(warehouse.contents(scene.bag)).containsKey(Row.of(1L, "1"));
        assertThat(warehouse.throughCut(scene.bag)).isEqualTo(1);
        warehouse.execute("alter table " + space + ".bag drop constraint no_two");
        scene.publish();
        scene.verify();
        scene.target.close();
    }

    /** A reader's lock costs a bounded wait, not the pipeline. */
    @Test
    void aLockIsWaitedForWithinABound() throws Exception {
        Scene scene = new Scene();
        scene.cut("1");
        scene.publish();
        scene.cut("2");
        try (java.sql.Connection locker = warehouse.connect()) {
            locker.setAutoCommit(false);
            locker.createStatement().execute("lock table " + Identifier.quote(scene.space) + ".keyed in share mode");
            long started = System.nanoTime();
            assertThatThrownBy(scene::publish)
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("another session holds a lock")
                    .extracting(e -> ((FreshetException) e).kind())
                    .isEqualTo(ErrorKind.RETRYABLE);
            assertThat(System.nanoTime() - started).isLessThan(10_000_000_000L);
            locker.rollback();
        }
        scene.publish();
        scene.verify();
        scene.target.close();
    }
}
