package dev.freshet.publisher.kafka;

import dev.freshet.publisher.FencedException;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the ledger topic from its beginning, committed records only. */
final class LedgerReader {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SUCCESSOR_LIMIT = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(200);

    private LedgerReader() {}

    /**
     * Reads to what was its end when the reading began, records that are not committed yet included: an open transaction of another pipeline
     * hides what comes after it, and is waited for.
     */
    static LedgerState read(KafkaSettings settings, LedgerCodec codec, Topics topics) {
        return read(settings, codec, topics.end(partition(settings), IsolationLevel.READ_UNCOMMITTED));
    }

    /** Reads what can be seen at once: an open transaction, perhaps our own of before, may hide what comes after it. */
    static LedgerState glance(KafkaSettings settings, LedgerCodec codec, Topics topics) {
        return read(settings, codec, topics.end(partition(settings), IsolationLevel.READ_COMMITTED));
    }

    private static TopicPartition partition(KafkaSettings settings) {
        return new TopicPartition(settings.names().ledger(), 0);
    }

    private static LedgerState read(KafkaSettings settings, LedgerCodec codec, long end) {
        TopicPartition partition = partition(settings);
        LedgerState state = new LedgerState();
        if (end == 0) {
            return state;
        }
        Map<String, Object> properties = new HashMap<>(settings.clientProperties());
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                    codec.apply(message.key(), message.value(), state);
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new FreshetException(
                            ErrorKind.RETRYABLE,
                            "the ledger topic '" + partition.topic() + "' of output '" + settings.output()
                                    + "' can't be read to its end, perhaps because a transaction of another pipeline is open; Freshet tries again");
                }
            }
            return state;
        } catch (KafkaException e) {
            throw KafkaErrors.translate(e, "reading the ledger", settings);
        }
    }

    /** @throws FencedException when an instance with a higher epoch has delivered */
    static void requireOwner(LedgerState state, Ownership owner, KafkaSettings settings) {
        if (state.ownerEpoch() > owner.epoch()) {
            throw new FencedException("another instance has taken over pipeline '" + owner.pipeline()
                    + "': this one delivers no more to output '" + settings.output() + "'");
        }
    }

    /** Looks for a successor's record for a while. */
    static void awaitSuccessor(KafkaSettings settings, LedgerCodec codec, Topics topics, Ownership owner) {
        long deadline = System.nanoTime() + SUCCESSOR_LIMIT.toNanos();
        do {
            requireOwner(glance(settings, codec, topics), owner, settings);
        } while (System.nanoTime() - deadline < 0);
    }
}
