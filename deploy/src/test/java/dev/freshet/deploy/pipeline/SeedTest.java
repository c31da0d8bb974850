package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.testkit.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seeds that maintained models read: the service keeps them, without capturing their table, and takes a changed file in. */
class SeedTest {

    @TempDir
    Path directory;

    @Test
    void aChangedFileIsTakenInAndWhateverReadsItFollows() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            project(shop);
            seed(shop, "Code,name,since,Share\nNL,\"Nether, lands\",2001-02-03,0.5\nBE,Belgium,,2\n");
            PostgresAddress warehouse = shop.warehouse();
            // As dbt left it.
            shop.execute(
                    warehouse,
                    "create schema analytics",
                    "create table analytics.countries (code text, name text, since date, share float8)",
                    "insert into analytics.countries values ('NL', 'Nether, lands', '2001-02-03', 0.5), ('XX', 'Gone', null, 1)");
            try (Pipeline pipeline = shop.start()) {
                caughtUp(pipeline);
            }
            assertThat(rows(warehouse, "select code, name, since, share from analytics.countries order by code"))
                    .containsExactly("BE Belgium null 2.0", "NL Nether, lands 2001-02-03 0.5");
            assertThat(rows(warehouse, "select id, country from analytics.people_with_country order by id"))
                    .containsExactly("1 Nether, lands", "2 null");
            assertThat(rows(warehouse, "select count(*) from pg_publication_tables where tablename = 'countries'"))
                    .as("it is not captured")
                    .containsExactly("0");

            seed(shop, "Code,name,since,Share\nNL,Netherlands,2001-02-03,0.5\nBE,Belgium,,2\nFR,France,,3\n");
            try (Pipeline pipeline = shop.start()) {
                caughtUp(pipeline);
                assertThat(pipeline.status().targets().get(0).deliveredRows())
                        .as("the difference only")
                        .isBetween(3L, 7L);
            }
            assertThat(rows(warehouse, "select id, country from analytics.people_with_country order by id"))
                    .containsExactly("1 Netherlands", "2 France");

            try (Pipeline pipeline = shop.start()) {
                caughtUp(pipeline);
                assertThat(pipeline.status().targets().get(0).deliveredRows())
                        .as("the same file is no change")
                        .isZero();
            }
        }
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
        shop.model(
                "people_with_country",
                "{{ config(materialized='table', unique_key='id') }} select p.id, c.name as country from {{ source('crm', 'people') }} p"
                        + " left join {{ ref('countries') }} c using (code)");
        shop.execute(
                shop.crm(),
                "create table people (id int primary key, code text)",
                "insert into people values (1, 'NL'), (2, 'FR')");
    }

    private static void seed(ShopFixture shop, String content) throws IOException {
        Files.createDirectories(shop.project().resolve("seeds"));
        Files.writeString(shop.project().resolve("seeds/countries.csv"), content);
    }

    private static void caughtUp(Pipeline pipeline) throws InterruptedException {
        assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                .as("%s", pipeline.status())
                .isTrue();
        assertThat(pipeline.status().failing()).isEmpty();
    }

    private static List<String> rows(PostgresAddress database, String sql) throws SQLException {
        try (Connection connection = database.connect()) {
            return Rows.of(connection, sql);
        }
    }
}
