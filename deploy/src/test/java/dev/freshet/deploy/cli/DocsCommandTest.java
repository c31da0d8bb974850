package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsCommandTest {

    @TempDir
    Path directory;

    private CommandFixture project;

    @BeforeEach
    void write() {
        project = new CommandFixture(directory);
    }

    /** The data that the page shows. */
    private JsonNode data() throws IOException {
        String page = Files.readString(directory.resolve("target/index.html"));
        String start = "<script type=\"application/json\" id=\"data\">";
        int from = page.indexOf(start) + start.length();
        return new ObjectMapper().readTree(page.substring(from, page.indexOf("</script>", from)));
    }

    private static JsonNode node(JsonNode data, String id) {
        for (JsonNode node : data.path("nodes")) {
            if (node.path("id").asText().equals(id)) {
                return node;
            }
        }
        throw new AssertionError("no " + id + " in " + data.path("nodes").findValuesAsText("id"));
    }

    @Test
    void generateWritesTheArtifactsAndAPageWithAllOfIt() throws IOException {
        project.file("seeds/s.csv", "id,name\n1,a\n")
                .file("models/staging/a.sql", "select id, name from {{ ref('s') }}")
                .file(
                        "models/b.sql",
                        "{{ config(materialized='table', tags=['daily']) }} select id from {{ ref('a') }}")
                .file("tests/positive.sql", "select * from {{ ref('b') }} where id < 0")
                .file("macros/m.sql", "{% macro twice(x) %}2 * {{ x }}{% endmacro %}")
                .file("models/docs.md", "{% docs __overview__ %}# Ours\n{% enddocs %}")
                .file(
                        "models/m.yml",
                        """
                        models:
                          - name: b
                            description: "All **b**s, [more](javascript:alert(1)) </script><script>alert(1)</script> {{ '{{TITLE}}' }}"
                            columns:
                              - {name: ID, description: the key, data_tests: [unique, not_null]}
                              - {name: gone, description: was here once}
                          - {name: a, docs: {node_color: "#ff8800"}}
                        exposures:
                          - {name: board, label: The board, type: dashboard, owner: {name: Ann, email: a@b.c}, depends_on: [ref('b')]}
                        """);
        assertThat(project.run("build")).isZero();
        project.lines();
        assertThat(project.run("docs", "generate")).isZero();
        assertThat(project.lines())
                .containsSubsequence(
                        "Building catalog",
                        "Catalog written to " + directory.resolve("target/catalog.json"),
                        "Page written to " + directory.resolve("target/index.html"));
        JsonNode data = data();
        assertThat(data.path("overview").asText()).isEqualTo("<h1>Ours</h1>\n");
        JsonNode b = node(data, "model.demo.b");
        assertThat(b.path("kind").asText()).isEqualTo("table model");
        assertThat(b.path("engine").asText()).isEqualTo("duckdb dev");
        assertThat(b.path("description").asText())
                .contains("<strong>b</strong>", "&lt;/script&gt;", "{{TITLE}}")
                .doesNotContain("<script", "javascript:");
        assertThat(b.path("columns").findValuesAsText("name")).containsExactly("id", "gone");
        assertThat(b.path("columns").path(0).path("type").asText()).isEqualTo("INTEGER");
        assertThat(b.path("columns").path(0).path("tests").toString()).isEqualTo("[\"unique\",\"not_null\"]");
        assertThat(b.path("columns").path(1).path("missing").asBoolean()).isTrue();
        assertThat(b.path("tests").toString()).isEqualTo("[\"positive\"]");
        assertThat(b.path("parents").toString()).isEqualTo("[\"model.demo.a\"]");
        assertThat(b.path("compiled").asText()).contains("\"main\".\"a\"");
        assertThat(node(data, "model.demo.a").path("colour").asText()).isEqualTo("#ff8800");
        assertThat(node(data, "model.demo.a").path("path").toString()).isEqualTo("[\"Models\",\"staging\"]");
        assertThat(node(data, "exposure.demo.board").path("parents").toString()).isEqualTo("[\"model.demo.b\"]");
        assertThat(node(data, "macro.demo.twice").path("raw").asText()).contains("2 * {{ x }}");
        assertThat(node(data, "seed.demo.s").path("columns").findValuesAsText("name"))
                .containsExactly("id", "name");
        JsonNode manifest = new ObjectMapper()
                .readTree(directory.resolve("target/manifest.json").toFile());
        assertThat(manifest.path("nodes").path("model.demo.b").path("compiled").asBoolean())
                .isTrue();
    }

    @Test
    void anEmptyCatalogAsksNoDatabase() throws IOException {
        project.file("models/a.sql", "select 1 as id");
        assertThat(project.run("docs", "generate", "--empty-catalog", "--no-compile", "--static"))
                .isZero();
        assertThat(directory.resolve("dw.duckdb")).doesNotExist();
        assertThat(node(data(), "model.demo.a").path("compiled").isNull()).isTrue();
        assertThat(directory.resolve("target/static_index.html"))
                .hasSameTextualContentAs(directory.resolve("target/index.html"));
    }

    @Test
    void serveSaysWhatIsMissing() throws IOException {
        assertThat(project.run("docs", "serve", "--no-browser")).isEqualTo(1);
        assertThat(project.lines()).last().asString().contains("run 'freshet docs generate' first");
        project.file("target/index.html", "<h1>docs</h1>");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(project.run("docs", "serve", "--no-browser", "--port", "" + taken.getLocalPort()))
                    .isEqualTo(1);
            List<String> lines = project.lines();
            assertThat(lines).last().asString().contains("port " + taken.getLocalPort(), "choose another with --port");
        }
    }
}
