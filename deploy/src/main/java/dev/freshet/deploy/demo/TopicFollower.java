package dev.freshet.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * An application that follows topics, in the few lines that the guide tells it to have: committed records only; {@code op: "t"} voids what
 * its partition held; a row after is put by key, no row after removes the key. Used by one thread.
 */
public final class TopicFollower implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CATCH_UP_LIMIT = Duration.ofSeconds(60);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Map<JsonNode, Held>> rows = new HashMap<>();
    private final Map<String, Long> counts = new HashMap<>();
    private final Map<String, Long> records = new HashMap<>();

    /** A row that a reader holds, and how many copies of it there are. */
    public record Held(JsonNode row, long copies) {}

    private TopicFollower(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /** The topics must be there. */
    public static TopicFollower fromBeginning(String bootstrapServers, Collection<String> topics) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            for (PartitionInfo partition : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, partition.partition()));
            }
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return new TopicFollower(consumer);
    }

    /** Reads to what is the end now. */
    public void catchUp() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        long deadline = System.nanoTime() + CATCH_UP_LIMIT.toNanos();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            poll(Duration.ofMillis(100));
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("the topics could not be read to their end " + ends);
            }
        }
    }

    /** Reads what there is, waiting this long for the first of it. */
    public void poll(Duration patience) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(patience)) {
            apply(message);
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> message) {
        records.merge(message.topic(), 1L, Long::sum);
        Map<JsonNode, Held> held = rows.computeIfAbsent(
                new TopicPartition(message.topic(), message.partition()), partition -> new HashMap<>());
        JsonNode key = json(message.key());
        if (message.value() == null) {
            held.remove(key);
            return;
        }
        JsonNode value = json(message.value());
        String op = value.path("op").asText();
        counts.merge(op, 1L, Long::sum);
        if (op.equals("t")) {
            held.clear();
        } else if (value.path("after").isNull()) {
            held.remove(key);
        } else {
            held.put(key, new Held(value.path("after"), value.path("copies").asLong(1)));
        }
    }

    /** The rows of a topic by key. */
    public Map<JsonNode, Held> rows(String topic) {
        Map<JsonNode, Held> all = new HashMap<>();
        rows.forEach((partition, held) -> {
            if (partition.topic().equals(topic)) {
                all.putAll(held);
            }
        });
        return all;
    }

    /** How many records of a topic were read, tombstones among them. */
    public long records(String topic) {
        return records.getOrDefault(topic, 0L);
    }

    /** Records read so far by {@code op}, tombstones left out. */
    public Map<String, Long> counts() {
        return Map.copyOf(counts);
    }

    private static JsonNode json(byte[] text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
