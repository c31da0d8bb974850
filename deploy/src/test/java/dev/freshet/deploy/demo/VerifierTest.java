package dev.freshet.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.Verifier.ModelCheck;
import dev.freshet.deploy.demo.Verifier.Verdict;
import dev.freshet.state.TableId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifierTest {

    private static DemoServers servers;
    private static Map<String, PostgresAddress> databases;

    @BeforeAll
    static void start(@TempDir Path directory) {
        servers = DemoServers.start(directory);
        databases = Map.of("shop", servers.shop(), "crm", servers.crm(), "warehouse", servers.warehouse());
        DemoSchema.create(servers.shop(), servers.crm());
        DemoSchema.seed(servers.shop(), servers.crm(), 3_000, Instant.parse("2026-11-01T00:00:00Z"));
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void theModelsGiveTheSameInPostgresAfterFiveSecondsOfTrafficAndEveryPlantedDifferenceIsFound() throws Exception {
        long seed = System.nanoTime();
        System.out.println("workload seed " + seed);
        try (DemoWorkload workload = DemoWorkload.start(
                servers.shop(),
                servers.crm(),
                new DemoWorkload.Settings(1_000, 4, 5, seed),
                DemoWorkload.MarkerListener.NONE)) {
            DemoWorkloadTest.awaitChanges(workload, 5_000);
            workload.stop();
            System.out.println(workload.counters());
            assertThat(workload.counters().lostConnections()).isZero();
        }
        // The load also removes page views, at times all of them.
        execute(servers.shop(), "insert into page_views select now(), i, '/', null from generate_series(1, 3) i");
        ShopWarehouse.fill(databases);

        List<Verdict> verdicts = verify();
        assertThat(verdicts).hasSameSizeAs(ShopProject.MODELS).allSatisfy(verdict -> {
            assertThat(verdict.equal()).as("%s", verdict).isTrue();
            assertThat(verdict.expectedRows()).isEqualTo(verdict.deliveredRows());
        });
        assertThat(verdicts)
                .filteredOn(verdict -> verdict.expectedRows() == 0)
                .extracting(verdict -> verdict.table().name())
                .isSubsetOf("front_page");

        plant(
                "update analytics.order_summary set net_amount = net_amount + 0.01 where order_id = (select min(order_id) from analytics.order_summary)");
        plant("insert into analytics.page_interest select * from analytics.page_interest limit 2");
        plant(
                "delete from analytics.daily_sales where (ordered_on, country) = (select ordered_on, country from analytics.daily_sales limit 1)");
        plant("alter table analytics.open_orders drop column notes");
        plant("drop table analytics.ticket_desk");
        plant(
                "update analytics.customer_value set segment = '' where customer_id in (select customer_id from analytics.customer_value where segment is null limit 1)");

        Map<String, Verdict> found =
                verify().stream().collect(Collectors.toMap(v -> v.table().name(), v -> v));
        assertThat(found.get("order_summary")).satisfies(verdict -> {
            assertThat(verdict.missing()).isEqualTo(1);
            assertThat(verdict.unexpected()).isEqualTo(1);
            assertThat(verdict.examples()).hasSize(2).anyMatch(text -> text.startsWith("missing: order_id="));
        });
        assertThat(found.get("page_interest").unexpected()).isEqualTo(2);
        assertThat(found.get("page_interest").missing()).isZero();
        assertThat(found.get("daily_sales").missing()).isEqualTo(1);
        assertThat(found.get("open_orders").problem().orElseThrow()).contains("the model has the columns");
        assertThat(found.get("ticket_desk").problem().orElseThrow()).contains("no table");
        assertThat(found.get("customer_value").missing()).isEqualTo(1);
        assertThat(found.get("latest_orders").equal()).isTrue();
    }

    @Test
    void valuesAreComparedExactlyAcrossTheirTypes() throws SQLException {
        plant("create schema if not exists odd; drop table if exists odd.types");
        plant(
                """
                create table odd.types as select 1.2300::numeric as a, 12345678901234567890::numeric(38, 0) as b, '{"x": 1}'::jsonb as c,
                    '\\x00ff'::bytea as d, ''::text as e, null::text as f, 'NaN'::float8 as g, 'infinity'::timestamptz as h, 7::smallint as i""");
        ModelCheck same = new ModelCheck(
                new TableId("warehouse", "odd", "types"),
                """
                select 1.23::decimal(10,2) as a, 12345678901234567890::hugeint as b, '{"x":1}'::json as c, '\\x00\\xFF'::blob as d,
                    '' as e, null::varchar as f, 'nan'::double as g, 'infinity'::timestamptz as h, 7::bigint as i""");
        assertThat(new Verifier(databases).verify(List.of(), List.of(same)))
                .singleElement()
                .satisfies(
                        verdict -> assertThat(verdict.equal()).as("%s", verdict).isTrue());

        plant("update odd.types set a = 1.2301");
        assertThat(new Verifier(databases)
                        .verify(List.of(), List.of(same))
                        .get(0)
                        .missing())
                .isEqualTo(1);
    }

    @Test
    void theProbeSeesWholeMarkersAndCountsTornOnes() throws Exception {
        plant(
                """
                create schema if not exists probed;
                create table probed.order_summary (order_id bigint primary key, item_count bigint);
                create table probed.open_order_lines (order_id bigint, line_no int, primary key (order_id, line_no))""");
        try (FreshnessProbe probe = FreshnessProbe.start(servers.warehouse(), "probed", Duration.ofMillis(2));
                Connection target = servers.warehouse().connect();
                Statement statement = target.createStatement()) {
            target.setAutoCommit(false);
            AtomicLong sent = new AtomicLong(System.nanoTime());
            probe.committed(1, sent.get());
            probe.committed(2, sent.get());
            statement.execute("insert into probed.order_summary values (1, 3), (2, 3)");
            statement.execute("insert into probed.open_order_lines select 1, generate_series(1, 3)");
            assertThat(probe.awaitAllVisible(Duration.ofMillis(100))).isFalse();
            target.commit();
            assertThat(probe.awaitAllVisible(Duration.ofSeconds(20))).isTrue();

            assertThat(probe.overall()).satisfies(freshness -> {
                assertThat(freshness.visible()).isEqualTo(2);
                assertThat(freshness.torn()).isEqualTo(1);
                assertThat(freshness.p50()).isBetween(Duration.ofMillis(100), Duration.ofSeconds(20));
            });
            assertThat(probe.recent(Duration.ofNanos(1)).p99()).isZero();
            probe.restart();
            assertThat(probe.overall().visible()).isZero();
        }
    }

    @Test
    void percentilesAreByNearestRank() {
        long[] sorted = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        assertThat(FreshnessProbe.percentile(sorted, 0.5).toNanos()).isEqualTo(5);
        assertThat(FreshnessProbe.percentile(sorted, 0.99).toNanos()).isEqualTo(10);
        assertThat(FreshnessProbe.percentile(new long[] {7}, 0.5).toNanos()).isEqualTo(7);
    }

    private static List<Verdict> verify() {
        return new Verifier(databases).verify(ShopProject.SOURCES, ShopProject.checks());
    }

    private static void plant(String sql) throws SQLException {
        execute(servers.warehouse(), sql);
    }

    private static void execute(PostgresAddress database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
