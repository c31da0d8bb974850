package dev.freshet.testkit;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kafka.Kafka;
import kafka.tools.StorageTool;

/** One Kafka node, broker and controller in one, run until it is killed. Its directory makes it the same node at every start. */
public final class KafkaBrokerProgram {

    private static final String CLUSTER_ID = "freshet-tests-cluster0";

    private KafkaBrokerProgram() {}

    /** @param arguments the node's directory, the broker's port, the controller's, and the broker's port behind a proxy with the proxy's */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        Path settings = directory.resolve("server.properties");
        Files.createDirectories(directory);
        Files.write(settings, settings(directory, arguments));
        try (PrintStream silence = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            String[] format = {"format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", settings.toString()};
            if (StorageTool.execute(format, silence) != 0) {
                throw new IOException("the broker's directory '" + directory + "' can't be formatted");
            }
        }
        Kafka.main(new String[] {settings.toString()});
    }

    private static List<String> settings(Path directory, String[] arguments) {
        String port = arguments[1];
        String controllerPort = arguments[2];
        return List.of(
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
                "listeners=PLAINTEXT://127.0.0.1:" + port + ",PROXIED://127.0.0.1:" + arguments[3]
                        + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "advertised.listeners=PLAINTEXT://127.0.0.1:" + port + ",PROXIED://127.0.0.1:" + arguments[4],
                "controller.listener.names=CONTROLLER",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "log.dirs=" + directory.resolve("log"),
                "auto.create.topics.enable=false",
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=1",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=1",
                "group.initial.rebalance.delay.ms=0",
                // A node that is started again waits until its former self is given up for dead.
                "broker.session.timeout.ms=2000",
                "broker.heartbeat.interval.ms=250",
                // What died is noticed and compacted within a test's time.
                "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
                "log.cleaner.backoff.ms=200",
                "log.cleaner.dedupe.buffer.size=8388608",
                "num.network.threads=2",
                "num.io.threads=2",
                "log.cleaner.threads=1",
                "background.threads=2",
                "share.coordinator.state.topic.replication.factor=1",
                "share.coordinator.state.topic.min.isr=1");
    }
}
