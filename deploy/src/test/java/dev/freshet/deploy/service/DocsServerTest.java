package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.cli.FreshetCommand;
import dev.freshet.testkit.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsServerTest {

    @TempDir
    Path directory;

    private static void file(Path project, String path, String content) throws IOException {
        Path file = project.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private HttpResponse<String> get(DocsServer server, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.url() + path))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void servesThePageAndTheArtifactsAndNothingElse() throws Exception {
        Files.writeString(directory.resolve("index.html"), "<h1>docs</h1>");
        Files.writeString(directory.resolve("manifest.json"), "{}");
        Files.writeString(directory.resolve("secret.txt"), "secret");
        try (DocsServer server = DocsServer.start(directory, "127.0.0.1", 0)) {
            assertThat(get(server, "/").body()).isEqualTo("<h1>docs</h1>");
            assertThat(get(server, "/manifest.json").headers().firstValue("Content-Type"))
                    .hasValue("application/json");
            assertThat(get(server, "/catalog.json").statusCode()).isEqualTo(404);
            assertThat(get(server, "/secret.txt").statusCode()).isEqualTo(404);
            assertThat(get(server, "/..%2fsecret.txt").statusCode()).isEqualTo(404);
        }
    }

    @Test
    @Tag("browser")
    void thePageShowsNodesTheirLineageAndWhatIsSearchedFor() throws Exception {
        Optional<Path> binary = Browser.installed();
        Assumptions.assumeTrue(binary.isPresent(), "no browser: install chromium, or name one with FRESHET_BROWSER");
        Path project = Files.createDirectories(directory.resolve("project"));
        file(project, "dbt_project.yml", "name: shop\nprofile: shop\n");
        file(project, "profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb}}}\n");
        file(project, "models/staging/orders.sql", "select 1 as id, 2 as amount");
        file(project, "models/totals.sql", "select sum(amount) as total from {{ ref('orders') }}");
        file(project, "models/m.yml", "models: [{name: totals, description: 'Sums of *all* orders'}]");
        assertThat(FreshetCommand.run(
                        "-q",
                        "docs",
                        "generate",
                        "--empty-catalog",
                        "--no-compile",
                        "--project-dir",
                        project.toString()))
                .isZero();
        try (DocsServer server = DocsServer.start(project.resolve("target"), "127.0.0.1", 0);
                Browser browser = new Browser(binary.get(), Files.createDirectory(directory.resolve("browser")))) {
            browser.open(server.url());
            Await.until(
                    "the project is drawn",
                    Duration.ofSeconds(20),
                    () -> browser.evaluate("document.querySelectorAll('.graph .node').length")
                                    .asInt()
                            == 2);
            browser.click("#tree a[data-id='model.shop.totals']");
            Await.until("the node shows", Duration.ofSeconds(20), () -> browser.text("main h1")
                    .equals("totals"));
            assertThat(browser.text("main .prose")).contains("Sums of all orders");
            assertThat(browser.text("main pre")).contains("ref('orders')");
            browser.evaluate("(() => { const box = document.getElementById('search'); box.value = 'amount';"
                    + " box.dispatchEvent(new Event('input')); })()");
            assertThat(browser.evaluate(
                                    "[...document.querySelectorAll('#found .leaf')].map(leaf => leaf.firstChild.textContent).join()")
                            .asText())
                    .isEqualTo("orders,totals");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
