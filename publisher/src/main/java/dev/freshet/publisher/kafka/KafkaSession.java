package dev.freshet.publisher.kafka;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A transactional producer that has shut out every earlier one, and the ledger as it was read after that: what is in memory stays the truth
 * until the producer is shut out itself. Used by one thread; {@link #close} by any. After any exception it must be given up.
 */
final class KafkaSession implements AutoCloseable {

    private final KafkaSettings settings;
    private final Ownership owner;
    private final Topics topics;
    private final LedgerCodec codec;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<@Nullable Refusal> refused = new AtomicReference<>();
    private LedgerState ledger = new LedgerState();
    private boolean justOpened = true;
    private boolean inTransaction;
    private long transactionBytes;
    private long transactionStartedNanos;

    private record Refusal(String topic, Exception error) {}

    private KafkaSession(
            KafkaSettings settings,
            Ownership owner,
            Topics topics,
            LedgerCodec codec,
            KafkaProducer<byte[], byte[]> producer) {
        this.settings = settings;
        this.owner = owner;
        this.topics = topics;
        this.codec = codec;
        this.producer = producer;
    }

    /** @throws FreshetException also a {@code FencedException}, which leaves a successor undisturbed */
    static KafkaSession open(KafkaSettings settings, Ownership owner) {
        LedgerCodec codec = new LedgerCodec(owner.pipeline(), settings.output());
        Topics topics = new Topics(settings);
        boolean done = false;
        try {
            topics.createLedger();
            // Looked at before the producer starts: starting it shuts out whoever delivers now, who may be our
            // successor.
            LedgerReader.requireOwner(LedgerReader.glance(settings, codec, topics), owner, settings);
            KafkaSession session = new KafkaSession(settings, owner, topics, codec, producer(settings, owner));
            try {
                session.producer.initTransactions();
                session.readLedger();
                done = true;
                return session;
            } catch (KafkaException e) {
                throw KafkaErrors.translate(e, "beginning to deliver", settings);
            } finally {
                if (!done) {
                    session.producer.close(Duration.ZERO);
                }
            }
        } finally {
            if (!done) {
                topics.close();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(KafkaSettings settings, Ownership owner) {
        Map<String, Object> properties = new HashMap<>(Map.of(
                "linger.ms", "5",
                "max.block.ms", "15000",
                "delivery.timeout.ms", "30000",
                "transaction.timeout.ms", "60000"));
        properties.putAll(settings.clientProperties());
        properties.put("transactional.id", "freshet." + owner.pipeline() + "/" + settings.output());
        properties.put("enable.idempotence", "true");
        properties.put("acks", "all");
        try {
            return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + settings.output() + "': Kafka's client refuses its settings: "
                            + KafkaErrors.message(e.getCause() == null ? e : e.getCause()),
                    e);
        }
    }

    KafkaSettings settings() {
        return settings;
    }

    Ownership owner() {
        return owner;
    }

    Topics topics() {
        return topics;
    }

    /** As it is with all that was committed. */
    LedgerState ledger() {
        return new LedgerState(ledger);
    }

    /** Reads the ledger again, for what other pipelines wrote to it meanwhile. */
    void refreshLedger() {
        if (!justOpened) {
            readLedger();
        }
        justOpened = false;
    }

    private void readLedger() {
        ledger = LedgerReader.read(settings, codec, topics);
        LedgerReader.requireOwner(ledger, owner, settings);
    }

    boolean isInTransaction() {
        return inTransaction;
    }

    /** Whether the transaction under way has reached its bound. */
    boolean isFull() {
        return inTransaction
                && (transactionBytes >= settings.transactionBytes()
                        || System.nanoTime() - transactionStartedNanos >= settings.transactionMillis() * 1_000_000);
    }

    void send(String topic, byte[] key, byte @Nullable [] value) {
        send(new ProducerRecord<>(topic, key, value));
    }

    void send(String topic, int partition, byte[] key, byte[] value) {
        send(new ProducerRecord<>(topic, partition, key, value));
    }

    private void send(ProducerRecord<byte[], byte[]> message) {
        try {
            if (!inTransaction) {
                producer.beginTransaction();
                inTransaction = true;
                transactionBytes = 0;
                transactionStartedNanos = System.nanoTime();
            }
            // What the answer says is asked for before the commit.
            Future<RecordMetadata> ignored = producer.send(message, (metadata, error) -> {
                if (error != null) {
                    refused.compareAndSet(null, new Refusal(message.topic(), error));
                }
            });
            transactionBytes += message.key().length + (message.value() == null ? 0 : message.value().length) + 50L;
        } catch (KafkaException | IllegalStateException e) {
            throw failed(e);
        }
        requireAccepted();
    }

    private void requireAccepted() {
        Refusal refusal = refused.get();
        if (refusal == null) {
            return;
        }
        if (KafkaErrors.concernsOneTopic(refusal.error())
                && !refusal.topic().equals(settings.names().ledger())) {
            throw new TopicHeldException(
                    refusal.topic(),
                    "topic '" + refusal.topic() + "' of output '" + settings.output()
                            + "' refuses a record and keeps its last state. Kafka says: "
                            + KafkaErrors.message(refusal.error()));
        }
        throw failed(refusal.error());
    }

    void sendLedger(LedgerState.Target entry) {
        send(settings.names().ledger(), codec.targetKey(), codec.value(entry));
    }

    void sendLedger(dev.freshet.state.TableId model, LedgerState.@Nullable Model entry) {
        send(settings.names().ledger(), codec.modelKey(model), entry == null ? null : codec.value(entry));
    }

    /**
     * Makes everything sent visible at once.
     *
     * @param after the ledger that was sent with it
     * @throws FreshetException OUTCOME_UNKNOWN when the answer was lost
     */
    void commit(LedgerState after) {
        try {
            producer.flush();
        } catch (KafkaException | IllegalStateException e) {
            throw failed(e);
        }
        requireAccepted();
        try {
            producer.commitTransaction();
        } catch (KafkaException e) {
            throw KafkaErrors.isFenced(e) ? shutOut(e) : KafkaErrors.outcomeUnknown(e, settings);
        } catch (IllegalStateException e) {
            throw failed(e);
        }
        inTransaction = false;
        ledger = new LedgerState(after);
    }

    private FreshetException failed(Exception error) {
        return KafkaErrors.isFenced(error) ? shutOut(error) : KafkaErrors.translate(error, "delivering", settings);
    }

    /**
     * Someone began to deliver after us. A successor says who it is in the ledger within moments; it may also be an instance that was itself
     * overtaken and has yet to notice, or a coordinator that gave up a slow transaction: then we are free to try again.
     */
    private FreshetException shutOut(Exception error) {
        LedgerReader.awaitSuccessor(settings, codec, topics, owner);
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "the transaction of output '" + settings.output()
                        + "' was given up by Kafka, nothing of it can be seen; Freshet tries again",
                error);
    }

    /** Breaks off whatever is under way: the transaction is aborted by the next session's start, or by Kafka in time. */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
        topics.close();
    }
}
