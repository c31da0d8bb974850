package dev.freshet.deploy.demo;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An embedded Kafka broker for the demo's topics, in a process of its own with a memory of its own: at most some 400 MB. It listens on a free
 * loopback port and ends with this process, however that ends. Closing removes its files.
 */
public final class DemoBroker implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final String TOPIC_PREFIX = "shop";

    private final Process process;
    private final Path files;
    private final int port;
    private final CompletableFuture<Boolean> ready = new CompletableFuture<>();

    private DemoBroker(Process process, Path files, int port) {
        this.process = process;
        this.files = files;
        this.port = port;
    }

    /**
     * Starts it and returns at once: {@link #awaitReady} waits.
     *
     * @param directory of a demo that is this process's; everything is kept in its subdirectory {@code kafka}
     */
    public static DemoBroker start(Path directory) {
        Path files = directory.toAbsolutePath().resolve("kafka");
        try {
            DemoFiles.delete(files);
            Path temporary = Files.createDirectories(files.resolve("tmp"));
            int port = freePort();
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx192m",
                            "-XX:MaxDirectMemorySize=64m",
                            "-XX:MaxMetaspaceSize=128m",
                            "-XX:ReservedCodeCacheSize=48m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-XX:+ExitOnOutOfMemoryError",
                            "-Djava.io.tmpdir=" + temporary,
                            "-cp",
                            System.getProperty("java.class.path"),
                            DemoBrokerProgram.class.getName(),
                            files.toString(),
                            Integer.toString(port),
                            Integer.toString(freePort()))
                    .redirectError(Redirect.appendTo(files.resolve("broker.log").toFile()))
                    .start();
            DemoBroker broker = new DemoBroker(process, files, port);
            Thread reader = new Thread(broker::read, "demo broker");
            reader.setDaemon(true);
            reader.start();
            return broker;
        } catch (IOException e) {
            throw failed(": " + e.getMessage(), e);
        }
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(DemoBrokerProgram.READY)) {
                    ready.complete(true);
                }
            }
        } catch (IOException ignored) {
            // It ended.
        }
        ready.complete(false);
    }

    /** @throws FreshetException TARGET when it does not start */
    public void awaitReady() throws InterruptedException {
        try {
            if (!ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw failed(lastLine(), null);
            }
        } catch (TimeoutException e) {
            throw failed(" within " + START_LIMIT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private String lastLine() {
        try {
            List<String> lines = Files.readAllLines(files.resolve("broker.log"));
            return lines.isEmpty() ? "" : "; it says: " + lines.get(0);
        } catch (IOException ignored) {
            return "";
        }
    }

    private static FreshetException failed(String how, @Nullable Exception cause) {
        return new FreshetException(ErrorKind.TARGET, "the demo's embedded Kafka broker did not start" + how, cause);
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** What {@code examples/shop/profiles.yml} reads with {@code env_var}. */
    public Map<String, String> environment() {
        return Map.of("SHOP_DEMO_KAFKA", bootstrapServers());
    }

    /** The Kafka output of {@code examples/shop/profiles.yml}. */
    public Map<String, Verifier.Topics> outputs() {
        return Map.of("events", new Verifier.Topics(bootstrapServers(), TOPIC_PREFIX));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Ends it at once: what it holds is thrown away. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            DemoFiles.delete(files);
        } catch (UncheckedIOException ignored) {
            // The next start tries again.
        }
    }
}
