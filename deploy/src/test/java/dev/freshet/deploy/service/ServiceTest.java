package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.config.HttpSettings;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.state.FreshetException;
import dev.freshet.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service over HTTP, on the demo's databases. Every test leaves the pipeline as it found it: running, nothing paused. */
class ServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static ShopFixture shop;
    private static RunningService service;

    @BeforeAll
    static void start() throws Exception {
        shop = ShopFixture.create(directory, 200);
        service = new RunningService(shop);
    }

    @AfterAll
    static void stop() {
        service.close();
        shop.close();
    }

    @Test
    void theStatusIsAsDocumented() throws Exception {
        JsonNode status = service.status();
        OpenApiTest.assertFits(status, OpenApiTest.document().at("/components/schemas/Status"), "status");
        assertThat(status.path("state").asText()).isEqualTo("running");
        assertThat(service.part("models", "order_summary").path("state").asText())
                .isEqualTo("fresh");
        assertThat(service.part("models", "customer_value").path("parents").toString())
                .contains("warehouse.analytics.order_summary");
        assertThat(service.part("sources", "shop").path("connected").asBoolean())
                .isTrue();
        assertThat(service.part("targets", "warehouse").path("rows").asLong()).isPositive();
    }

    @Test
    void healthAndMetricsAnswer() throws Exception {
        assertThat(service.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(service.get("/health/ready").statusCode()).isEqualTo(200);
        HttpResponse<String> metrics = service.get("/metrics");
        assertThat(metrics.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
        assertThat(metrics.body())
                .contains("freshet_staged_rows_total{source=\"shop\"}")
                .contains("freshet_maintained_rows_total{model=\"analytics.order_summary\",target=\"warehouse\"}")
                .contains("freshet_slot_lag_bytes{source=\"crm\"}")
                .contains("freshet_slot_wal_status{source=\"crm\",status=\"reserved\"} 1")
                .containsPattern("freshet_state_bytes [1-9]")
                .contains(
                        "freshet_model_state{model=\"analytics.order_summary\",state=\"fresh\",target=\"warehouse\"} 1");
    }

    @Test
    void aRowThatCannotBeHeldIsToldUntilItIsMended() throws Exception {
        shop.execute(
                shop.shop(),
                "update order_items set unit_price = 'NaN' where (order_id, line_no) = (select order_id, line_no from order_items limit 1)");
        until("the row is told of", () -> service.part("sources", "shop")
                .path("problems")
                .toString()
                .contains("1 row of table 'public.order_items' is left out of every model until mended at the source:"
                        + " column \\\"unit_price\\\" is NaN"));
        assertThat(service.get("/metrics").body())
                .contains("freshet_poison_rows{source=\"shop\",table=\"public.order_items\"} 1.0");
        shop.execute(shop.shop(), "update order_items set unit_price = 1 where unit_price = 'NaN'");
        until(
                "it is mended",
                () -> service.part("sources", "shop").path("problems").isEmpty());
        assertThat(service.get("/metrics").body())
                .contains("freshet_poison_rows{source=\"shop\",table=\"public.order_items\"} 0.0");
    }

    @Test
    void aPausedModelIsHeldWithWhateverReadsItAndComesBackWhole() throws Exception {
        assertThat(service.post("/api/v1/pause", "{\"model\":\"order_summary\"}")
                        .body())
                .contains("warehouse.analytics.order_summary");
        until("the pause shows", () -> service.part("models", "order_summary")
                .path("state")
                .asText()
                .equals("paused"));
        assertThat(service.part("models", "order_summary").path("reason").asText())
                .isEqualTo("paused");
        assertThat(service.part("models", "customer_value").path("state").asText())
                .isEqualTo("held");
        assertThat(service.part("models", "customer_value").path("reason").asText())
                .isEqualTo("'order_summary', which it reads, is paused");
        service.hosted().catchUp(PATIENCE);
        long before = service.part("models", "order_summary").path("rows").asLong();
        shop.execute(shop.shop(), "update orders set discount = discount + 1 where order_id % 3 = 0");
        assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
        assertThat(service.part("models", "order_summary").path("rows").asLong())
                .isEqualTo(before);

        assertThat(service.post("/api/v1/resume", "{\"model\":\"order_summary\"}")
                        .statusCode())
                .isEqualTo(200);
        until(
                "it caught up",
                () -> service.part("models", "order_summary").path("rows").asLong() > before);
        assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
        assertThat(service.part("models", "customer_value").path("state").asText())
                .isEqualTo("fresh");
        shop.verify();
    }

    @Test
    void aPausedTargetAndAPausedPipelineGoOnFromWhereTheyWere() throws Exception {
        service.post("/api/v1/pause", "{\"target\":\"warehouse\"}");
        until("the pause shows", () -> service.part("targets", "warehouse")
                .path("state")
                .asText()
                .equals("paused"));
        shop.execute(shop.crm(), "update customers set name = name || '!' where customer_id % 5 = 0");
        assertThat(service.hosted().catchUp(PATIENCE))
                .as("a paused target is not waited for")
                .isTrue();
        service.post("/api/v1/pause", "");
        assertThat(service.status().path("state").asText()).isEqualTo("paused");
        long cut = service.status().path("cut").asLong();
        shop.execute(shop.crm(), "update customers set name = name || '?' where customer_id % 7 = 0");
        until(
                "it waits",
                () -> service.part("sources", "crm").path("waiting_batches").asLong() > 0);
        assertThat(service.status().path("cut").asLong()).isEqualTo(cut);

        assertThat(service.post("/api/v1/resume", "{}").body())
                .isEqualTo("{\"pipeline\":false,\"models\":[],\"targets\":[]}");
        until("everything is delivered", () -> service.hosted().catchUp(PATIENCE));
        assertThat(service.part("targets", "warehouse").path("state").asText()).isEqualTo("running");
        shop.verify();
    }

    @Test
    void pausesOutliveTheProcess() throws Exception {
        service.post("/api/v1/pause", "{\"model\":\"customer_value\"}");
        assertThat(shop.settings().directory().resolve("pauses.json")).content().contains("customer_value");
        service.post("/api/v1/resume", "{\"model\":\"customer_value\"}");
    }

    @Test
    void unknownNamesAndBrokenBodiesAreRefusedWithAReason() throws Exception {
        HttpResponse<String> unknown = service.post("/api/v1/pause", "{\"model\":\"order_sumary\"}");
        assertThat(unknown.statusCode()).isEqualTo(422);
        assertThat(unknown.body()).contains("the service keeps no model 'order_sumary'");
        assertThat(service.post("/api/v1/pause", "{\"target\":\"shop\"}").statusCode())
                .isEqualTo(422);
        assertThat(service.post("/api/v1/pause", "{\"modle\":\"x\"}").body())
                .contains("may have model, target, not 'modle'");
        assertThat(service.post("/api/v1/pause", "[1]").statusCode()).isEqualTo(422);
        assertThat(service.post("/api/v1/pause", "x".repeat(20_000)).statusCode())
                .isEqualTo(413);
        assertThat(service.post("/api/v1/status", "").statusCode()).isEqualTo(405);
        assertThat(service.get("/api/v1/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void aNameThatWasMadeToPointHereIsRefused() throws Exception {
        assertThat(raw("GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("POST /api/v1/pause HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(service.status().path("state").asText()).isEqualTo("running");
    }

    @Test
    void changesAreTold() throws Exception {
        HttpResponse<InputStream> stream = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.headers().firstValue("content-type")).contains("text/event-stream");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(next(lines).path("state").asText()).isEqualTo("running");
            service.post("/api/v1/pause", "");
            Await.until(
                    "the pause is told",
                    PATIENCE,
                    () -> next(lines).path("state").asText().equals("paused"));
            service.post("/api/v1/resume", "");
            Await.until(
                    "its end is told",
                    PATIENCE,
                    () -> next(lines).path("state").asText().equals("running"));
        }
    }

    @Test
    void aTakenPortIsToldWithARemedyAndTheDemoTakesAnother() throws Exception {
        try (PipelineMetrics metrics = new PipelineMetrics()) {
            HttpSettings taken = new HttpSettings("127.0.0.1", service.port());
            Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
            assertThatThrownBy(() -> ServiceServer.start(
                            taken, ServiceServer.TakenPort.REFUSE, elsewhere, service.hosted(), metrics))
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("port " + service.port() + " on '127.0.0.1'")
                    .hasMessageContaining("--port N");
            assertThatThrownBy(() -> ServiceServer.start(
                            taken,
                            ServiceServer.TakenPort.REFUSE,
                            shop.settings().directory(),
                            service.hosted(),
                            metrics))
                    .hasMessageContaining("this project's service runs already")
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
            try (ServiceServer other = ServiceServer.start(
                    taken, ServiceServer.TakenPort.TAKE_ANOTHER, elsewhere, service.hosted(), metrics)) {
                other.announce();
                assertThat(other.port()).isNotEqualTo(service.port()).isPositive();
                assertThat(Files.getPosixFilePermissions(elsewhere.resolve("service.json")))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
            assertThat(elsewhere.resolve("service.json")).doesNotExist();
        }
    }

    private static JsonNode next(BufferedReader lines) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data: ")) {
                return new ObjectMapper().readTree(line.substring("data: ".length()));
            }
        }
        throw new IOException("the stream ended");
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void until(String what, Callable<Boolean> condition) {
        Await.until(what, PATIENCE, condition);
    }
}
