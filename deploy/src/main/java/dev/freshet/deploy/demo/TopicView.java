package dev.freshet.deploy.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What an application sees that follows topics: it reads them on a thread of its own, from the beginning, and tells of their records in words. It
 * keeps none of them. Methods may be called by any thread.
 */
public final class TopicView implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<String, String> WORDS =
            Map.of("c", "created", "u", "updated", "d", "deleted", "r", "read", "t", "void");
    private static final int LONGEST = 140;
    private static final Duration PATIENCE = Duration.ofMillis(200);
    private static final long STOP_LIMIT_MILLIS = 5_000;

    private final Thread thread;
    private final AtomicBoolean closing = new AtomicBoolean();

    // Guarded by this.
    private final Map<String, Long> counts = new TreeMap<>();
    private String newest = "";

    private TopicView(String bootstrapServers, List<TopicPartition> partitions) {
        this.thread = new Thread(() -> follow(bootstrapServers, partitions), "topic view");
        this.thread.setDaemon(true);
    }

    /** @param topics of one partition each */
    public static TopicView follow(Verifier.Topics output, List<String> topics) {
        List<TopicPartition> partitions =
                topics.stream().map(topic -> new TopicPartition(topic, 0)).toList();
        TopicView view = new TopicView(output.bootstrapServers(), partitions);
        view.thread.start();
        return view;
    }

    private void follow(String bootstrapServers, List<TopicPartition> partitions) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false",
                        // What is read ahead waits in memory.
                        ConsumerConfig.FETCH_MAX_BYTES_CONFIG, "4194304",
                        ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closing.get()) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(PATIENCE)) {
                    note(message);
                }
            }
        } catch (KafkaException | IOException e) {
            synchronized (this) {
                newest = "nothing more: " + e.getMessage();
            }
        }
    }

    private void note(ConsumerRecord<byte[], byte[]> message) throws IOException {
        if (message.value() == null) {
            return;
        }
        JsonNode value = JSON.readTree(message.value());
        String text = describe(message.topic(), JSON.readTree(message.key()), value);
        synchronized (this) {
            counts.merge(WORDS.getOrDefault(value.path("op").asText(), "other"), 1L, Long::sum);
            newest = text;
        }
    }

    /** In one line, which is cut when it gets long: the topic, the key, and what is new. */
    static String describe(String topic, JsonNode key, JsonNode value) {
        String op = value.path("op").asText();
        StringBuilder text = new StringBuilder(topic)
                .append(": ")
                .append(WORDS.getOrDefault(op, op))
                .append(' ');
        JsonNode before = value.path("before");
        JsonNode after = value.path("after");
        if (value.has("copies")) {
            text.append(after.isObject() ? after : before)
                    .append(", copies ")
                    .append(value.path("copies_before").asLong())
                    .append(" -> ")
                    .append(value.path("copies").asLong());
        } else {
            text.append(key);
            if (after.isObject()) {
                text.append(": ").append(changes(before, after));
            }
        }
        return text.length() <= LONGEST ? text.toString() : text.substring(0, LONGEST - 1) + "…";
    }

    private static String changes(JsonNode before, JsonNode after) {
        List<String> changes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : after.properties()) {
            JsonNode old = before.path(field.getKey());
            if (!before.isObject()) {
                changes.add(field.getKey() + " " + field.getValue());
            } else if (!old.equals(field.getValue())) {
                changes.add(field.getKey() + " " + old + " -> " + field.getValue());
            }
        }
        return String.join(", ", changes);
    }

    /** The newest record that a reader of committed records can see, in words; empty before the first. */
    public synchronized String newest() {
        return newest;
    }

    /** How many records were read, in words, tombstones left out. */
    public synchronized String counts() {
        return counts.entrySet().stream()
                .map(count -> String.format(Locale.ROOT, "%,d %s", count.getValue(), count.getKey()))
                .collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        closing.set(true);
        try {
            thread.join(STOP_LIMIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
