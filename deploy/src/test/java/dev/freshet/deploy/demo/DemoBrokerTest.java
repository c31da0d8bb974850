package dev.freshet.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.freshet.state.TableId;
import dev.freshet.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoBrokerTest {

    private static final TableId KEYED = new TableId("events", "analytics", "orders");
    private static final TableId BAG = new TableId("events", "analytics", "pages");
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path directory = Path.of("");

    @Test
    void itsTopicsAreJudgedByWhatALateReaderHoldsAndGoneWhenItCloses() throws Exception {
        try (DemoBroker broker = DemoBroker.start(directory)) {
            broker.awaitReady();
            assertThat(broker.environment()).containsEntry("SHOP_DEMO_KAFKA", broker.bootstrapServers());
            Verifier.Topics topics = broker.outputs().get("events");
            assertThat(topics.topic(KEYED)).isEqualTo("shop.analytics.orders");
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
                admin.createTopics(List.of(
                                new NewTopic(topics.topic(KEYED), 1, (short) 1),
                                new NewTopic(topics.topic(BAG), 1, (short) 1)))
                        .all()
                        .get();
            }
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                            Map.of("bootstrap.servers", broker.bootstrapServers()),
                            new ByteArraySerializer(),
                            new ByteArraySerializer());
                    TopicView view = TopicView.follow(topics, List.of(topics.topic(KEYED)))) {
                String keyed = topics.topic(KEYED);
                send(producer, keyed, "{'id':9}", "{'op':'c','before':null,'after':{'id':9,'state':'void'}}");
                send(producer, keyed, "{}", "{'op':'t','before':null,'after':null}");
                send(producer, keyed, "{'id':1}", "{'op':'r','before':null,'after':{'id':1,'state':'new'}}");
                send(producer, keyed, "{'id':2}", "{'op':'r','before':null,'after':{'id':2,'state':null}}");
                send(
                        producer,
                        keyed,
                        "{'id':1}",
                        "{'op':'u','before':{'id':1,'state':'new'},'after':{'id':1,'state':'paid'}}");
                send(producer, keyed, "{'id':2}", "{'op':'d','before':{'id':2,'state':null},'after':null}");
                send(producer, keyed, "{'id':2}", null);
                send(
                        producer,
                        topics.topic(BAG),
                        "{'row_hash':'x'}",
                        "{'op':'c','before':null,'after':{'path':'/'},'copies_before':0,'copies':2}");
                producer.flush();

                List<Verifier.ModelCheck> models = List.of(
                        new Verifier.ModelCheck(KEYED, "select 1 as id, 'paid' as state"),
                        new Verifier.ModelCheck(BAG, "select '/' as path from range(2)"));
                Verifier verifier = new Verifier(Map.of(), broker.outputs());
                assertThat(verifier.verify(List.of(), models))
                        .hasSize(2)
                        .allSatisfy(verdict ->
                                assertThat(verdict.equal()).as("%s", verdict).isTrue());
                Await.until("the view to read all of it", Duration.ofSeconds(20), () -> view.counts()
                        .equals("1 created, 1 deleted, 2 read, 1 updated, 1 void"));
                assertThat(view.newest()).isEqualTo("shop.analytics.orders: deleted {\"id\":2}");

                send(
                        producer,
                        topics.topic(BAG),
                        "{'row_hash':'x'}",
                        "{'op':'u','before':{'path':'/'},'after':{'path':'/'},'copies_before':2,'copies':3}");
                send(
                        producer,
                        keyed,
                        "{'id':1}",
                        "{'op':'u','before':{'id':1,'state':'paid'},'after':{'id':1,'state':'PAID'}}");
                producer.flush();
                assertThat(verifier.verify(List.of(), models))
                        .extracting(Verifier.Verdict::table, Verifier.Verdict::missing, Verifier.Verdict::unexpected)
                        .containsExactlyInAnyOrder(tuple(KEYED, 1L, 1L), tuple(BAG, 0L, 1L));
            }
        }
        assertThat(directory.resolve("kafka")).doesNotExist();
    }

    @Test
    void aRecordIsToldInOneLine() throws Exception {
        assertThat(TopicView.describe(
                        "orders",
                        json("{'id':1}"),
                        json("{'op':'u','before':{'id':1,'n':2,'s':'a'},'after':{'id':1,'n':3,'s':'a'}}")))
                .isEqualTo("orders: updated {\"id\":1}: n 2 -> 3");
        assertThat(
                        TopicView.describe(
                                "pages",
                                json("{'row_hash':'x'}"),
                                json(
                                        "{'op':'d','before':{'path':'/'},'after':null,'copies_before':2,'copies':0,'source':{'cut':1}}")))
                .isEqualTo("pages: deleted {\"path\":\"/\"}, copies 2 -> 0");
        assertThat(TopicView.describe(
                        "orders",
                        json("{'id':1}"),
                        json("{'op':'c','before':null,'after':{'text':'" + "x".repeat(500) + "'}}")))
                .hasSize(140)
                .endsWith("…");
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic, String key, @Nullable String value) {
        var unused = producer.send(new ProducerRecord<>(topic, bytes(key), value == null ? null : bytes(value)));
    }

    private static JsonNode json(String text) throws Exception {
        return JSON.readTree(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
