package dev.freshet.publisher.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.freshet.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer of committed records that applies a topic as the guide says a consumer should. Knows nothing of the code that writes it. */
final class TopicReader implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    /** A record as it was read; the value is a missing node in a tombstone. */
    record Message(int partition, JsonNode key, JsonNode value) {
        String op() {
            return value.path("op").asText();
        }
    }

    /** A row that a topic holds, and its number of copies. */
    record Held(JsonNode row, long copies) {}

    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;

    TopicReader(String bootstrapServers) {
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "fetch.max.wait.ms",
                        "50"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    List<Message> messages(String topic) {
        List<Message> read = new ArrayList<>();
        read(topic, read::add);
        return read;
    }

    /** Reads from the beginning to what is the end now. */
    void read(String topic, Consumer<Message> reading) {
        Map<TopicPartition, Long> ends = ends(topic);
        consumer.assign(ends.keySet());
        consumer.seekToBeginning(ends.keySet());
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(20))) {
                reading.accept(new Message(
                        message.partition(),
                        json(message.key()),
                        message.value() == null ? JSON.missingNode() : json(message.value())));
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("topic '" + topic + "' can't be read to its end " + ends);
            }
        }
    }

    private Map<TopicPartition, Long> ends(String topic) {
        int partitions = answer(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions()
                .size();
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            asked.put(new TopicPartition(topic, i), OffsetSpec.latest());
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        answer(admin.listOffsets(asked).all()).forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    boolean exists(String topic) {
        return answer(admin.listTopics().names()).contains(topic);
    }

    void delete(String topic) {
        answer(admin.deleteTopics(List.of(topic)).all());
        Await.until("topic '" + topic + "' to be gone", Duration.ofSeconds(20), () -> !exists(topic));
    }

    private static <T> T answer(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        consumer.close();
        admin.close();
    }

    /** What a topic's records come to, by partition and key. */
    static Map<List<Object>, Held> apply(List<Message> messages) {
        Map<List<Object>, Held> held = new HashMap<>();
        for (Message message : messages) {
            List<Object> key = List.of(message.partition(), message.key());
            if (message.op().equals("t")) {
                held.keySet().removeIf(other -> other.get(0).equals(message.partition()));
            } else if (message.value().path("after").isObject()) {
                held.put(
                        key,
                        new Held(
                                message.value().path("after"),
                                message.value().path("copies").asLong(1)));
            } else {
                held.remove(key);
            }
        }
        return held;
    }

    private static JsonNode json(byte[] bytes) {
        try {
            return JSON.readTree(new String(bytes, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
