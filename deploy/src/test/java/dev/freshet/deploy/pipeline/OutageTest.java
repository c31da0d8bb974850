package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.ServiceProcess;
import dev.freshet.testkit.TcpProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promises 4 and 6: what is broken stays alone with it, and heals by itself. */
class OutageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void aTargetThatIsDownHoldsBackNobodyAndCatchesUp() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 500);
                TcpProxy proxy = TcpProxy.to(shop.shop().host(), shop.shop().port())) {
            addSecondTarget(shop, proxy);
            try (Pipeline pipeline = shop.start()) {
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                proxy.cut();
                try (DemoWorkload load = shop.workload(500, 1)) {
                    Await.until("the outage is noticed", PATIENCE, () -> status(pipeline, "second")
                            .problem()
                            .isPresent());
                    long before = confirmed(shop.shop());
                    long cut = status(pipeline, "warehouse").deliveredCut();
                    long second = status(pipeline, "second").deliveredCut();
                    Await.until("the slot goes on", PATIENCE, () -> confirmed(shop.shop()) > before + 100_000);
                    Await.until(
                            "the other target goes on",
                            PATIENCE,
                            () -> status(pipeline, "warehouse").deliveredCut() > cut + 20);
                    assertThat(status(pipeline, "second").deliveredCut()).isEqualTo(second);
                    load.stop();
                }
                proxy.restore();
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
            }
            assertThat(rows(shop.warehouse(), "select count(*) from second.customers_copy"))
                    .isEqualTo(rows(shop.crm(), "select count(*) from customers"));
            shop.verify();
        }
    }

    @Test
    void aModelThatFailsStopsOnlyItselfAndRejoins() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 500)) {
            shop.model(
                    "fragile",
                    """
                    select customer_id, cast(name as integer) as n from {{ source('crm', 'customers') }}
                    where name like 'number %' or name like '1%'
                    """);
            shop.model("on_fragile", "select count(*) as n from {{ ref('fragile') }}");
            try (Pipeline pipeline = shop.start()) {
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                shop.execute(
                        shop.crm(),
                        "insert into customers select max(customer_id) + 1, 'number one', null, null, "
                                + "'NL', null, true, null, null from customers");
                Await.until("the failure is told", PATIENCE, () -> pipeline.status().failing().keySet().stream()
                        .anyMatch(model -> model.name().equals("fragile")));
                assertThat(pipeline.status().failing().values())
                        .anySatisfy(reason -> assertThat(reason).contains("fragile"));
                long customers = rows(shop.crm(), "select count(*) from customers");
                Await.until(
                        "the others stay fresh",
                        PATIENCE,
                        () -> rows(shop.warehouse(), "select count(*) from analytics.customer_value") == customers);
                shop.execute(shop.crm(), "update customers set name = '11' where name = 'number one'");
                Await.until(
                        "it rejoins",
                        PATIENCE,
                        () -> rows(shop.warehouse(), "select n from analytics.on_fragile") == 1);
                assertThat(pipeline.status().failing()).isEmpty();
            }
            shop.verify();
        }
    }

    @Test
    void aDeletedStateStoreIsRebuiltFromStaging() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 500)) {
            try (DemoWorkload load = shop.workload(300, 3)) {
                try (Pipeline pipeline = shop.start()) {
                    assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                            .as("%s", pipeline.status())
                            .isTrue();
                    Await.until(
                            "some cuts", PATIENCE, () -> pipeline.status().cut().number() > 30);
                }
                delete(shop.settings().stateFile().getParent());
                load.stop();
            }
            long slots = rows(shop.shop(), "select count(*) from pg_replication_slots");
            shop.catchUpAndVerify();
            assertThat(rows(shop.shop(), "select count(*) from pg_replication_slots"))
                    .isEqualTo(slots);
        }
    }

    @Test
    void aSecondInstanceIsRefusedAndAZombieChangesNothing() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 500)) {
            try (ServiceProcess first = ServiceProcess.start(new ServiceProcess.Launch(
                    dev.freshet.deploy.Main.class.getName(),
                    List.of("serve", "--project-dir", shop.project().toString()),
                    List.of(),
                    shop.environment(),
                    shop.project()))) {
                first.awaitLine("Serving pipeline", ShopFixture.PATIENCE);
                assertThatThrownBy(shop::start)
                        .isInstanceOf(FreshetException.class)
                        .hasMessageContaining(Long.toString(first.pid()))
                        .hasMessageContaining("--take-over");
                try (DemoWorkload load = shop.workload(200, 5)) {
                    first.awaitLine("captured", ShopFixture.PATIENCE);
                    first.sigstop();
                    // The zombie still holds the state file's lock and the slot's connection, as one on another host
                    // would
                    // not: the new owner works in a directory of its own, on the same staging.
                    // Its walsender is ended by PostgreSQL when it no longer answers; here that is done at once.
                    shop.execute(
                            shop.shop(),
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where active");
                    Files.writeString(
                            shop.project().resolve("freshet.yml"),
                            "directory: .freshet2\nbatch:\n  interval: 50ms\nstaging:\n  directory: .freshet/staging\n");
                    try (Pipeline second = shop.start(Takeover.ALLOWED)) {
                        assertThat(second.catchUp(ShopFixture.PATIENCE))
                                .as("%s %s", second.status(), second.fatalError())
                                .isTrue();
                        first.sigcont();
                        assertThat(first.awaitExit(ShopFixture.PATIENCE)).isEqualTo(1);
                        load.stop();
                        assertThat(second.catchUp(ShopFixture.PATIENCE))
                                .as("%s %s", second.status(), second.fatalError())
                                .isTrue();
                        assertThat(second.fatalError()).isEmpty();
                    }
                }
            }
            shop.verify();
        }
    }

    private static void addSecondTarget(ShopFixture shop, TcpProxy proxy) throws Exception {
        Path profiles = shop.project().resolve("profiles.yml");
        Files.writeString(
                profiles,
                Files.readString(profiles)
                        + """

                    second:
                      type: postgres
                      host: 127.0.0.1
                      port: %d
                      user: postgres
                      password: postgres
                      dbname: warehouse
                      schema: second
                """
                                .formatted(proxy.port()));
        shop.model(
                "customers_copy",
                "{{ config(target='second', unique_key='customer_id') }} select * from {{ source('crm', 'customers') }}");
    }

    private static PipelineStatus.Target status(Pipeline pipeline, String target) {
        return pipeline.status().targets().stream()
                .filter(status -> status.name().equals(target))
                .findFirst()
                .orElseThrow();
    }

    /** How far the source may forget, as a number that grows. */
    private static long confirmed(PostgresAddress database) {
        return rows(
                database,
                "select (confirmed_flush_lsn - '0/0'::pg_lsn)::bigint from pg_replication_slots where database = '"
                        + database.database() + "'");
    }

    private static long rows(PostgresAddress database, String sql) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getLong(1) : -1;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static void delete(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
