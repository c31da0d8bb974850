package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.state.Takeover;
import dev.freshet.state.duckdb.file.SharedFile;
import dev.freshet.testkit.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Incremental models under the service: their history survives deletes at the source, a lost state store, and began before Freshet came. */
class HistoryTest {

    /** Opens the target. */
    private interface Target {
        Connection connect() throws SQLException;
    }

    @TempDir
    Path directory;

    @Test
    void inPostgres() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            PostgresAddress warehouse = shop.warehouse();
            keepsHistory(shop, warehouse::connect);
        }
    }

    @Test
    void inADuckDbFile() throws Exception {
        Path file = directory.resolve("lake.duckdb");
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            shop.deliverTo(file);
            keepsHistory(shop, () -> SharedFile.connect("jdbc:duckdb:" + file));
        }
    }

    @Test
    void aFullRefreshReplacesWhatIsNotProtected() throws Exception {
        Path file = directory.resolve("lake.duckdb");
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            Target target = () -> SharedFile.connect("jdbc:duckdb:" + file);
            shop.deliverTo(file);
            models(shop);
            shop.model(
                    "guarded",
                    "{{ config(materialized='incremental', unique_key='id', full_refresh=false) }} select id, name from {{ source('crm', 'people') }}");
            Files.createDirectories(shop.project().resolve("snapshots"));
            Files.writeString(
                    shop.project().resolve("snapshots/s.yml"),
                    "snapshots:\n  - {name: seen, relation: \"source('crm', 'people')\", config: {unique_key: id, strategy: captured}}\n");
            execute(
                    shop.crm(),
                    "create table people (id int primary key, name text, country text, credit numeric(12,2), since timestamptz)",
                    "insert into people values (1, 'Ann', 'NL', null, null), (2, 'Bob', 'NL', null, null)");
            try (Connection connection = target.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("create schema analytics");
                statement.execute("create table analytics.guarded (id int, name varchar)");
                statement.execute("insert into analytics.guarded values (900, 'Old')");
            }
            serve(shop);
            execute(
                    shop.crm(),
                    "delete from people where id = 2",
                    "insert into people values (3, 'Cleo', 'FR', null, null)");
            serve(shop);
            assertThat(rows(target, "select id from analytics.latest order by id"))
                    .containsExactly("1", "2", "3");
            assertThat(rows(target, "select id from analytics.guarded order by id"))
                    .containsExactly("1", "2", "3", "900");

            serve(shop, History.ANEW);
            assertThat(rows(target, "select id from analytics.latest order by id"))
                    .containsExactly("1", "3");
            assertThat(rows(target, "select id from analytics.joined order by id"))
                    .containsExactly("1", "3");
            assertThat(rows(target, "select country from analytics.by_country order by country"))
                    .containsExactly("FR", "NL");
            assertThat(rows(target, "select id from analytics.guarded order by id"))
                    .containsExactly("1", "2", "3", "900");
            assertThat(rows(target, "select id, dbt_valid_to is null from analytics.seen order by id"))
                    .as("snapshots go on, as in dbt")
                    .containsExactly("1 true", "2 false", "3 true");

            execute(shop.crm(), "delete from people where id = 1");
            serve(shop);
            assertThat(rows(target, "select id from analytics.latest order by id"))
                    .as("once only")
                    .containsExactly("1", "3");

            // Before the first contact: what dbt built is not even read.
            deleteState(shop);
            serve(shop, History.ANEW);
            assertThat(rows(target, "select id from analytics.latest order by id"))
                    .containsExactly("3");
            assertThat(rows(target, "select id from analytics.guarded order by id"))
                    .containsExactly("1", "2", "3", "900");
        }
    }

    private static void keepsHistory(ShopFixture shop, Target target) throws Exception {
        models(shop);
        execute(
                shop.crm(),
                "create table people (id int primary key, name text, country text, credit numeric(12,2), since timestamptz)",
                "insert into people values (1, 'Ann', 'NL', 1.50, '2026-01-01 00:00:00+00'), (2, 'Bob', 'NL', null, null), (3, 'Cleo', 'FR', 3, null)");
        // What dbt built before Freshet came: its rows stay although no source has them.
        try (Connection connection = target.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema if not exists analytics");
            statement.execute(
                    "create table analytics.latest (id int, name varchar, country varchar, credit numeric(12,2), since timestamptz)");
            statement.execute(
                    "insert into analytics.latest values (900, 'Old''s', null, 0.10, '1999-12-31 23:59:59.5+00'), (1, 'Anna', 'BE', 9, null)");
        }
        serve(shop);
        assertThat(rows(target, "select id, name, country, credit from analytics.latest order by id"))
                .containsExactly("1 Ann NL 1.50", "2 Bob NL null", "3 Cleo FR 3.00", "900 Old's null 0.10");
        assertThat(rows(target, "select count(*) from analytics.latest where since = '1999-12-31 23:59:59.5+00'"))
                .containsExactly("1");
        assertThat(rows(target, "select id from analytics.joined order by id")).containsExactly("1", "2", "3");

        execute(
                shop.crm(),
                "delete from people where id = 3",
                "update people set name = 'Bobby', country = 'DE' where id = 2",
                "insert into people values (4, 'Dan', 'NL', null, null)");
        serve(shop);
        List<String> latest = List.of("1 Ann", "2 Bobby", "3 Cleo", "4 Dan", "900 Old's");
        assertThat(rows(target, "select id, name from analytics.latest order by id"))
                .containsExactlyElementsOf(latest);
        assertThat(rows(target, "select id, name from analytics.joined order by id"))
                .containsExactly("1 Ann", "2 Bob", "3 Cleo", "4 Dan");
        assertThat(rows(target, "select country, people from analytics.by_country order by country"))
                .containsExactly("DE 1", "FR 1", "NL 2");
        assertThat(rows(target, "select people from analytics.countries")).containsExactly("4");

        deleteState(shop);
        serve(shop);
        assertThat(rows(target, "select id, name from analytics.latest order by id"))
                .containsExactlyElementsOf(latest);
        execute(
                shop.crm(),
                "delete from people where id = 1",
                "insert into people values (5, 'Eve', 'IT', null, null)");
        serve(shop);
        assertThat(rows(target, "select id from analytics.latest order by id"))
                .containsExactly("1", "2", "3", "4", "5", "900");
        assertThat(rows(target, "select id, name from analytics.joined order by id"))
                .containsExactly("1 Ann", "2 Bob", "3 Cleo", "4 Dan", "5 Eve");
        assertThat(rows(target, "select country, people from analytics.by_country order by country"))
                .containsExactly("DE 1", "FR 1", "IT 1", "NL 1");
        assertThat(rows(target, "select people from analytics.countries")).containsExactly("4");
    }

    private static void models(ShopFixture shop) throws IOException {
        try (Stream<Path> files = Files.walk(shop.project().resolve("models"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        Files.writeString(
                shop.project().resolve("models/sources.yml"),
                "sources:\n  - {name: crm, connection: crm, schema: public, tables: [{name: people}]}\n");
        shop.model(
                "latest",
                "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }} select * from {{ source('crm', 'people') }}");
        shop.model(
                "joined",
                """
                {{ config(materialized='incremental', incremental_strategy='append') }}
                select id, name from {{ source('crm', 'people') }}
                {% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
                """);
        shop.model(
                "by_country",
                """
                {{ config(materialized='incremental', unique_key='country') }}
                select country, count(*) as people from {{ source('crm', 'people') }} group by country
                """);
        shop.model(
                "countries",
                "{{ config(materialized='table') }} select sum(people) as people from {{ ref('by_country') }}");
    }

    private static void serve(ShopFixture shop) throws InterruptedException {
        serve(shop, History.CONTINUED);
    }

    private static void serve(ShopFixture shop, History history) throws InterruptedException {
        try (Pipeline pipeline = Pipeline.start(
                shop.load(),
                shop.settings(),
                new Plugins(),
                Takeover.REFUSED,
                history,
                Clock.systemUTC(),
                StepListener.NONE,
                new PipelineListener() {})) {
            assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                    .as("%s", pipeline.status())
                    .isTrue();
            assertThat(pipeline.status().failing()).isEmpty();
        }
    }

    private static void deleteState(ShopFixture shop) throws IOException {
        try (Stream<Path> files = Files.walk(shop.settings().stateFile().getParent())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void execute(PostgresAddress database, String... statements) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<String> rows(Target target, String sql) throws SQLException {
        try (Connection connection = target.connect()) {
            return Rows.of(connection, sql);
        }
    }
}
