package dev.freshet.publisher.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.publisher.FencedException;
import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.kafka.TopicReader.Message;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Row;
import dev.freshet.testkit.KafkaBroker;
import dev.freshet.testkit.TcpProxy.Failure;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that fail at every point of a delivery, transactions that end in the middle of a cut, and people who meddle with topics. */
class KafkaFaultTest {

    private static final Map<String, String> IMPATIENT = Map.of(
            "kafka.request.timeout.ms", "400",
            "kafka.delivery.timeout.ms", "600",
            "kafka.linger.ms", "0",
            "kafka.max.block.ms", "800",
            "kafka.default.api.timeout.ms", "800");

    @TempDir
    private static Path directory = Path.of("");

    private static KafkaBroker broker = null;
    private static TopicReader reader = null;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.start(directory);
        reader = new TopicReader(broker.bootstrapServers());
    }

    @AfterAll
    static void stopBroker() {
        reader.close();
        broker.close();
    }

    private static Scene scene(Map<String, String> settings) {
        return new Scene(broker, reader, broker.bootstrapServers(), settings);
    }

    private static Scene fragileScene(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(IMPATIENT);
        settings.putAll(more);
        return new Scene(broker, reader, broker.proxiedBootstrapServers(), settings);
    }

    @Test
    void firstDeliverySurvivesALossAtEachStep() {
        for (Failure failure : Failure.values()) {
            int step = 1;
            // Most of them are those of connecting: some are tried.
            for (boolean broke = true; broke; step += 5) {
                try (Scene scene = fragileScene(Map.of())) {
                    scene.cut("first");
                    broke = losesAt(scene, failure, step);
                    scene.verify();
                }
            }
            assertThat(step).as("steps of a first delivery").isBetween(10, 120);
        }
    }

    @Test
    void deltaSurvivesALossAtEachStep() {
        try (Scene scene = fragileScene(Map.of())) {
            scene.cut("first");
            scene.publishUntilDone();
            for (Failure failure : Failure.values()) {
                int step = 1;
                for (boolean broke = true; broke; step++) {
                    scene.cut(failure + " " + step);
                    scene.cut(failure + " again " + step);
                    broke = losesAt(scene, failure, step);
                }
                scene.verify();
                assertThat(step).as("steps of a delta").isBetween(3, 30);
            }
        }
    }

    /** @return whether the delivery was long enough to be broken there */
    private static boolean losesAt(Scene scene, Failure failure, int step) {
        broker.proxy().failAfter(step, failure);
        try {
            scene.publish();
        } catch (FreshetException e) {
            assertThat(e.kind()).isIn(ErrorKind.TARGET, ErrorKind.RETRYABLE, ErrorKind.OUTCOME_UNKNOWN);
        }
        boolean broke = broker.proxy().hasFailed();
        broker.proxy().restore();
        scene.publishUntilDone();
        return broke;
    }

    /** A cut larger than a transaction goes on at the very change where it was left, in a restatement as in a delta. */
    @Test
    void aCutInChunksGoesOnWhereItWasLeft() {
        try (Scene scene = fragileScene(Map.of("transaction_bytes", "6000", "partitions", "3"))) {
            scene.cut("first", 100);
            int failures = 0;
            for (int step = 40; brokenAt(scene, step); step += 9) {
                failures++;
                // The world moves on while the target is away.
                scene.cut("first, and on " + step, 100);
            }
            scene.verify();
            assertThat(failures).isGreaterThan(2);
            List<Message> messages = reader.messages(scene.topic(scene.keyed));
            assertThat(messages.stream()
                            .map(message -> message.value().path("source").path("epoch"))
                            .filter(epoch -> !epoch.isMissingNode())
                            .distinct())
                    .as("epochs: a restatement is not begun again")
                    .hasSize(1);
            assertThat(messages.stream().filter(message -> message.op().equals("r")))
                    .hasSize(100);
            assertThat(messages.stream().filter(message -> message.op().equals("u")))
                    .as("one update a row and cut")
                    .hasSize((int) (scene.store.cut().number() - firstCut(messages)) * 100);
        }
    }

    private static long firstCut(List<Message> messages) {
        return messages.get(0).value().path("source").path("cut").asLong();
    }

    private static boolean brokenAt(Scene scene, int step) {
        broker.proxy().failAfter(step, Failure.CUT);
        boolean broke = false;
        try {
            scene.publish();
        } catch (FreshetException e) {
            broke = true;
        }
        broker.proxy().restore();
        if (!broke) {
            scene.publishUntilDone();
        }
        return broke;
    }

    @Test
    void everyCutIsToldUnlessCoalesced() {
        for (boolean coalesced : new boolean[] {false, true}) {
            try (Scene scene = scene(Map.of("coalesce", "" + coalesced))) {
                scene.cut("0");
                scene.publish();
                for (int i = 1; i <= 5; i++) {
                    scene.cut("" + i);
                }
                scene.publish();
                scene.verify();
                Map<Long, Long> byCut = reader.messages(scene.topic(scene.keyed)).stream()
                        .filter(message -> message.op().equals("u"))
                        .collect(Collectors.groupingBy(
                                message -> message.value()
                                        .path("source")
                                        .path("cut")
                                        .asLong(),
                                Collectors.counting()));
                assertThat(byCut)
                        .isEqualTo(coalesced ? Map.of(6L, 10L) : Map.of(2L, 10L, 3L, 10L, 4L, 10L, 5L, 10L, 6L, 10L));
            }
        }
    }

    /** Keys that went while nobody could tell do not live on in what a reader holds. */
    @Test
    void aRestatementEndsTheEpochBefore() {
        try (Scene scene = scene(Map.of("partitions", "3"))) {
            scene.cut("first", 20);
            scene.publish();
            scene.store = new MemoryStateStore(1_000);
            scene.cut("rebuilt", 5);
            assertThat(scene.publish().tables())
                    .extracting(TableReceipt::method)
                    .containsOnly(Method.RESTATEMENT);
            scene.verify();
            scene.store = new MemoryStateStore(1_000);
            scene.cut("empty", 0);
            scene.publish();
            scene.verify();
            assertThat(TopicReader.apply(reader.messages(scene.topic(scene.keyed))))
                    .isEmpty();
        }
    }

    @Test
    void aDeletedTopicIsRestated() {
        try (Scene scene = scene(Map.of())) {
            scene.cut("1");
            scene.publish();
            reader.delete(scene.topic(scene.bag));
            scene.cut("2");
            assertThat(scene.publish().tables())
                    .extracting(TableReceipt::method)
                    .containsExactly(Method.DELTA, Method.CREATION);
            scene.verify();
            reader.delete(scene.prefix + ".freshet_ledger");
            scene.reopen();
            scene.cut("3");
            assertThat(scene.publish().tables())
                    .extracting(TableReceipt::method)
                    .containsOnly(Method.RESTATEMENT);
            scene.verify();
        }
    }

    @Test
    void aTopicOfAnotherPipelineIsLeftAlone() {
        try (Scene scene = scene(Map.of());
                Target other = scene.open("intruder", 1)) {
            scene.cut("1");
            scene.publish();
            Receipt receipt = scene.publish(other);
            assertThat(receipt.tables()).extracting(TableReceipt::method).containsOnly(Method.HELD);
            assertThat(receipt.tables().get(0).problem().orElse(""))
                    .contains("topic '" + scene.topic(scene.keyed)
                            + "' is delivered by pipeline 'scene/prod', output 'events'")
                    .contains("topic_prefix");
            scene.verify();
            scene.target.retract(scene.models);
            assertThat(scene.publish(other).tables())
                    .extracting(TableReceipt::method)
                    .containsOnly(Method.CREATION);
            scene.verify();
        }
    }

    /** A row beyond the size of a record is left out, and a smaller version of it comes back. */
    @Test
    void aRowTooLargeIsLeftOut() {
        try (Scene scene = scene(Map.of("kafka.max.request.size", "20000"))) {
            String large = "x".repeat(30_000);
            store(scene, Row.of(1L, "small"), Row.of(2L, large));
            TableReceipt receipt = scene.publish().tables().get(0);
            assertThat(receipt.quarantined()).isEqualTo(1);
            assertThat(receipt.problem().orElse("")).contains("max.request.size");
            assertThat(held(scene)).containsOnlyKeys(Row.of(1L, "small"));
            store(scene, Row.of(1L, large), Row.of(2L, "small"));
            scene.publish();
            assertThat(held(scene)).containsOnlyKeys(Row.of(2L, "small"));
            store(scene, Row.of(1L, "small"), Row.of(2L, "small"));
            scene.publish();
            assertThat(held(scene)).containsOnlyKeys(Row.of(1L, "small"), Row.of(2L, "small"));
        }
    }

    private static void store(Scene scene, Row... rows) {
        scene.store.cycle().put(scene.keyed, Scene.KEYED, List.of(rows)).commit();
    }

    private static Map<Row, Long> held(Scene scene) {
        return Scene.rows(TopicReader.apply(reader.messages(scene.topic(scene.keyed))));
    }

    /** The topic itself may allow less than the client: it is held, the others go on. */
    @Test
    void aTopicThatRefusesIsHeldAlone() {
        try (Scene scene = scene(Map.of("topic.max.message.bytes", "20000"))) {
            scene.cut("1");
            scene.publish();
            scene.store
                    .cycle()
                    .put(scene.keyed, Scene.KEYED, List.of(Row.of(1L, "x".repeat(30_000))))
                    .put(scene.bag, Scene.BAG, List.of(Row.of(1L, "2")))
                    .commit();
            Receipt receipt = scene.publish();
            assertThat(receipt.tables())
                    .extracting(TableReceipt::method)
                    .containsExactlyInAnyOrder(Method.HELD, Method.DELTA);
            assertThat(held(scene)).hasSize(10);
            scene.cut("3");
            // What it refused it is told again, at each cut: the net change since goes in.
            assertThat(scene.publish().tables())
                    .extracting(TableReceipt::method)
                    .containsOnly(Method.DELTA);
            scene.verify();
        }
    }

    /** An instance that was overtaken and starts delivering again stops itself, not its successor. */
    @Test
    void aZombieLeavesItsSuccessorUndisturbed() {
        try (Scene scene = scene(Map.of());
                Target successor = scene.open(2)) {
            scene.cut("1");
            scene.publish();
            scene.publish(successor);
            scene.cut("2");
            scene.reopen();
            assertThatThrownBy(scene::publish)
                    .isInstanceOf(FencedException.class)
                    .hasMessageContaining("another instance has taken over pipeline 'scene/prod'");
            assertThat(scene.publish(successor).tables())
                    .extracting(TableReceipt::method)
                    .containsOnly(Method.DELTA);
            scene.verify();
        }
    }

    @Test
    void anAbsentBrokerIsNamed() {
        try (Scene scene = new Scene(broker, reader, "127.0.0.1:1", IMPATIENT)) {
            scene.cut("1");
            assertThatThrownBy(scene::publish)
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("the connection was refused or lost")
                    .hasMessageContaining("output 'events' at '127.0.0.1:1'")
                    .extracting(e -> ((FreshetException) e).kind())
                    .isEqualTo(ErrorKind.TARGET);
        }
    }

    @Test
    void aKilledBrokerComesBack() {
        try (Scene scene = scene(Map.of())) {
            scene.cut("1");
            scene.publish();
            scene.cut("2");
            Thread killer = new Thread(() -> {
                broker.kill9();
                broker.restart();
            });
            killer.start();
            scene.publishUntilDone();
            killer.join();
            scene.cut("3");
            scene.publishUntilDone();
            scene.verify();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
