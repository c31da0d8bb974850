package dev.freshet.publisher.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.kafka.TopicReader.Held;
import dev.freshet.publisher.kafka.TopicReader.Message;
import dev.freshet.state.Column;
import dev.freshet.state.Connection;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.KafkaBroker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A pipeline of two models that is delivered to topics of its own, and what a reader of those topics has to find. */
final class Scene implements AutoCloseable {

    static final TableSchema KEYED = schema("k");
    static final TableSchema BAG = schema();
    private static int spaces = 0;

    final String prefix = "scene" + ++spaces;
    final TableId keyed = new TableId("events", "marts", "keyed");
    final TableId bag = new TableId("events", "marts", "bag");
    final List<PublishedModel> models =
            List.of(new PublishedModel(keyed, List.of("k")), new PublishedModel(bag, List.of()));
    final KafkaBroker broker;
    final TopicReader reader;
    MemoryStateStore store = new MemoryStateStore(1_000);
    Target target;
    private final Map<String, String> settings = new HashMap<>();

    /** @param more settings of the output */
    Scene(KafkaBroker broker, TopicReader reader, String bootstrapServers, Map<String, String> more) {
        this.broker = broker;
        this.reader = reader;
        settings.put("bootstrap_servers", bootstrapServers);
        settings.put("topic_prefix", prefix);
        settings.putAll(more);
        this.target = open(1);
    }

    private static TableSchema schema(String... key) {
        return new TableSchema(List.of(new Column("k", Simple.BIGINT), new Column("v", Simple.VARCHAR)), List.of(key));
    }

    Target open(long epoch) {
        return open("scene", epoch);
    }

    Target open(String project, long epoch) {
        return new KafkaTargetFactory()
                .create(
                        new Connection("events", "kafka", settings),
                        new Ownership(new PipelineId(project, "prod"), epoch, UUID.randomUUID()));
    }

    void reopen() {
        target.close();
        target = open(1);
    }

    String topic(TableId model) {
        return new TopicNames(prefix).topic(model);
    }

    /** One cut of ten rows with this value, of which the bag holds each twice. */
    void cut(String value) {
        cut(value, 10);
    }

    void cut(String value, int count) {
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            rows.add(Row.of(i, value));
        }
        List<Row> doubled = new ArrayList<>(rows);
        doubled.addAll(rows);
        store.cycle().put(keyed, KEYED, rows).put(bag, BAG, doubled).commit();
    }

    Receipt publish() {
        return publish(target);
    }

    Receipt publish(Target to) {
        try (StateSnapshot snapshot = store.read()) {
            return to.publish(snapshot, models);
        }
    }

    /** Tries as a publisher does, without its pauses. */
    void publishUntilDone() {
        for (int attempt = 1; true; attempt++) {
            try {
                publish();
                return;
            } catch (FreshetException e) {
                assertThat(e.kind()).isIn(ErrorKind.TARGET, ErrorKind.RETRYABLE, ErrorKind.OUTCOME_UNKNOWN);
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    /** The topics hold the models' rows, and no change was told twice. */
    void verify() {
        for (TableId model : List.of(keyed, bag)) {
            List<Message> messages = reader.messages(topic(model));
            assertThat(rows(TopicReader.apply(messages))).as("%s", model).isEqualTo(store.rows(model));
            Set<List<Object>> told = new HashSet<>();
            for (Message message : messages) {
                JsonNode source = message.value().path("source");
                if (!source.isMissingNode()) {
                    assertThat(told.add(List.of(
                                    message.partition(), message.key(), source.path("epoch"), source.path("cut"))))
                            .as("told once: %s", message)
                            .isTrue();
                }
            }
        }
    }

    static Map<Row, Long> rows(Map<List<Object>, Held> held) {
        Map<Row, Long> rows = new HashMap<>();
        held.forEach((key, row) -> rows.put(
                Row.of(row.row().path("k").asLong(), row.row().path("v").asText()), row.copies()));
        return rows;
    }

    @Override
    public void close() {
        target.close();
    }
}
