package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.freshet.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectCatalogTest {

    @TempDir
    Path directory;

    private JsonNode catalog() throws IOException {
        JsonNode catalog = new ObjectMapper()
                .readTree(directory.resolve("target/catalog.json").toFile());
        try (InputStream schema = ProjectCatalogTest.class.getResourceAsStream("/dbt/catalog-v1.json")) {
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(new ObjectMapper().readTree(schema))
                            .validate(catalog))
                    .isEmpty();
        }
        return catalog;
    }

    /** A table with comments, a view, a seed, a source, an ephemeral model and one that was never built. */
    private static void write(RunFixture run) {
        run.query("create schema raw");
        run.query("create table raw.\"Events\" (id int, \"at\" timestamp)");
        run.model("t", "{{ config(materialized='table') }} select 1 as id, cast(2.5 as decimal(8,2)) as amount")
                .model("v", "select id from {{ ref('t') }} where id in (select id from {{ ref('s') }})")
                .model("inlined", "{{ config(materialized='ephemeral') }} select 1 as id")
                .file("seeds/s.csv", "id,name\n1,a\n")
                .file(
                        "models/m.yml",
                        "sources: [{name: raw, tables: [{name: events, identifier: Events}, {name: gone}]}]");
        assertThat(run.build()).allMatch(line -> line.contains("success"));
        run.query("comment on table lake.t is 'it''s t'");
        run.query("comment on column lake.t.id is 'the id'");
        run.model("never", "select 1 as id");
    }

    private JsonNode described(RunFixture run) throws IOException {
        write(run);
        ProjectCatalog.Catalog catalog = new ProjectCatalog(run.project.parse(), Clock.systemUTC()).write(id -> true);
        assertThat(catalog.errors()).isEmpty();
        JsonNode file = catalog();
        assertThat(file.path("nodes").fieldNames())
                .toIterable()
                .containsExactly("model.demo.t", "model.demo.v", "seed.demo.s");
        assertThat(file.path("sources").fieldNames()).toIterable().containsExactly("source.demo.raw.events");
        JsonNode table = file.path("nodes").path("model.demo.t");
        assertThat(table.path("metadata").path("type").asText()).isEqualTo("BASE TABLE");
        assertThat(table.path("metadata").path("schema").asText()).isEqualTo("lake");
        assertThat(table.path("metadata").path("comment").asText()).isEqualTo("it's t");
        assertThat(table.path("columns").path("id").toString())
                .isEqualTo("{\"type\":\"%s\",\"index\":1,\"name\":\"id\",\"comment\":\"the id\"}"
                        .formatted(table.path("columns").path("id").path("type").asText()));
        assertThat(table.path("columns").fieldNames()).toIterable().containsExactly("id", "amount");
        assertThat(file.path("nodes")
                        .path("model.demo.v")
                        .path("metadata")
                        .path("type")
                        .asText())
                .isEqualTo("VIEW");
        return table;
    }

    @Test
    void describesAPostgresDatabase() throws IOException {
        try (PostgresServer server = PostgresServer.start()) {
            String name = server.createDatabase("docs");
            JsonNode table = described(new RunFixture(
                    directory,
                    "{type: postgres, host: localhost, port: " + server.port()
                            + ", user: postgres, password: postgres, dbname: " + name + ", schema: lake}",
                    "jdbc:postgresql://localhost:" + server.port() + "/" + name + "?user=postgres&password=postgres"));
            assertThat(table.path("metadata").path("owner").asText()).isEqualTo("postgres");
            assertThat(table.path("columns").path("amount").path("type").asText())
                    .isEqualTo("numeric(8,2)");
        }
    }

    @Test
    void describesADuckDbFile() throws IOException {
        Path file = directory.resolve("warehouse.duckdb");
        JsonNode table = described(
                new RunFixture(directory, "{type: duckdb, path: '" + file + "', schema: lake}", "jdbc:duckdb:" + file));
        assertThat(table.path("columns").path("amount").path("type").asText()).isEqualTo("DECIMAL(8,2)");
    }

    @Test
    void aDatabaseThatCannotBeAskedIsAnErrorInTheFile() throws IOException {
        RunFixture run = new RunFixture(
                directory,
                "{type: postgres, host: localhost, port: 1, user: u, password: p, dbname: d, schema: lake}",
                "jdbc:duckdb:");
        run.model("m", "select 1 as id");
        ProjectCatalog.Catalog catalog = new ProjectCatalog(run.project.parse(), Clock.systemUTC()).write(id -> true);
        assertThat(catalog.errors()).singleElement().asString().startsWith("output 'dev': ");
        assertThat(catalog().path("errors")).hasSize(1);
    }
}
