package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.testkit.Await;
import dev.freshet.transform.project.Project;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever takes long never keeps the event loop, nor the workers that answer questions. */
class EventLoopTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CHANGES = 8;

    @TempDir
    Path directory;

    /** Parses when it is let, and remembers on which thread it was asked to. */
    private static final class HeldLoader implements Supplier<Project> {

        private final Project project;
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private volatile String thread = "";

        HeldLoader(Project project) {
            this.project = project;
        }

        @Override
        public Project get() {
            thread = Thread.currentThread().getName();
            begun.countDown();
            try {
                assertThat(released.await(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            return project;
        }
    }

    @Test
    void whileAParseHangsAndManyWaitBehindItEveryQuestionIsAnswered() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            HeldLoader loader = new HeldLoader(shop.load());
            try (RunningService service = new RunningService(shop, loader)) {
                List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
                waiting.add(change(service, "reload", "{\"preview\":true}"));
                assertThat(loader.begun.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(loader.thread).startsWith("freshet-changes");
                for (int i = 0; i < CHANGES; i++) {
                    waiting.add(change(service, "reload", "{\"preview\":true}"));
                    waiting.add(change(service, "resume", "{}"));
                }
                for (String path : List.of(
                        "/",
                        "/page.js",
                        "/health/live",
                        "/health/ready",
                        "/metrics",
                        "/api/v1/status",
                        "/api/v1/openapi.json")) {
                    assertThat(service.get(path).statusCode()).as(path).isEqualTo(200);
                }
                listen(service);
                assertThat(waiting).noneMatch(CompletableFuture::isDone);

                loader.released.countDown();
                Await.until("every change is answered", PATIENCE, () -> waiting.stream()
                        .allMatch(CompletableFuture::isDone));
                assertThat(waiting)
                        .allSatisfy(answer -> assertThat(answer.join().statusCode())
                                .as(answer.join().body())
                                .isEqualTo(200));
            }
        }
    }

    /** The test's SQL reads a file that never begins: nobody writes into the pipe. */
    @Test
    void whileTheRowsOfTestsAreLookedForPausesAreDoneAndEveryQuestionIsAnswered() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100, "tests:\n  interval: 1h\n")) {
            Path staging = shop.settings().stagingDirectory();
            Path file = Files.createDirectories(staging).resolve("held.csv");
            Files.writeString(file, "one\n");
            Files.writeString(
                    Files.createDirectories(shop.project().resolve("tests")).resolve("held.sql"),
                    "select f.name from read_csv('" + file
                            + "', header = false, auto_detect = false, columns = {'name': 'varchar'}) f"
                            + " cross join (select count(*) from {{ ref('open_orders') }}) n");
            try (RunningService service = new RunningService(shop)) {
                Await.until("it was judged once", PATIENCE, () -> service.part("tests", "held")
                        .path("state")
                        .asText()
                        .equals("fail"));
                Files.delete(file);
                assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                        .isZero();
                List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
                try {
                    for (int i = 0; i < CHANGES; i++) {
                        waiting.add(change(service, "failures", "{\"test\":\"held\"}"));
                    }
                    for (String path : List.of("/health/live", "/metrics", "/api/v1/status")) {
                        assertThat(service.get(path).statusCode()).as(path).isEqualTo(200);
                    }
                    assertThat(service.post("/api/v1/pause", "{}").statusCode()).isEqualTo(200);
                    assertThat(service.post("/api/v1/resume", "{}").statusCode())
                            .isEqualTo(200);
                    assertThat(waiting).noneMatch(CompletableFuture::isDone);
                } finally {
                    release(file);
                }
                Await.until("every query is answered", PATIENCE, () -> waiting.stream()
                        .allMatch(CompletableFuture::isDone));
                assertThat(waiting)
                        .allSatisfy(answer -> assertThat(answer.join().statusCode())
                                .as(answer.join().body())
                                .isEqualTo(200));
            }
        }
    }

    /** Whoever opens the file from now on finds an ordinary one, and whoever waits for the pipe finds it at its end. */
    private static void release(Path pipe) throws IOException {
        Path aside = pipe.resolveSibling("held.pipe");
        Files.move(pipe, aside);
        Files.writeString(pipe, "one\n");
        FileChannel.open(aside, StandardOpenOption.READ, StandardOpenOption.WRITE)
                .close();
    }

    /** The stream of events goes on: its start and the next two ticks. */
    private static void listen(RunningService service) throws Exception {
        var stream = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/events"))
                                .timeout(PATIENCE)
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        CompletableFuture<Long> told = CompletableFuture.supplyAsync(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                return lines.lines()
                        .filter(line -> line.startsWith("data: "))
                        .limit(3)
                        .count();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(3);
    }

    private static CompletableFuture<HttpResponse<String>> change(RunningService service, String what, String body) {
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/" + what))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
