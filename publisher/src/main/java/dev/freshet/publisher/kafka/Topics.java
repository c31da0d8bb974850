package dev.freshet.publisher.kafka;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The cluster's topics: looked at, created, deleted. Used by one thread; {@link #close} by any. */
final class Topics implements AutoCloseable {

    private static final Duration CHANGE_LIMIT = Duration.ofSeconds(10);

    private final KafkaSettings settings;
    private final Admin admin;

    /** @param id Kafka's own: a topic that is deleted and created again gets another one */
    record Topic(String id, int partitions) {}

    Topics(KafkaSettings settings) {
        this.settings = settings;
        try {
            this.admin = Admin.create(settings.clientProperties());
        } catch (KafkaException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + settings.output() + "': Kafka's client refuses its settings: "
                            + KafkaErrors.message(e.getCause() == null ? e : e.getCause()),
                    e);
        }
    }

    void createLedger() {
        String ledger = settings.names().ledger();
        if (!describe(List.of(ledger)).containsKey(ledger)) {
            NewTopic topic = new NewTopic(ledger, 1, settings.replication())
                    .configs(Map.of(
                            "cleanup.policy", "compact",
                            "segment.bytes", "16777216",
                            "segment.ms", "3600000",
                            "min.cleanable.dirty.ratio", "0.1"));
            create(topic);
            awaitCreated(ledger);
        }
    }

    /** Creates a model's topic, or leaves one that is there as it is. */
    void create(String name) {
        create(new NewTopic(name, settings.partitions(), settings.replication()).configs(settings.topic()));
    }

    private void create(NewTopic topic) {
        CreateTopicsResult result = admin.createTopics(List.of(topic));
        try {
            await("creating topic '" + topic.name() + "'", result.all());
        } catch (FreshetException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** Those of the topics that exist. */
    Map<String, Topic> describe(Collection<String> names) {
        Map<String, Topic> found = new HashMap<>();
        admin.describeTopics(names).topicNameValues().forEach((name, answer) -> describe(name, answer)
                .ifPresent(topic -> found.put(name, topic)));
        return found;
    }

    /** A topic that was created a moment ago is known to all brokers a moment later. */
    Topic awaitCreated(String name) {
        return until(
                () -> Optional.ofNullable(describe(List.of(name)).get(name)),
                "topic '" + name + "' of output '" + settings.output()
                        + "' was created and can't be seen yet; Freshet tries again");
    }

    private static <T> T until(Supplier<Optional<T>> answer, String otherwise) {
        long deadline = System.nanoTime() + CHANGE_LIMIT.toNanos();
        while (System.nanoTime() - deadline < 0) {
            Optional<T> found = answer.get();
            if (found.isPresent()) {
                return found.get();
            }
            LockSupport.parkNanos(10_000_000);
        }
        throw new FreshetException(ErrorKind.RETRYABLE, otherwise);
    }

    private Optional<Topic> describe(String name, KafkaFuture<TopicDescription> answer) {
        try {
            TopicDescription description = await("looking at topic '" + name + "'", answer);
            return Optional.of(new Topic(
                    description.topicId().toString(), description.partitions().size()));
        } catch (FreshetException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Until nobody can see it any more: it would be taken for someone else's. */
    void delete(String name) {
        try {
            await(
                    "deleting topic '" + name + "'",
                    admin.deleteTopics(List.of(name)).all());
        } catch (FreshetException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
        until(
                () -> describe(List.of(name)).containsKey(name) ? Optional.empty() : Optional.of(name),
                "topic '" + name + "' of output '" + settings.output()
                        + "' was deleted and can still be seen; Freshet tries again");
    }

    /** The offset after a partition's last record, or before the first open transaction. */
    long end(TopicPartition partition, IsolationLevel isolation) {
        return await(
                        "looking at topic '" + partition.topic() + "'",
                        admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                                .partitionResult(partition))
                .offset();
    }

    /** How many brokers the cluster has. */
    int brokers() {
        return await("looking at the cluster", admin.describeCluster().nodes()).size();
    }

    private <T> T await(String doing, KafkaFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw KafkaErrors.translate(e, doing, settings);
        } catch (KafkaException e) {
            throw KafkaErrors.translate(e, doing, settings);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FreshetException(
                    ErrorKind.RETRYABLE, "output '" + settings.output() + "' was closed while " + doing, e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
