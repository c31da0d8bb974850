package dev.freshet.deploy.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.deploy.observe.StatusReport;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.deploy.service.HostedPipeline;
import dev.freshet.state.Takeover;
import dev.freshet.state.duckdb.file.SharedFile;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.Rows;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that read tables of their own target, some delivered by the pipeline and some written by others. */
class LiveModelsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void runAgainAfterWhatTheyReadChanged() throws Exception {
        try (ShopFixture shop =
                ShopFixture.create(directory, 100, "batch:\n  interval: 50ms\npushdown_interval: 1s\n")) {
            PostgresAddress warehouse = shop.warehouse();
            shop.execute(
                    warehouse,
                    "create schema plans",
                    "create table plans.goals (country text primary key, revenue numeric)",
                    "insert into plans.goals values ('DE', 100), ('FR', 200)");
            shop.keepOnly(List.of("order_summary", "stg_orders", "stg_order_items"));
            Files.writeString(
                    shop.project().resolve("models/plans.yml"),
                    "sources:\n  - name: plans\n    schema: plans\n    tables:\n      - name: goals\n");
            shop.model("goals_seen", "{{ config(materialized='view') }} select * from {{ source('plans', 'goals') }}");
            shop.model(
                    "goals_table",
                    "{{ config(materialized='table') }} select country, revenue, now() as built_at from {{ ref('goals_seen') }}");
            shop.model(
                    "goals_and_orders",
                    "{{ config(materialized='table') }} select (select sum(revenue) from {{ ref('goals_table') }}) as goal,"
                            + " count(*) as orders from {{ ref('order_summary') }}");
            Instant built;
            try (HostedPipeline hosted = open(shop)) {
                until(warehouse, "select goal from analytics.goals_and_orders", "300");
                int orders = Integer.parseInt(rows(warehouse, "select count(*) from analytics.order_summary")
                        .get(0));
                until(warehouse, "select * from analytics.goals_and_orders", "300 " + orders);
                Await.until("all are fresh", PATIENCE, () -> states(hosted.report()).values().stream()
                        .allMatch(StatusReport.ModelState.FRESH::equals));
                assertThat(hosted.report().models())
                        .filteredOn(model -> model.ran().isPresent())
                        .extracting(StatusReport.Model::name)
                        .containsExactlyInAnyOrder("goals_seen", "goals_table", "goals_and_orders");

                shop.execute(warehouse, "update plans.goals set revenue = 150 where country = 'DE'");
                until(warehouse, "select goal from analytics.goals_and_orders", "350");

                String order = rows(warehouse, "select min(order_id) from analytics.order_summary")
                        .get(0);
                shop.execute(
                        shop.shop(),
                        "delete from order_items where order_id = " + order,
                        "delete from orders where order_id = " + order);
                until(warehouse, "select * from analytics.goals_and_orders", "350 " + (orders - 1));

                Instant before = builtAt(warehouse);
                shop.execute(warehouse, "insert into plans.goals values ('AT', 0)");
                Await.until(
                        "it is read anew", PATIENCE, () -> builtAt(warehouse).isAfter(before));
                until(warehouse, "select count(*) from analytics.goals_table", "3");
                // Counted rows of the last change are told a moment after it.
                Await.until("it rests", PATIENCE, () -> {
                    Instant now = builtAt(warehouse);
                    TimeUnit.SECONDS.sleep(4);
                    return builtAt(warehouse).equals(now);
                });
                built = builtAt(warehouse);
            }
            try (HostedPipeline hosted = open(shop)) {
                Await.until("caught up", PATIENCE, () -> hosted.catchUp(Duration.ofSeconds(1)));
                TimeUnit.SECONDS.sleep(4);
                assertThat(builtAt(warehouse))
                        .as("nothing changed while the service was away")
                        .isEqualTo(built);
                shop.execute(warehouse, "truncate plans.goals", "insert into plans.goals values ('IT', 7)");
                until(warehouse, "select goal from analytics.goals_and_orders", "7");
            }
        }
    }

    @Test
    void aModelThatFailsSaysSoAndGoesOnWhenItCan() throws Exception {
        try (ShopFixture shop =
                ShopFixture.create(directory, 100, "batch:\n  interval: 50ms\npushdown_interval: 1s\n")) {
            PostgresAddress warehouse = shop.warehouse();
            shop.keepOnly(List.of("order_summary", "stg_orders", "stg_order_items"));
            Files.writeString(
                    shop.project().resolve("models/plans.yml"),
                    "sources:\n  - name: plans\n    schema: plans\n    tables:\n      - name: goals\n");
            shop.model(
                    "goals_table", "{{ config(materialized='table') }} select * from {{ source('plans', 'goals') }}");
            shop.model("above", "{{ config(materialized='table') }} select * from {{ ref('goals_table') }}");
            try (HostedPipeline hosted = open(shop)) {
                Await.until(
                        "what reads it was tried",
                        PATIENCE,
                        () -> states(hosted.report()).get("above") == StatusReport.ModelState.FAILED);
                assertThat(states(hosted.report()))
                        .containsEntry("goals_table", StatusReport.ModelState.FAILED)
                        .containsEntry("order_summary", StatusReport.ModelState.FRESH);
                assertThat(reasons(hosted.report()))
                        .hasEntrySatisfying("goals_table", reason -> assertThat(reason)
                                .contains("relation \"plans.goals\" does not exist")
                                .doesNotContain("\n"))
                        .containsEntry("above", "a model that it reads failed");
                shop.execute(
                        warehouse,
                        "create schema plans",
                        "create table plans.goals (country text)",
                        "insert into plans.goals values ('DE')");
                until(warehouse, "select * from analytics.above", "DE");
                Await.until(
                        "it is said to be well",
                        PATIENCE,
                        () -> states(hosted.report()).get("above") == StatusReport.ModelState.FRESH);
            }
        }
    }

    @Test
    void whatRunsWhenTheServiceStopsIsNotCommitted() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100, "batch:\n  interval: 50ms\n")) {
            PostgresAddress warehouse = shop.warehouse();
            shop.execute(warehouse, "create schema plans", "create table plans.goals as select 1 as goal");
            shop.keepOnly(List.of("order_summary", "stg_orders", "stg_order_items"));
            Files.writeString(
                    shop.project().resolve("models/plans.yml"),
                    "sources:\n  - name: plans\n    schema: plans\n    tables:\n      - name: goals\n");
            shop.model(
                    "slow",
                    "{{ config(materialized='table') }} select goal, pg_sleep(6) is null as slept from {{ source('plans', 'goals') }}");
            String running =
                    "select count(*) from pg_stat_activity where state = 'active' and query like '%pg_sleep(6)%'"
                            + " and pid <> pg_backend_pid()";
            try (HostedPipeline hosted = open(shop)) {
                until(warehouse, running, "1");
                long began = System.nanoTime();
                hosted.stop();
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
            }
            until(warehouse, running, "0");
            until(warehouse, "select count(*) from pg_stat_activity where state like 'idle in%'", "0");
            assertThat(rows(warehouse, "select to_regclass('analytics.slow')")).containsExactly("null");
            assertThat(shop.settings().directory().resolve("live.json")).doesNotExist();
        }
    }

    @Test
    void deliveredTablesGetWhatIsSaidOfThemWhenTheyAreMade() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100, "batch:\n  interval: 50ms\n")) {
            PostgresAddress warehouse = shop.warehouse();
            shop.execute(warehouse, "create role reader", "create table public.hooked (place text, name text)");
            shop.keepOnly(List.of("stg_orders"));
            Files.writeString(
                    shop.project().resolve("models/order_states.yml"),
                    "models:\n  - name: order_states\n    description: Where orders stand\n");
            String config = "{{ config(materialized='table', indexes=[{'columns': ['order_id'], 'unique': true},"
                    + " {'columns': ['status', 'order_id']}], grants={'select': ['reader']},"
                    + " persist_docs={'relation': true}, pre_hook=\"insert into public.hooked values ('pre', '{{ this.name }}')\","
                    + " post_hook=\"insert into public.hooked values ('post', '{{ this.name }}')\") }} ";
            shop.model("order_states", config + "select order_id, status from {{ ref('stg_orders') }}");
            String said =
                    "select obj_description('analytics.order_states'::regclass) || ' ' || (select count(*) from pg_indexes"
                            + " where tablename = 'order_states' and indexdef ~ '\\((order_id|status, order_id)\\)') || ' '"
                            + " || has_table_privilege('reader', 'analytics.order_states', 'select')::text || ' '"
                            + " || (select string_agg(place, '+') from public.hooked)";
            try (HostedPipeline hosted = open(shop)) {
                until(warehouse, said, "Where orders stand 2 true pre+post");
                shop.execute(shop.shop(), "update orders set status = 'lost' where order_id < 10");
                Await.until("caught up", PATIENCE, () -> hosted.catchUp(Duration.ofSeconds(1)));
                until(warehouse, "select count(*) > 0 from analytics.order_states where status = 'lost'", "true");
                until(warehouse, said, "Where orders stand 2 true pre+post");
            }
            try (HostedPipeline hosted = open(shop)) {
                Await.until("caught up", PATIENCE, () -> hosted.catchUp(Duration.ofSeconds(1)));
                TimeUnit.SECONDS.sleep(7);
                until(warehouse, said, "Where orders stand 2 true pre+post");
            }
            shop.model("order_states", config + "select order_id, status, customer_id from {{ ref('stg_orders') }}");
            try (HostedPipeline hosted = open(shop)) {
                until(warehouse, said, "Where orders stand 2 true pre+post+pre+post");
                assertThat(rows(warehouse, "select count(customer_id) > 0 from analytics.order_states"))
                        .containsExactly("true");
                assertThat(hosted.fatalError()).isEmpty();
            }
        }
    }

    /** The file has one writer at a time, and that is this process for all of them. */
    @Test
    void runInADuckDbFileBesideDeliveries() throws Exception {
        try (ShopFixture shop =
                ShopFixture.create(directory, 100, "batch:\n  interval: 50ms\npushdown_interval: 1s\n")) {
            Path file = directory.resolve("warehouse.duckdb");
            try (Connection connection = SharedFile.connect("jdbc:duckdb:" + file)) {
                Rows.of(connection, "create schema plans");
                Rows.of(connection, "create table plans.goals as select 7 as goal");
            }
            shop.deliverTo(file);
            shop.keepOnly(List.of("order_summary", "stg_orders", "stg_order_items"));
            Files.writeString(
                    shop.project().resolve("models/plans.yml"),
                    "sources:\n  - name: plans\n    schema: plans\n    tables:\n      - name: goals\n");
            shop.model(
                    "goals_and_orders",
                    "{{ config(materialized='table') }} select g.goal, count(o.order_id) as orders"
                            + " from {{ source('plans', 'goals') }} as g cross join {{ ref('order_summary') }} as o group by 1");
            try (HostedPipeline hosted = open(shop)) {
                untilInFile(
                        file,
                        "select goal, orders = (select count(*) from analytics.order_summary)"
                                + " from analytics.goals_and_orders",
                        "7 true");
                for (int order = 1; order <= 20; order++) {
                    shop.execute(
                            shop.shop(),
                            "delete from order_items where order_id = " + order,
                            "delete from orders where order_id = " + order);
                    TimeUnit.MILLISECONDS.sleep(150);
                }
                Await.until("caught up", PATIENCE, () -> hosted.catchUp(Duration.ofSeconds(1)));
                untilInFile(
                        file,
                        "select goal, orders = (select count(*) from analytics.order_summary), orders < 81"
                                + " from analytics.goals_and_orders",
                        "7 true true");
                assertThat(reasons(hosted.report())).isEmpty();
            }
        }
    }

    private static void untilInFile(Path file, String sql, String row) {
        Await.until(sql + " gives " + row, PATIENCE, () -> {
            try (Connection connection = SharedFile.connect("jdbc:duckdb:" + file)) {
                return Rows.of(connection, sql).equals(List.of(row));
            } catch (SQLException e) {
                return false;
            }
        });
    }

    /** Until the query gives this; the table may not be there yet. */
    private static void until(PostgresAddress database, String sql, String row) {
        List<String> found = new ArrayList<>();
        try {
            Await.until(sql, PATIENCE, () -> {
                found.clear();
                try {
                    found.addAll(rows(database, sql));
                } catch (SQLException e) {
                    found.add(e.getMessage());
                }
                return found.equals(List.of(row));
            });
        } catch (AssertionError e) {
            throw new AssertionError(sql + " gives " + found + " instead of " + row, e);
        }
    }

    private static Instant builtAt(PostgresAddress warehouse) throws SQLException {
        return Instant.parse(rows(
                        warehouse,
                        "select to_char(max(built_at) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                                + " from analytics.goals_table")
                .get(0));
    }

    private static Map<String, StatusReport.ModelState> states(StatusReport report) {
        return report.models().stream().collect(Collectors.toMap(StatusReport.Model::name, StatusReport.Model::state));
    }

    private static Map<String, String> reasons(StatusReport report) {
        return report.models().stream()
                .filter(model -> model.reason().isPresent())
                .collect(Collectors.toMap(
                        StatusReport.Model::name, model -> model.reason().orElseThrow()));
    }

    private static List<String> rows(PostgresAddress database, String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            return Rows.of(connection, sql);
        }
    }

    private static HostedPipeline open(ShopFixture shop) {
        ParsedProject parsed = ProjectLoader.parse(
                shop.project(),
                new ProjectLoader.Options(
                        Optional.of(shop.project()),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        shop.environment(),
                        shop.project(),
                        true,
                        false,
                        Instant.now()),
                "run");
        Project project = parsed.compile();
        HostedPipeline hosted = new HostedPipeline(
                new Served(project, Optional.of(parsed)),
                new HostedPipeline.Setup(
                        shop.settings(),
                        new Plugins(),
                        Takeover.REFUSED,
                        Clock.systemUTC(),
                        new PipelineMetrics(),
                        () -> new Served(project, Optional.of(parsed)),
                        "test"));
        hosted.open();
        return hosted;
    }
}
