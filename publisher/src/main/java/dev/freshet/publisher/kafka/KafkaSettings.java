package dev.freshet.publisher.kafka;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A {@code kafka} output of a profile.
 *
 * @param partitions of a model's topic, when it is created
 * @param replication of every topic that is created, -1 for the cluster's default
 * @param transactionBytes a transaction is committed when it holds this much
 * @param transactionMillis or when it is this old
 * @param client Kafka's own client properties, secrets among them
 * @param topic Kafka's own properties of a model's topic, when it is created
 */
record KafkaSettings(
        String output,
        String bootstrapServers,
        String topicPrefix,
        int partitions,
        short replication,
        long transactionBytes,
        long transactionMillis,
        Pace pace,
        Map<String, String> client,
        Map<String, String> topic) {

    /** What a target that lags behind gets. */
    enum Pace {
        /** The changes of each cut. */
        EVERY_CUT,
        /** The net change of all of them. */
        COALESCED
    }

    private static final String CLIENT = "kafka.";
    private static final String TOPIC = "topic.";
    private static final List<String> OURS = List.of(
            "bootstrap.servers",
            "transactional.id",
            "enable.idempotence",
            "acks",
            "isolation.level",
            "group.id",
            "auto.offset.reset",
            "enable.auto.commit",
            "key.serializer",
            "value.serializer",
            "key.deserializer",
            "value.deserializer");
    private static final Set<String> KNOWN = Set.of(
            "bootstrap_servers",
            "topic_prefix",
            "partitions",
            "replication_factor",
            "transaction_bytes",
            "transaction_millis",
            "coalesce",
            "schema",
            "database",
            "threads",
            "route");

    static KafkaSettings of(Connection connection) {
        Map<String, String> client = new TreeMap<>();
        Map<String, String> topic = new TreeMap<>();
        topic.put("cleanup.policy", "compact");
        connection.settings().forEach((key, value) -> {
            if (key.startsWith(CLIENT)) {
                client.put(key.substring(CLIENT.length()), value);
            } else if (key.startsWith(TOPIC)) {
                topic.put(key.substring(TOPIC.length()), value);
            } else if (!KNOWN.contains(key) && !key.startsWith("route.")) {
                throw mistake(connection, "'" + key + "' is no key of a Kafka output: Kafka's own go under 'kafka:'");
            }
        });
        for (String ours : OURS) {
            if (client.containsKey(ours)) {
                throw mistake(connection, "'kafka: " + ours + "' is Freshet's to set: remove it");
            }
        }
        String prefix = connection.setting("topic_prefix").orElse("");
        if (!TopicNames.isAllowed(prefix)) {
            throw mistake(
                    connection,
                    "'topic_prefix' is '" + prefix
                            + "': at most 100 letters, digits, '.', '_' and '-', and no '.' at the end");
        }
        return new KafkaSettings(
                connection.name(),
                connection.require("bootstrap_servers"),
                prefix,
                atLeastOne(connection, "partitions", 1),
                (short) connection.integer("replication_factor", -1),
                atLeastOne(connection, "transaction_bytes", 16 * 1024 * 1024),
                atLeastOne(connection, "transaction_millis", 10_000),
                Boolean.parseBoolean(connection.setting("coalesce").orElse("false")) ? Pace.COALESCED : Pace.EVERY_CUT,
                Map.copyOf(client),
                Map.copyOf(topic));
    }

    private static int atLeastOne(Connection connection, String key, int fallback) {
        int value = connection.integer(key, fallback);
        if (value < 1) {
            throw mistake(connection, "'" + key + "' must be at least 1, not '" + value + "'");
        }
        return value;
    }

    private static FreshetException mistake(Connection connection, String what) {
        return new FreshetException(ErrorKind.USER, "output '" + connection.name() + "': " + what);
    }

    TopicNames names() {
        return new TopicNames(topicPrefix);
    }

    /** For Kafka's clients of every kind; what the user says comes last. */
    Map<String, Object> clientProperties() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("client.id", "freshet-" + output.replaceAll("[^a-zA-Z0-9._-]", "_"));
        // A delivery is tried again by its publisher: one attempt should not take for ever.
        properties.put("request.timeout.ms", "10000");
        properties.put("default.api.timeout.ms", "15000");
        properties.put("reconnect.backoff.max.ms", "500");
        properties.put("metadata.recovery.strategy", "rebootstrap");
        properties.put("enable.metrics.push", "false");
        properties.putAll(client);
        properties.put("bootstrap.servers", bootstrapServers);
        return properties;
    }

    /** The bound of one request, beyond which a row can't be delivered. */
    int longestRecord() {
        String written = client.getOrDefault("max.request.size", "1048576");
        try {
            // What a record and its batch add to key and value.
            return Math.max(Integer.parseInt(written.trim()) - 512, 1);
        } catch (NumberFormatException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + output + "': 'kafka: max.request.size' must be a whole number, not '" + written + "'",
                    e);
        }
    }

    /** Without the client's properties: there are secrets among them. */
    @Override
    public String toString() {
        return output + " at " + bootstrapServers;
    }
}
