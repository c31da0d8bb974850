package dev.freshet.deploy.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/**
 * One Kafka node, broker and controller in one, in a process of its own. It says {@value #READY} on its standard output, ends when its standard
 * input does, and leaves Ctrl-C in the terminal to the demo, which still has to drain.
 */
public final class DemoBrokerProgram {

    static final String READY = "ready";

    private static final String CLUSTER_ID = "freshet-demo-cluster00";

    private DemoBrokerProgram() {}

    /** @param arguments an empty directory, the broker's port, the controller's */
    public static void main(String[] arguments) throws IOException {
        ignoreInterrupts();
        endWithParent();
        Path directory = Path.of(arguments[0]);
        Properties settings = settings(directory, arguments[1], arguments[2]);
        format(directory.resolve("server.properties"), settings);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
        server.startup();
        System.out.println(READY);
        server.awaitShutdown();
    }

    private static void format(Path file, Properties settings) throws IOException {
        try (var out = Files.newBufferedWriter(file)) {
            settings.store(out, null);
        }
        try (PrintStream silence = new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            String[] format = {"format", "-t", CLUSTER_ID, "-c", file.toString()};
            if (StorageTool.execute(format, silence) != 0) {
                throw new IOException("the broker's directory '" + file.getParent() + "' can't be formatted");
            }
        }
    }

    /** One small node that keeps what it needs and no more. */
    private static Properties settings(Path directory, String port, String controllerPort) {
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + controllerPort,
                "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
                "advertised.listeners", "PLAINTEXT://127.0.0.1:" + port,
                "controller.listener.names", "CONTROLLER",
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "log.dirs", directory.resolve("log").toString(),
                "auto.create.topics.enable", "false",
                "num.network.threads", "2"));
        settings.putAll(Map.of(
                "num.io.threads", "2",
                "background.threads", "2",
                "group.initial.rebalance.delay.ms", "0",
                "offsets.topic.replication.factor", "1",
                "offsets.topic.num.partitions", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", "1",
                "share.coordinator.state.topic.replication.factor", "1",
                "share.coordinator.state.topic.min.isr", "1"));
        // Compaction soon and in small pieces: a demo that runs all night fills no disk.
        settings.putAll(Map.of(
                "log.segment.bytes", "16777216",
                "log.roll.ms", "600000",
                "transaction.state.log.segment.bytes", "16777216",
                "log.index.size.max.bytes", "1048576",
                "log.segment.delete.delay.ms", "1000",
                "log.cleaner.delete.retention.ms", "600000",
                "log.cleaner.dedupe.buffer.size", "16777216",
                "log.cleaner.threads", "1"));
        return settings;
    }

    /** The JDK's signal API is no public module of the platform; where it is missing, Ctrl-C also ends the broker. */
    private static void ignoreInterrupts() {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            signal.getMethod("handle", signal, handler)
                    .invoke(
                            null,
                            signal.getConstructor(String.class).newInstance("INT"),
                            handler.getField("SIG_IGN").get(null));
        } catch (ReflectiveOperationException ignored) {
            // The demo's topics are lost before the last changes are delivered; all of it is thrown away anyway.
        }
    }

    /** However the demo ends, even killed: nothing of it stays. */
    private static void endWithParent() {
        Thread watch = new Thread(
                () -> {
                    try {
                        System.in.transferTo(PrintStream.nullOutputStream());
                    } catch (IOException ignored) {
                        // Ended as well.
                    }
                    Runtime.getRuntime().halt(0);
                },
                "parent");
        watch.setDaemon(true);
        watch.start();
    }
}
