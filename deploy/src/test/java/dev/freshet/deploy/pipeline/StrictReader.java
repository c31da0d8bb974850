package dev.freshet.deploy.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A reader that follows topics while they are written, on a thread of its own, and objects to whatever an exact log can't hold: a change told
 * twice, a row created that is there, an update or delete of another row than the one it holds, cuts that go back.
 */
final class StrictReader implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    /** A row with its number of copies. */
    record Held(JsonNode row, long copies) {}

    private final List<TopicPartition> partitions;
    private final Thread thread;
    private final AtomicBoolean closing = new AtomicBoolean();

    // All guarded by this.
    private final Map<TopicPartition, Map<JsonNode, Held>> rows = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Map<TopicPartition, Long> cuts = new HashMap<>();
    private final Set<Long> epochs = new HashSet<>();
    private final Set<List<Object>> told = new HashSet<>();
    private final List<String> objections = new ArrayList<>();
    private final Map<String, Long> records = new HashMap<>();

    private StrictReader(List<TopicPartition> partitions, String bootstrapServers) {
        this.partitions = partitions;
        this.thread = new Thread(() -> run(bootstrapServers), "strict reader");
        this.thread.setDaemon(true);
    }

    /** One that is told of the records by {@link #read}. */
    static StrictReader of(List<TopicPartition> partitions) {
        return new StrictReader(partitions, "");
    }

    static StrictReader follow(String bootstrapServers, List<TopicPartition> partitions) {
        StrictReader reader = new StrictReader(partitions, bootstrapServers);
        reader.thread.start();
        return reader;
    }

    private void run(String bootstrapServers) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closing.get()) {
                poll(consumer);
            }
        }
    }

    private void poll(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(100))) {
                read(message);
            }
            for (TopicPartition partition : partitions) {
                long position = consumer.position(partition, Duration.ofSeconds(1));
                synchronized (this) {
                    positions.put(partition, position);
                }
            }
        } catch (RetriableException ignored) {
            // The broker is away; it comes back.
        }
    }

    synchronized void read(ConsumerRecord<byte[], byte[]> message) {
        TopicPartition partition = new TopicPartition(message.topic(), message.partition());
        Map<JsonNode, Held> held = rows.computeIfAbsent(partition, at -> new HashMap<>());
        JsonNode key = json(message.key());
        records.merge(message.topic(), 1L, Long::sum);
        if (message.value() == null) {
            require(!held.containsKey(key), "a tombstone of a row that is held", message);
            return;
        }
        JsonNode value = json(message.value());
        JsonNode source = value.path("source");
        long cut = source.path("cut").asLong();
        String op = value.path("op").asText();
        epochs.add(source.path("epoch").asLong());
        require(
                told.add(List.of(partition, key, source.path("epoch"), source.path("cut"))),
                "a change told twice",
                message);
        if (op.equals("t")) {
            held.clear();
            cuts.put(partition, cut);
            return;
        }
        require(cut >= cuts.getOrDefault(partition, 0L), "a cut after a later one", message);
        cuts.put(partition, cut);
        Held before = held.get(key);
        if (op.equals("c") || op.equals("r")) {
            require(before == null, "a row created that is there", message);
        } else {
            require(
                    before != null
                            && before.row().equals(value.path("before"))
                            && before.copies() == value.path("copies_before").asLong(1),
                    "an image before that is not the row held",
                    message);
        }
        if (op.equals("d")) {
            held.remove(key);
        } else {
            held.put(key, new Held(value.path("after"), value.path("copies").asLong(1)));
        }
    }

    private void require(boolean holds, String otherwise, ConsumerRecord<byte[], byte[]> message) {
        if (!holds && objections.size() < 20) {
            objections.add(otherwise + ": " + message);
        }
    }

    /** Whether it has read this far everywhere. */
    synchronized boolean hasReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    synchronized List<String> objections() {
        return List.copyOf(objections);
    }

    synchronized int epochs() {
        return epochs.size();
    }

    /** How many records of a topic it has read. */
    synchronized long records(String topic) {
        return records.getOrDefault(topic, 0L);
    }

    synchronized Map<String, Long> records() {
        return Map.copyOf(records);
    }

    /** The rows of a topic. */
    synchronized Map<JsonNode, Held> rows(String topic) {
        Map<JsonNode, Held> all = new HashMap<>();
        rows.forEach((partition, held) -> {
            if (partition.topic().equals(topic)) {
                all.putAll(held);
            }
        });
        return all;
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
        closing.set(true);
        try {
            thread.join(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
