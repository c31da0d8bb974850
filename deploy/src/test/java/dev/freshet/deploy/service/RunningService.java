package dev.freshet.deploy.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.config.HttpSettings;
import dev.freshet.deploy.live.Served;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/** A service of the shop in this process, on a free port, and a client for it. */
public final class RunningService implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final PipelineMetrics metrics = new PipelineMetrics();
    private final HostedPipeline hosted;
    private final ServiceServer server;

    public RunningService(ShopFixture shop) throws InterruptedException {
        this(shop, shop::load);
    }

    /** @param loader parses the project for a reload */
    RunningService(ShopFixture shop, Supplier<Project> loader) throws InterruptedException {
        hosted = new HostedPipeline(
                Served.of(shop.load()),
                new HostedPipeline.Setup(
                        shop.settings(),
                        new Plugins(),
                        Takeover.REFUSED,
                        Clock.systemUTC(),
                        metrics,
                        () -> Served.of(loader.get()),
                        "test"));
        server = ServiceServer.start(
                new HttpSettings("127.0.0.1", 0),
                ServiceServer.TakenPort.REFUSE,
                shop.settings().directory(),
                hosted,
                metrics);
        try {
            hosted.open();
            server.announce();
            if (!hosted.catchUp(ShopFixture.PATIENCE)) {
                throw new AssertionError("not caught up: " + hosted.report());
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    public HostedPipeline hosted() {
        return hosted;
    }

    public String url() {
        return server.url();
    }

    public int port() {
        return server.port();
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(60));
    }

    public JsonNode status() throws IOException, InterruptedException {
        return JSON.readTree(get("/api/v1/status").body());
    }

    /** The one of a status' models, sources or targets that has this name. */
    public JsonNode part(String kind, String name) throws IOException, InterruptedException {
        for (JsonNode part : status().path(kind)) {
            if (part.path("name").asText().equals(name)) {
                return part;
            }
        }
        throw new AssertionError("no " + name + " in " + kind);
    }

    @Override
    public void close() {
        server.close();
        hosted.close();
        metrics.close();
        // Closes by being collected before Java 21.
    }
}
