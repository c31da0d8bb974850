package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.Main;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.ServiceProcess;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code freshet serve} as a process: found by commands, alone on its project, and gone soon after it was asked to go. */
class ServeProcessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration END = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    @Test
    void sigtermUnderLoadDrainsAndASecondServiceIsRefused() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 1_000)) {
            try (DemoWorkload load = shop.workload(500, 1);
                    ServiceProcess service = freshet(shop, "serve")) {
                service.awaitLine("Serving pipeline 'shop_demo/warehouse' at http://127.0.0.1:", PATIENCE);
                ServiceClient client = ServiceClient.require(shop.settings().directory());
                assertThat(client.pid()).isEqualTo(service.pid());
                Await.until(
                        "models are delivered",
                        PATIENCE,
                        () -> client.status().at("/targets/0/rows").asLong() > 1_000);
                refuseASecondOne(shop, client);

                HttpResponse<InputStream> listener = listen(client);
                long began = System.nanoTime();
                service.sigterm();
                assertThat(service.awaitExit(END)).isZero();
                System.out.println("SIGTERM to exit: " + (System.nanoTime() - began) / 1_000_000 + " ms");
                listener.body().close();
                assertThat(service.output())
                        .anyMatch(line -> line.endsWith("Stopped."))
                        .noneMatch(line -> line.contains("not everything was delivered"));
                assertThat(shop.settings().directory().resolve("service.json")).doesNotExist();
                assertThat(ServiceClient.find(shop.settings().directory())).isEmpty();
                load.stop();
            }
            shop.catchUpAndVerify();
        }
    }

    @Test
    void hooksRunAtStartAndAfterTheDrain() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            Path file = shop.project().resolve("dbt_project.yml");
            Files.writeString(
                    file,
                    Files.readString(file)
                            + """

                            on-run-start:
                              - "create table if not exists hook_log (said text)"
                              - "insert into hook_log select 'start ' || count(*) from pg_tables where tablename = 'order_summary'"
                            on-run-end: ["insert into hook_log select 'end ' || (count(*) > 0)::text || ' {{ results | length }}' from analytics.order_summary"]
                            """);
            for (int run = 0; run < 2; run++) {
                try (ServiceProcess service = freshet(shop, "serve", "--once", "--full-refresh")) {
                    assertThat(service.awaitExit(PATIENCE))
                            .as(() -> String.join("\n", service.output()))
                            .isZero();
                }
            }
            List<String> said = new ArrayList<>();
            try (Connection connection = shop.warehouse().connect();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("select said from hook_log")) {
                while (rows.next()) {
                    said.add(rows.getString(1));
                }
            }
            assertThat(said).containsExactly("start 0", "end true 0", "start 1", "end true 0");

            Files.writeString(
                    file,
                    Files.readString(file)
                            .replace("insert into hook_log select 'start", "insert into nowhere select 'start"));
            try (ServiceProcess service = freshet(shop, "serve", "--once")) {
                assertThat(service.awaitExit(PATIENCE)).isEqualTo(1);
                assertThat(String.join("\n", service.output()))
                        .contains("hook 'shop_demo.on-run-start.1' failed: ")
                        .contains("nowhere");
            }
        }
    }

    private static void refuseASecondOne(ShopFixture shop, ServiceClient client) {
        String port = String.valueOf(URI.create(client.url()).getPort());
        try (ServiceProcess second = freshet(shop, "serve", "--port", port)) {
            assertThat(second.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(String.join("\n", second.output()))
                    .contains("this project's service runs already: shop_demo/warehouse at " + client.url()
                            + ", process " + client.pid())
                    .doesNotContain("\tat ");
        }
        try (ServiceProcess second = freshet(shop, "serve", "--port", "0")) {
            assertThat(second.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(String.join("\n", second.output())).contains("is owned by process " + client.pid());
        }
        assertThat(ServiceClient.require(shop.settings().directory()).pid())
                .as("the first one is still found")
                .isEqualTo(client.pid());
    }

    /** Someone who listens for events does not keep the service from ending. */
    private static HttpResponse<InputStream> listen(ServiceClient client) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(client.url() + "/api/v1/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
    }

    private static ServiceProcess freshet(ShopFixture shop, String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--project-dir", shop.project().toString()));
        return ServiceProcess.start(new ServiceProcess.Launch(
                Main.class.getName(), line, List.of("-XX:TieredStopAtLevel=1"), shop.environment(), shop.project()));
    }
}
