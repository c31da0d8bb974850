package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model is edited while the service runs and its sources change: whoever reads the target sees all of the old text's rows or all of the new one's. */
class EditedModelTest {

    static final int ORDERS = 300;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static final String BESIDE =
            "batch:\n  interval: 50ms\nstaging:\n  upkeep_interval: 2s\nrestatement:\n  beside_rows: 1\n";

    @TempDir
    Path directory;

    @Test
    void anEditedModelIsRestatedWithWhateverReadsItAndNothingElseIsTouched() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, ORDERS)) {
            models(shop);
            try (RunningService service = new RunningService(shop);
                    Repeated traffic = traffic(shop);
                    TargetReader reader = new TargetReader(shop.warehouse())) {
                reader.awaitMore();
                String apart = versionOfApart(shop);

                labelled(shop, 2, "");
                Reload reload = service.hosted().reload();
                assertThat(reload.changed()).containsExactly("labelled");
                assertThat(reload.following()).containsExactly("labels");
                settled(service, shop, 2, reader);

                // Another shape: the table is built anew and swapped.
                labelled(shop, 3, ", status || '!' as loud");
                service.hosted().reload();
                settled(service, shop, 3, reader);

                assertThat(versionOfApart(shop))
                        .as("what does not read it was not written")
                        .isEqualTo(apart);
                assertThat(service.hosted().pipeline().orElseThrow().plans())
                        .filteredOn(plan -> plan.plan().model().name().equals("apart"))
                        .singleElement()
                        .satisfies(plan ->
                                assertThat(plan.last()).as("nor computed").isEmpty());
                traffic.stop();
                assertThat(service.hosted().catchUp(ShopFixture.PATIENCE)).isTrue();
            }
            shop.verify();
        }
    }

    @Test
    void aLongRestatementGoesOnBesideTheLiveChanges() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, ORDERS, BESIDE)) {
            models(shop);
            shop.model(
                    "live",
                    "{{ config(unique_key='order_id') }} select order_id, discount from {{ source('shop', 'orders') }}");
            try (RunningService service = new RunningService(shop);
                    TargetReader reader = new TargetReader(shop.warehouse())) {
                reader.awaitMore();
                slowlyLabelled(shop, 2, " cross join {{ source('shop', 'order_items') }} c");
                service.hosted().reload();
                Await.until("it is being restated", PATIENCE, () -> isRestating(service, "labelled"));
                for (int marker = 1001; marker <= 1003; marker++) {
                    deliver(shop, marker);
                }
                assertThat(isRestating(service, "labelled"))
                        .as("it takes many minutes")
                        .isTrue();
                assertThat(isRestating(service, "labels"))
                        .as("with what reads it")
                        .isTrue();
                assertThat(service.part("models", "labelled").path("plan").asText())
                        .isEqualTo("restating");
                assertThat(service.part("models", "live").path("state").asText())
                        .isEqualTo("fresh");
                assertThat(rows(shop.warehouse(), "select distinct version from analytics.labelled"))
                        .containsExactly("1");

                // Edited again before it is finished: what was begun is dropped.
                slowlyLabelled(shop, 3, "");
                service.hosted().reload();
                Await.until("it is being restated", PATIENCE, () -> isRestating(service, "labelled"));
                deliver(shop, 1004);
                settled(service, shop, 3, reader);
                assertThat(rows(shop.warehouse(), "select discount from analytics.labelled where order_id = 1"))
                        .as("what changed meanwhile is in it")
                        .containsExactly("1004.00");
                assertThat(service.part("models", "labelled").path("state").asText())
                        .isEqualTo("fresh");
                assertThat(service.part("models", "labelled").path("plan").asText())
                        .isEqualTo("differentiate");

                labelled(shop, 4, "");
                service.hosted().reload();
                settled(service, shop, 4, reader);

                // In the same columns, so that the sums of what reads it come with its rows; then they are added to.
                labelled(shop, 5, "");
                service.hosted().reload();
                settled(service, shop, 5, reader);
                shop.execute(shop.shop(), "update orders set discount = discount + 1 where order_id <= 5");
                assertThat(service.hosted().catchUp(ShopFixture.PATIENCE)).isTrue();
                assertThat(service.part("models", "labels").path("plan").asText())
                        .isEqualTo("differentiate");
            }
            shop.verify();
        }
    }

    /** Changes an order and waits until a model that is not restated shows it. */
    static void deliver(ShopFixture shop, int discount) {
        shop.execute(shop.shop(), "update orders set discount = " + discount + " where order_id = 1");
        Await.until("the change is delivered", PATIENCE, () -> !rows(
                        shop.warehouse(), "select 1 from analytics.live where discount = " + discount)
                .isEmpty());
    }

    private static boolean isRestating(RunningService service, String model) throws Exception {
        return service.part("models", model).path("state").asText().equals("restating");
    }

    static void models(ShopFixture shop) {
        shop.keepOnly(List.of("sources"));
        labelled(shop, 1, "");
        shop.model(
                "labels",
                "select version, count(*) as orders, sum(discount) as discount from {{ ref('labelled') }} group by version");
        shop.model(
                "apart",
                "{{ config(unique_key='customer_id') }} select customer_id, name from {{ source('crm', 'customers') }}");
    }

    static void labelled(ShopFixture shop, int version, String more) {
        shop.model(
                "labelled",
                "{{ config(unique_key='order_id') }} select order_id, discount, status, " + version + " as version"
                        + more + " from {{ source('shop', 'orders') }}");
    }

    /**
     * Seconds for all orders, and some milliseconds for one.
     *
     * @param more tables, each of which makes it hundreds of times slower
     */
    static void slowlyLabelled(ShopFixture shop, int version, String more) {
        shop.model(
                "labelled",
                "{{ config(unique_key='order_id') }} select o.order_id, o.discount, o.status, " + version
                        + " as version, max(a.unit_price * b.quantity - o.discount) as highest,"
                        + " min(a.unit_price * b.quantity - a.quantity) as lowest,"
                        + " max(a.unit_price / (b.quantity + 1)) as most, min(b.unit_price / (a.quantity + 1)) as least"
                        + " from {{ source('shop', 'orders') }} o cross join {{ source('shop', 'order_items') }} a"
                        + " cross join {{ source('shop', 'order_items') }} b" + more
                        + " group by o.order_id, o.discount, o.status");
    }

    static Repeated traffic(ShopFixture shop) {
        AtomicLong turn = new AtomicLong();
        return new Repeated("traffic", shop.shop(), statement -> {
            long next = turn.incrementAndGet();
            statement.execute("update orders set discount = " + next % 50 + " where order_id in (select order_id from"
                    + " orders order by order_id limit 1 offset " + next % ORDERS + ")");
        });
    }

    private static void settled(RunningService service, ShopFixture shop, int version, TargetReader reader)
            throws Exception {
        assertThat(service.hosted().catchUp(ShopFixture.PATIENCE))
                .as("%s", service.hosted().report())
                .isTrue();
        assertThat(rows(shop.warehouse(), "select distinct version from analytics.labelled"))
                .containsExactly(String.valueOf(version));
        reader.awaitMore();
    }

    private static String versionOfApart(ShopFixture shop) throws SQLException {
        return rows(shop.warehouse(), "select count(*), max(xmin::text::bigint) from analytics.apart")
                .toString();
    }

    static List<String> rows(PostgresAddress database, String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            return Rows.of(connection, sql);
        }
    }

    /** Does something with a database over and over, on a thread of its own, until it is closed or fails. */
    static class Repeated implements AutoCloseable {

        /** One turn. */
        interface Turn {
            void run(Statement statement) throws SQLException;
        }

        private final Thread thread;
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final AtomicLong turns = new AtomicLong();
        private volatile boolean stopping;

        Repeated(String name, PostgresAddress database, Turn turn) {
            thread = new Thread(() -> run(database, turn), name);
            thread.start();
        }

        private void run(PostgresAddress database, Turn turn) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                while (!stopping) {
                    turn.run(statement);
                    turns.incrementAndGet();
                    Thread.sleep(3);
                }
            } catch (SQLException | RuntimeException | AssertionError | InterruptedException e) {
                failure.set(e);
            }
        }

        /** Waits until some turns that began after the call are over. */
        void awaitMore() throws InterruptedException {
            long wanted = turns.get() + 5;
            while (turns.get() < wanted && thread.isAlive()) {
                thread.join(5);
            }
            assertThat(failure.get()).as(thread.getName()).isNull();
        }

        long turns() {
            return turns.get();
        }

        @Override
        public void close() {
            stop();
        }

        final void stop() {
            stopping = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat(failure.get()).as(thread.getName()).isNull();
        }
    }

    /** Looks at the target all the time: never empty, never two versions, and what reads a model is of its version. */
    static final class TargetReader extends Repeated {

        TargetReader(PostgresAddress warehouse) {
            super("reader", warehouse, TargetReader::look);
        }

        private static void look(Statement statement) throws SQLException {
            try (var row = statement.executeQuery("select (select count(*) from analytics.labelled),"
                    + " (select string_agg(distinct version::text, ' ') from analytics.labelled),"
                    + " (select string_agg(version::text, ' ') from analytics.labels),"
                    + " (select sum(orders) from analytics.labels)")) {
                row.next();
                assertThat(row.getLong(1)).as("rows").isEqualTo(ORDERS);
                assertThat(row.getString(2)).as("versions").hasSize(1);
                assertThat(row.getString(3)).as("the version of what reads it").isEqualTo(row.getString(2));
                assertThat(row.getLong(4)).as("orders").isEqualTo(ORDERS);
            }
        }
    }
}
