package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.Main;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.TopicFollower;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.KafkaBroker;
import dev.freshet.testkit.ServiceProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 3 for readers of committed records: the service is killed 20 times and the broker 5 times under load. A reader that follows all the
 * while, one that comes late, one of a compacted topic and one of a restated epoch all hold exactly the models' rows.
 */
class KafkaKillTest {

    private static final int KILLS = Integer.getInteger("freshet.kafka.kills", 20);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> TOPICS = List.of("shop.analytics.order_feed", "shop.analytics.page_feed");
    private static final List<TopicPartition> PARTITIONS =
            TOPICS.stream().map(topic -> new TopicPartition(topic, 0)).toList();

    /** The two that are delivered to topics and what they are made of: a service starts sooner with few. */
    private static final List<String> MODELS =
            List.of("stg_orders", "order_summary", "page_interest", "order_feed", "page_feed");

    @TempDir
    private Path directory = Path.of("");

    @Test
    void everyChangeIsToldOnce() throws Exception {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        System.out.println("Kafka kill test: seed " + seed + ", " + KILLS + " kills");
        Random random = new Random(seed);
        Path node = Files.createDirectories(directory.resolve("kafka"));
        try (KafkaBroker broker = KafkaBroker.start(node);
                ShopFixture shop = ShopFixture.create(directory.resolve("shop"), 1_000, "batch:\n  interval: 50ms\n");
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            shop.environment("SHOP_DEMO_KAFKA", broker.bootstrapServers());
            shop.keepOnly(MODELS);
            try (Pipeline first = shop.start()) {
                assertThat(first.catchUp(ShopFixture.PATIENCE))
                        .as("caught up: %s", first.status())
                        .isTrue();
            }
            try (StrictReader reader = StrictReader.follow(broker.bootstrapServers(), PARTITIONS)) {
                killUnderLoad(broker, shop, random, seed);
                shop.catchUpAndVerify();
                verify(broker, admin, reader);
                assertThat(reader.epochs()).as("epochs: nothing was restated").isLessThanOrEqualTo(TOPICS.size());
                System.out.println("Kafka kill test: " + reader.records() + " records read");

                compact(broker, admin, shop, reader, seed);
                shop.verify();
                verify(broker, admin, reader);

                Files.delete(shop.settings().stateFile());
                shop.catchUpAndVerify();
                verify(broker, admin, reader);
                assertThat(reader.epochs()).as("epochs: it was restated").isGreaterThan(TOPICS.size());
            }
        }
    }

    /** Nothing is waited for: a kill comes at a moment that nobody chose, and some moments of a delivery are short. */
    private static void letPass(int millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }

    private static void killUnderLoad(KafkaBroker broker, ShopFixture shop, Random random, long seed)
            throws InterruptedException {
        boolean brokerIsDead = false;
        try (DemoWorkload load = shop.workload(300, seed)) {
            for (int kill = 1; kill <= KILLS; kill++) {
                try (ServiceProcess service = serve(shop)) {
                    if (brokerIsDead) {
                        broker.restart();
                        brokerIsDead = false;
                    }
                    service.awaitLine("Serving pipeline", PATIENCE);
                    letPass(random.nextInt(800));
                    if (kill % 4 == 0) {
                        broker.kill9();
                        letPass(random.nextInt(300));
                        // Either the service outlives the broker, or it dies as well and both are started at once.
                        brokerIsDead = kill % 8 == 0;
                        if (!brokerIsDead) {
                            broker.restart();
                            letPass(random.nextInt(800));
                        }
                    }
                    assertThat(service.isAlive())
                            .as(() -> String.join("\n", service.output()))
                            .isTrue();
                    service.kill9();
                }
            }
            load.stop();
            viewPages(shop);
        }
        if (brokerIsDead) {
            broker.restart();
        }
    }

    /** The workload now and then forgets all page views, and may end there: the comparison is to have rows to compare. */
    private static void viewPages(ShopFixture shop) {
        shop.execute(
                shop.shop(), "insert into page_views select now(), null, '/last', null from generate_series(1, 3)");
    }

    private static ServiceProcess serve(ShopFixture shop) {
        return ServiceProcess.start(new ServiceProcess.Launch(
                Main.class.getName(),
                List.of("serve", "--project-dir", shop.project().toString()),
                List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
                shop.environment(),
                shop.project()));
    }

    /** The one that followed and one that comes late hold the same; the models themselves are compared by {@link ShopFixture#verify}. */
    private static void verify(KafkaBroker broker, Admin admin, StrictReader reader) throws Exception {
        Map<TopicPartition, Long> ends = offsets(admin, OffsetSpec.latest());
        Await.until("the reader to read to the end " + ends, PATIENCE, () -> reader.hasReached(ends));
        assertThat(reader.objections()).isEmpty();
        try (TopicFollower late = TopicFollower.fromBeginning(broker.bootstrapServers(), TOPICS)) {
            late.catchUp();
            for (String topic : TOPICS) {
                Map<JsonNode, StrictReader.Held> held = new HashMap<>();
                late.rows(topic).forEach((key, row) -> held.put(key, new StrictReader.Held(row.row(), row.copies())));
                assertThat(held).as(topic).isNotEmpty().isEqualTo(reader.rows(topic));
            }
        }
    }

    /** Makes the broker compact both topics under a little more load, and waits until many records are gone. */
    private static void compact(KafkaBroker broker, Admin admin, ShopFixture shop, StrictReader reader, long seed)
            throws Exception {
        // The reader that follows has to see a record before it is gone.
        Collection<AlterConfigOp> eager = List.of(
                set("segment.ms", "200"),
                set("min.cleanable.dirty.ratio", "0.001"),
                set("min.compaction.lag.ms", "10000"),
                set("delete.retention.ms", "0"));
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        TOPICS.forEach(topic -> changes.put(new ConfigResource(ConfigResource.Type.TOPIC, topic), eager));
        admin.incrementalAlterConfigs(changes).all().get();
        try (Pipeline pipeline = shop.start();
                DemoWorkload load = shop.workload(100, seed + 1)) {
            Await.until("records to be compacted away", PATIENCE, () -> isCompacted(broker, reader));
            load.stop();
            viewPages(shop);
            assertThat(pipeline.catchUp(ShopFixture.PATIENCE)).isTrue();
        }
    }

    /** Whether a late reader is spared a third of what the other one has read of each topic. */
    private static boolean isCompacted(KafkaBroker broker, StrictReader reader) {
        try (TopicFollower late = TopicFollower.fromBeginning(broker.bootstrapServers(), TOPICS)) {
            late.catchUp();
            return TOPICS.stream().allMatch(topic -> late.records(topic) * 3 < reader.records(topic) * 2);
        }
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), OpType.SET);
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        PARTITIONS.forEach(partition -> asked.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> answer :
                admin.listOffsets(asked).all().get().entrySet()) {
            offsets.put(answer.getKey(), answer.getValue().offset());
        }
        return offsets;
    }
}
