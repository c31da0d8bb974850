package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.TableReader;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.Rows;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promises 3 and 4: a cycle works on a batch while it is committed to staging, and keeps nothing of it before that has happened. */
class StagingBesideTheCycleTest {

    private static final Duration PATIENCE = ShopFixture.PATIENCE;

    @TempDir
    Path directory;

    /** What happens around telling the cycle of a batch that is not durable yet. */
    private interface Staging {
        void commit(StagedBatch batch, Consumer<StagedBatch> written) throws InterruptedException;
    }

    private volatile Staging staging = (batch, written) -> written.accept(batch);
    private final AtomicInteger maintained = new AtomicInteger();

    @Test
    void nothingIsKeptOfABatchThatIsNotDurable() throws Exception {
        try (ShopFixture shop = shop();
                Pipeline pipeline = start(shop)) {
            caughtUp(pipeline);
            CountDownLatch durable = new CountDownLatch(1);
            staging = (batch, written) -> {
                written.accept(batch);
                assertThat(durable.await(30, TimeUnit.SECONDS)).isTrue();
            };
            SourcePosition cut = position(pipeline);
            int before = maintained.get();
            change(shop, 1);
            Await.until("the cycle has worked on it", PATIENCE, () -> maintained.get() > before);
            TimeUnit.MILLISECONDS.sleep(500);
            assertThat(position(pipeline)).isEqualTo(cut);
            assertThat(names(shop)).doesNotContain("changed 1");
            durable.countDown();
            Await.until("it is delivered", PATIENCE, () -> names(shop).contains("changed 1"));
            assertThat(position(pipeline).isAfter(cut)).isTrue();
            caughtUp(pipeline);
            shop.verify();
        }
    }

    @Test
    void whatCouldNotBeStagedIsCapturedAgain() throws Exception {
        try (ShopFixture shop = shop();
                Pipeline pipeline = start(shop)) {
            caughtUp(pipeline);
            AtomicInteger failures = new AtomicInteger(3);
            SourcePosition cut = position(pipeline);
            staging = (batch, written) -> {
                int before = maintained.get();
                written.accept(batch);
                if (failures.get() > 0) {
                    Await.until("the cycle has worked on it", PATIENCE, () -> maintained.get() > before);
                    assertThat(position(pipeline)).isEqualTo(cut);
                    failures.decrementAndGet();
                    throw new FreshetException(ErrorKind.RETRYABLE, "no space left");
                }
            };
            change(shop, 1);
            Await.until("it is delivered", PATIENCE, () -> names(shop).contains("changed 1"));
            assertThat(failures).hasValue(0);
            change(shop, 2);
            caughtUp(pipeline);
            shop.verify();
        }
    }

    /** It then reads staging, where the batch of that cycle has to be. */
    @Test
    void aSnapshotThatGoesOnSeesTheBatchOfItsCycle() throws Exception {
        try (ShopFixture shop = shop()) {
            snapshotOfCustomers(shop);
            TableId versions = new TableId("warehouse", "analytics", "customer_versions");
            try (Pipeline pipeline = start(shop)) {
                caughtUp(pipeline);
                pipeline.pause(Pauses.NONE.with(new Pauses.Subject.Model(versions)));
                Await.until(
                        "it is held", PATIENCE, () -> pipeline.status().held().containsKey(versions));
                change(shop, 1);
                caughtUp(pipeline);
                staging = (batch, written) -> {
                    pipeline.pause(Pauses.NONE);
                    written.accept(batch);
                    TimeUnit.MILLISECONDS.sleep(700);
                };
                change(shop, 2, 3);
                caughtUp(pipeline);
                staging = (batch, written) -> written.accept(batch);
                change(shop, 4);
                caughtUp(pipeline);
                Await.until("every version is there", Duration.ofSeconds(20), () -> rows(
                                shop,
                                "select name from analytics.customer_versions where customer_id = 1 and name like 'changed%' order by 1")
                        .equals(List.of("changed 1", "changed 2", "changed 3", "changed 4")));
            }
        }
    }

    private ShopFixture shop() {
        ShopFixture shop = ShopFixture.create(directory, 200);
        shop.model("customers_copy", "select customer_id, name from {{ source('crm', 'customers') }}");
        return shop;
    }

    private static void snapshotOfCustomers(ShopFixture shop) throws IOException {
        Files.createDirectories(shop.project().resolve("snapshots"));
        Files.writeString(
                shop.project().resolve("snapshots/customers.yml"),
                """
                snapshots:
                  - name: customer_versions
                    relation: source('crm', 'customers')
                    config: {unique_key: customer_id, strategy: captured}
                """);
    }

    /** In one transaction. */
    private static void change(ShopFixture shop, int... numbers) {
        shop.execute(
                shop.crm(),
                IntStream.of(numbers)
                        .mapToObj(
                                number -> "update customers set name = 'changed " + number + "' where customer_id = 1")
                        .collect(Collectors.joining("; ")));
    }

    private static List<String> names(ShopFixture shop) {
        return rows(shop, "select name from analytics.customers_copy where customer_id = 1");
    }

    private static List<String> rows(ShopFixture shop, String sql) {
        try (Connection connection = shop.warehouse().connect()) {
            return Rows.of(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SourcePosition position(Pipeline pipeline) {
        return pipeline.status().cut().position("crm");
    }

    private static void caughtUp(Pipeline pipeline) throws InterruptedException {
        assertThat(pipeline.catchUp(PATIENCE)).as("%s", pipeline.status()).isTrue();
    }

    private Pipeline start(ShopFixture shop) {
        return Pipeline.start(
                shop.load(),
                shop.settings(),
                new Parts(),
                Takeover.REFUSED,
                Clock.systemUTC(),
                (step, subject) -> {
                    if (step == Step.MAINTAINED) {
                        maintained.incrementAndGet();
                    }
                },
                new PipelineListener() {});
    }

    /** The usual ones, but for what happens between writing and committing. */
    private final class Parts implements Pipeline.Parts {

        private final Plugins plugins = new Plugins();

        @Override
        public StagingArea staging(ServiceSettings settings) {
            StagingArea area = plugins.staging(settings);
            return (StagingArea) Proxy.newProxyInstance(
                    StagingArea.class.getClassLoader(),
                    new Class<?>[] {StagingArea.class},
                    (proxy, method, arguments) -> {
                        Object[] given = arguments == null ? new Object[0] : arguments.clone();
                        if (method.getName().equals("stage") && given.length == 2) {
                            @SuppressWarnings("unchecked")
                            Consumer<StagedBatch> written = (Consumer<StagedBatch>) given[1];
                            given[1] = (Consumer<StagedBatch>) batch -> commit(batch, written);
                        }
                        try {
                            return method.invoke(area, given);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }

        private void commit(StagedBatch batch, Consumer<StagedBatch> written) {
            try {
                staging.commit(batch, written);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        @Override
        public StateStore state(ServiceSettings settings) {
            return plugins.state(settings);
        }

        @Override
        public ChangeSourceFactory source(dev.freshet.state.Connection connection) {
            return plugins.source(connection);
        }

        @Override
        public TargetFactory target(dev.freshet.state.Connection connection) {
            return plugins.target(connection);
        }

        @Override
        public TableReader reader(dev.freshet.state.Connection connection) {
            return plugins.reader(connection);
        }
    }
}
