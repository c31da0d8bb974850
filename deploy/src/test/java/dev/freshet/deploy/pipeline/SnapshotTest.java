package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.file.SharedFile;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.Rows;
import dev.freshet.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that the service keeps: looked at on an interval, or made of each captured change; begun by dbt, and continued after anything. */
class SnapshotTest {

    private static final Duration PATIENCE = ShopFixture.PATIENCE;
    private static final String SETTINGS = "batch:\n  interval: 50ms\nsnapshot_interval: 300ms\n";

    /** Opens the target. */
    private interface Target {
        Connection connect() throws SQLException;
    }

    @TempDir
    Path directory;

    @Test
    void inPostgres() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100, SETTINGS)) {
            PostgresAddress warehouse = shop.warehouse();
            keepsWhatRowsWere(shop, warehouse::connect);
        }
    }

    @Test
    void inADuckDbFile() throws Exception {
        Path file = directory.resolve("lake.duckdb");
        try (ShopFixture shop = ShopFixture.create(directory, 100, SETTINGS)) {
            shop.deliverTo(file);
            keepsWhatRowsWere(shop, () -> SharedFile.connect("jdbc:duckdb:" + file));
        }
    }

    @Test
    void eachChangeIsAVersionOnceWhateverStepIsTheLast() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100, SETTINGS)) {
            project(shop);
            shop.execute(shop.crm(), "insert into people values (7, 'v0', 'NL', '2026-01-01', 0)");
            int updates = 0;
            PostgresAddress warehouse = shop.warehouse();
            try (Pipeline pipeline = shop.start()) {
                caughtUp(pipeline);
            }
            for (Step step : List.of(Step.MAINTAINED, Step.COMMITTED, Step.PUBLISHED)) {
                for (int i = 0; i < 5; i++) {
                    updates++;
                    shop.execute(shop.crm(), "update people set name = 'v" + updates + "' where id = 7");
                }
                crashAfter(shop, step);
            }
            try (Pipeline pipeline = shop.start()) {
                caughtUp(pipeline);
            }
            List<String> expected = new ArrayList<>();
            for (int i = 0; i <= updates; i++) {
                expected.add("v" + i);
            }
            assertThat(
                            rows(
                                    warehouse::connect,
                                    "select name from analytics.people_captured where id = 7 order by dbt_log_position nulls first, dbt_log_sequence nulls first"))
                    .containsExactlyElementsOf(expected);
            assertThat(rows(
                            warehouse::connect,
                            "select name from analytics.people_captured where id = 7 and dbt_valid_to is null"))
                    .containsExactly("v" + updates);
        }
    }

    /** Staging folds changes that the state store has; those of a captured snapshot must wait for its target. */
    @Test
    void whatItsTargetDoesNotHaveIsNotForgottenWithTheStateStore() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100, SETTINGS + "staging:\n  upkeep_interval: 200ms\n")) {
            project(shop);
            PostgresAddress warehouse = shop.warehouse();
            long staged;
            try (Pipeline pipeline = shop.start()) {
                caughtUp(pipeline);
                pipeline.pause(Pauses.NONE.with(new Pauses.Subject.Target("warehouse")));
                shop.execute(
                        shop.crm(),
                        "do $$ begin for i in 1..6000 loop update people set points = i where id = 1; end loop; end $$");
                caughtUp(pipeline);
                staged = pipeline.status().staging().stagedRows();
                long until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
                while (System.nanoTime() < until) {
                    assertThat(pipeline.status().staging().stagedRows()).isGreaterThanOrEqualTo(6_000);
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
            assertThat(staged).isGreaterThanOrEqualTo(6_000);
            assertThat(rows(warehouse::connect, "select count(*) from analytics.people_captured where id = 1"))
                    .containsExactly("1");
            deleteState(shop);
            try (Pipeline pipeline = shop.start()) {
                pipeline.pause(Pauses.NONE);
                caughtUp(pipeline);
                assertThat(
                                rows(
                                        warehouse::connect,
                                        "select count(*), count(distinct points), max(points) from analytics.people_captured where id = 1"))
                        .containsExactly("6001 6001 6000");
                TableId captured = new TableId("warehouse", "analytics", "people_captured");
                pipeline.pause(Pauses.NONE.with(new Pauses.Subject.Model(captured)));
                Await.until(
                        "it is held", PATIENCE, () -> pipeline.status().held().containsKey(captured));
                shop.execute(
                        shop.crm(),
                        "update people set points = 7000 where id = 1",
                        "update people set points = 7001 where id = 1");
                assertThat(pipeline.catchUp(PATIENCE)).isTrue();
                pipeline.pause(Pauses.NONE);
                until(
                        warehouse::connect,
                        "select points from analytics.people_captured where id = 1 and points > 6000 order by 1",
                        "7000",
                        "7001");
                Await.until(
                        "now they are folded",
                        PATIENCE,
                        () -> pipeline.status().staging().stagedRows() < 6_000);
            }
        }
    }

    private static void keepsWhatRowsWere(ShopFixture shop, Target target) throws Exception {
        project(shop);
        // What dbt's own snapshot left before Freshet came: a version that ended, a current one that is stale, and one
        // whose row has gone.
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema if not exists analytics");
            statement.execute(
                    "create table analytics.people_check (id int, name varchar, country varchar, updated_at timestamp, points int,"
                            + " dbt_scd_id varchar, dbt_updated_at timestamp, dbt_valid_from timestamp, dbt_valid_to timestamp)");
            statement.execute("insert into analytics.people_check values"
                    + " (1, 'Anna', 'BE', '2025-01-01', 1, 'id-of-dbt-1', '2025-01-01', '2025-01-01', '2025-06-01'),"
                    + " (1, 'Anne', 'BE', '2025-06-01', 1, 'id-of-dbt-2', '2025-06-01', '2025-06-01', null),"
                    + " (900, 'Gone', 'XX', '2025-01-01', 1, 'id-of-dbt-3', '2025-01-01', '2025-01-01', null)");
        }
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table analytics.people_captured (id int, name varchar, country varchar, updated_at timestamp, points int,"
                            + " dbt_scd_id varchar, dbt_updated_at timestamp, dbt_valid_from timestamp, dbt_valid_to timestamp)");
            statement.execute("insert into analytics.people_captured values"
                    + " (1, 'Ann', 'NL', '2026-01-01', 0, 'id-of-dbt-4', '2026-01-01', '2026-01-01', null),"
                    + " (900, 'Gone', 'XX', '2025-01-01', 1, 'id-of-dbt-5', '2025-01-01', '2025-01-01', null)");
        }
        try (Pipeline pipeline = shop.start()) {
            caughtUp(pipeline);
            assertThat(
                            rows(
                                    target,
                                    "select id, dbt_scd_id like 'id-of-dbt%', dbt_valid_to is null from analytics.people_captured order by id"))
                    .map(row -> row.replace("true", "t").replace("false", "f"))
                    .as("what is as dbt saw it last is no new version")
                    .containsExactly("1 t t", "2 f t", "900 t f");
            until(target, "select count(*) from analytics.people_check", "5");
            assertThat(
                            rows(
                                    target,
                                    "select dbt_scd_id, dbt_valid_to is null from analytics.people_check where dbt_scd_id like 'id-of-dbt%' order by 1"))
                    .as("the table of dbt is continued")
                    .satisfiesExactly(
                            ended -> assertThat(ended).startsWith("id-of-dbt-1 f"),
                            stale -> assertThat(stale).startsWith("id-of-dbt-2 f"),
                            gone -> assertThat(gone).startsWith("id-of-dbt-3 f"));
            assertThat(
                            rows(
                                    target,
                                    "select name, dbt_updated_at = updated_at and dbt_valid_from = updated_at from analytics.people_time order by id"))
                    .satisfiesExactly(ann -> assertThat(ann).startsWith("Ann t"), bob -> assertThat(bob)
                            .startsWith("Bob t"));

            fiftyVersionsInOneBatch(shop, pipeline, target);
            everyStrategySeesChangesAndDeletes(shop, pipeline, target);
        }
        List<String> captured = rows(
                target,
                "select id, name, points, dbt_scd_id, dbt_valid_from, dbt_valid_to from analytics.people_captured order by dbt_scd_id");
        deleteState(shop);
        try (Pipeline pipeline = shop.start()) {
            caughtUp(pipeline);
            assertThat(
                            rows(
                                    target,
                                    "select id, name, points, dbt_scd_id, dbt_valid_from, dbt_valid_to from analytics.people_captured order by dbt_scd_id"))
                    .as("read back and not recorded again")
                    .isEqualTo(captured);
            shop.execute(
                    shop.crm(),
                    "update people set points = 1000 where id = 3",
                    "update people set points = 1001 where id = 3");
            caughtUp(pipeline);
            assertThat(rows(
                            target,
                            "select points from analytics.people_captured where points >= 1000 order by points"))
                    .containsExactly("1000", "1001");
            assertThat(rows(target, "select versions from analytics.version_count where id = 3"))
                    .isEqualTo(rows(target, "select count(*) from analytics.people_captured where id = 3"));
        }
    }

    private static void fiftyVersionsInOneBatch(ShopFixture shop, Pipeline pipeline, Target target) throws Exception {
        long before = Long.parseLong(
                rows(target, "select count(*) from analytics.people_captured").get(0));
        List<String> updates = new ArrayList<>();
        updates.add("begin");
        for (int i = 1; i <= 50; i++) {
            updates.add("update people set points = " + i + ", updated_at = '2026-02-01' where id = 1");
        }
        updates.add("update people set name = name where id = 2");
        updates.add("commit");
        shop.execute(shop.crm(), updates.toArray(String[]::new));
        caughtUp(pipeline);
        assertThat(rows(target, "select count(*) from analytics.people_captured"))
                .as("an update that changes nothing makes no version")
                .containsExactly(Long.toString(before + 50));
        List<String> points = new ArrayList<>();
        for (int i = 0; i <= 50; i++) {
            points.add(Integer.toString(i));
        }
        assertThat(
                        rows(
                                target,
                                "select points from analytics.people_captured where id = 1 order by dbt_log_position nulls first, dbt_log_sequence nulls first"))
                .containsExactlyElementsOf(points);
        assertThat(rows(target, "select points from analytics.people_captured where id = 1 and dbt_valid_to is null"))
                .containsExactly("50");
        assertThat(rows(
                        target,
                        "select count(*) from (select dbt_valid_to, lead(dbt_valid_from) over (order by dbt_log_position nulls first, dbt_log_sequence nulls first) as next"
                                + " from analytics.people_captured where id = 1) v where dbt_valid_to = next"))
                .as("each ends where the next begins")
                .containsExactly("50");
        assertThat(rows(target, "select count(distinct dbt_scd_id) from analytics.people_captured"))
                .containsExactly(Long.toString(before + 50));
        until(target, "select points from analytics.people_time where id = 1 and dbt_valid_to is null", "50");
        assertThat(rows(target, "select count(*) from analytics.people_time where id = 1"))
                .as("a look sees the last state only")
                .containsExactly("2");
    }

    private static void everyStrategySeesChangesAndDeletes(ShopFixture shop, Pipeline pipeline, Target target)
            throws Exception {
        shop.execute(
                shop.crm(),
                "update people set name = 'Bobby', updated_at = '2026-03-01' where id = 2",
                "update people set id = 3 where id = 2",
                "delete from people where id = 1",
                "insert into people values (1, 'Ann again', 'NL', '2026-03-02', 1)",
                "delete from people where id = 1");
        caughtUp(pipeline);
        assertThat(
                        rows(
                                target,
                                "select id, name, dbt_valid_to is null from analytics.people_captured where id in (2, 3) or name like '% again' order by dbt_log_position nulls first, dbt_log_sequence nulls first"))
                .map(row -> row.replace("true", "t").replace("false", "f"))
                .containsExactly("2 Bob f", "2 Bobby f", "3 Bobby t", "1 Ann again f");
        assertThat(rows(target, "select count(*) from analytics.people_captured where id = 1 and dbt_valid_to is null"))
                .containsExactly("0");
        until(target, "select name from analytics.people_time where dbt_valid_to is null", "Bobby");
        until(
                target,
                "select name, dbt_is_deleted from analytics.people_record where dbt_valid_to is null order by id",
                "Ann True",
                "Bob True",
                "Bobby False");
        assertThat(rows(target, "select count(*) from analytics.people_check where dbt_valid_to is null"))
                .containsExactly("1");
        assertThat(rows(target, "select versions from analytics.version_count where id = 1"))
                .containsExactly("52");
    }

    private static void project(ShopFixture shop) throws IOException {
        try (Stream<Path> files = Files.walk(shop.project().resolve("models"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        Files.writeString(
                shop.project().resolve("models/sources.yml"),
                "sources:\n  - {name: crm, connection: crm, schema: public, tables: [{name: people}]}\n");
        Files.createDirectories(shop.project().resolve("snapshots"));
        Files.writeString(
                shop.project().resolve("snapshots/people.yml"),
                """
                snapshots:
                  - name: people_captured
                    relation: source('crm', 'people')
                    config: {unique_key: id, strategy: captured}
                  - name: people_time
                    relation: source('crm', 'people')
                    config: {unique_key: id, strategy: timestamp, updated_at: updated_at, hard_deletes: invalidate}
                  - name: people_check
                    relation: source('crm', 'people')
                    config: {unique_key: id, strategy: check, check_cols: [name, country], hard_deletes: invalidate}
                  - name: people_record
                    relation: source('crm', 'people')
                    config: {unique_key: id, strategy: check, check_cols: all, hard_deletes: new_record}
                """);
        shop.model(
                "version_count",
                "{{ config(materialized='table') }} select id, count(*) as versions from {{ ref('people_captured') }} group by id");
        shop.execute(
                shop.crm(),
                "create table people (id int primary key, name text, country text, updated_at timestamp, points int)",
                "insert into people values (1, 'Ann', 'NL', '2026-01-01', 0), (2, 'Bob', 'NL', '2026-01-01', 0)");
    }

    private static void crashAfter(ShopFixture shop, Step step) {
        try (ServiceProcess service = ServiceProcess.start(new ServiceProcess.Launch(
                CrashingService.class.getName(),
                List.of(shop.project().toString(), step.name(), "1"),
                List.of("-XX:TieredStopAtLevel=1"),
                shop.environment(),
                shop.project()))) {
            assertThat(service.awaitExit(Duration.ofSeconds(90)))
                    .as("%s:\n%s", step, String.join("\n", service.output()))
                    .isEqualTo(CrashingService.EXIT);
        }
    }

    private static void caughtUp(Pipeline pipeline) throws InterruptedException {
        assertThat(pipeline.catchUp(PATIENCE)).as("%s", pipeline.status()).isTrue();
        assertThat(pipeline.status().failing()).isEmpty();
        assertThat(pipeline.status().held()).isEmpty();
    }

    private static void until(Target target, String sql, String... expected) {
        List<String> last = new ArrayList<>();
        try {
            Await.until(sql, Duration.ofSeconds(30), () -> {
                last.clear();
                last.addAll(rows(target, sql));
                return last.equals(List.of(expected));
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ": " + last, e);
        }
    }

    private static void deleteState(ShopFixture shop) throws IOException {
        try (Stream<Path> files = Files.walk(shop.settings().stateFile().getParent())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static List<String> rows(Target target, String sql) throws SQLException {
        try (Connection connection = target.connect()) {
            return Rows.of(connection, sql);
        }
    }
}
