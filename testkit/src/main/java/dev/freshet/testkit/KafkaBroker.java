package dev.freshet.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A real Kafka broker on loopback in a process of its own, so that it can be killed and started again on the same port with the same data.
 * Used by one thread; {@link #port} by any.
 */
public final class KafkaBroker implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private final Path directory;
    private final int port;
    private final int controllerPort;
    private final int proxiedPort;
    private final TcpProxy proxy;
    private ServiceProcess process;

    private KafkaBroker(Path directory) {
        this.directory = directory;
        this.port = freePort();
        this.controllerPort = freePort();
        this.proxiedPort = freePort();
        this.proxy = TcpProxy.to("127.0.0.1", proxiedPort);
        this.process = launch();
    }

    /** Starts a new node in an empty directory, or the node that was there before, on new ports. */
    public static KafkaBroker start(Path directory) {
        KafkaBroker broker = new KafkaBroker(directory);
        broker.awaitReady();
        return broker;
    }

    public int port() {
        return port;
    }

    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** The network of those who connect through {@link #proxiedBootstrapServers}. */
    public TcpProxy proxy() {
        return proxy;
    }

    public String proxiedBootstrapServers() {
        return "127.0.0.1:" + proxy.port();
    }

    /** As a power cut would. What the operating system had taken stays. */
    public void kill9() {
        process.kill9();
    }

    /** Starts the killed node again, on the same ports with the same data, and waits until it answers. */
    public void restart() {
        process.close();
        process = launch();
        awaitReady();
    }

    private ServiceProcess launch() {
        return ServiceProcess.start(new ServiceProcess.Launch(
                KafkaBrokerProgram.class.getName(),
                List.of(
                        directory.resolve("node").toAbsolutePath().toString(),
                        Integer.toString(port),
                        Integer.toString(controllerPort),
                        Integer.toString(proxiedPort),
                        Integer.toString(proxy.port())),
                List.of("-Xmx400m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                Map.of(),
                directory));
    }

    private void awaitReady() {
        Await.until("the broker on port " + port + " to listen", START_LIMIT, () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("the broker ended:\n" + String.join("\n", process.output()));
            }
            try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port)) {
                return socket.isConnected();
            }
        });
    }

    /** Below the range from which a client's own end of a connection is taken: a dead broker's port must stay free. */
    private static int freePort() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(15_000, 30_000);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getByName("127.0.0.1"))) {
                return socket.getLocalPort();
            } catch (IOException ignored) {
                // Taken: another one is tried.
            }
        }
        throw new IllegalStateException("no free port on loopback");
    }

    @Override
    public void close() {
        process.close();
        proxy.close();
    }
}
