package dev.freshet.ingest.postgres.debezium;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Debezium's settings for a stream of ours. */
final class ConnectorProperties {

    static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);

    private static final AtomicLong STREAMS = new AtomicLong();

    private ConnectorProperties() {}

    static Map<String, String> of(LogOptions options, String placeholder) {
        Map<String, String> properties = new HashMap<>();
        // Its queue turns in circles through the last millisecond of every wait: with 5 that was a tenth of a core for
        // each source.
        properties.put("poll.interval.ms", "20");
        properties.put("max.batch.size", "4096");
        properties.put("max.queue.size", "16384");
        properties.put("max.queue.size.in.bytes", "134217728");
        properties.put("executor.shutdown.timeout.ms", "10000");
        properties.putAll(options.passThrough());
        // From here on exactness depends on the value.
        properties.put("name", options.slot());
        properties.put("task.id", "0");
        // Debezium names its management beans by this, and waits for a minute when an earlier stream's are still there.
        properties.put("topic.prefix", options.slot() + "." + STREAMS.incrementAndGet());
        properties.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        properties.put("database.hostname", options.host());
        properties.put("database.port", String.valueOf(options.port()));
        properties.put("database.dbname", options.database());
        properties.put("database.user", options.user());
        properties.put("database.password", options.password());
        options.driverProperties().forEach((key, value) -> properties.put("driver." + key, value));
        properties.put("status.update.interval.ms", String.valueOf(STATUS_INTERVAL.toMillis()));
        properties.put("plugin.name", "pgoutput");
        properties.put("slot.name", options.slot());
        properties.put("slot.drop.on.stop", "false");
        properties.put("slot.max.retries", "0");
        properties.put("publication.name", options.publication());
        properties.put("publication.autocreate.mode", "disabled");
        properties.put("snapshot.mode", "no_data");
        properties.put("provide.transaction.metadata", "true");
        properties.put("skipped.operations", "none");
        properties.put("tombstones.on.delete", "false");
        properties.put("lsn.flush.mode", "connector");
        properties.put("unavailable.value.placeholder", placeholder);
        properties.put("message.prefix.include.list", pattern(options.messagePrefix()));
        properties.put("event.converting.failure.handling.mode", "fail");
        // Reconnecting is ours: only we know where the last whole transaction ended.
        properties.put("errors.max.retries", "0");
        properties.put(
                "table.include.list",
                options.tables().stream()
                        .map(table -> pattern(table.schema()) + "\\." + pattern(table.name()))
                        .collect(Collectors.joining(",")));
        return properties;
    }

    /** A regular expression for exactly this name, safe in Debezium's comma-separated lists. */
    private static String pattern(String name) {
        StringBuilder pattern = new StringBuilder();
        name.codePoints().forEach(c -> {
            if (c < 128 && !Character.isLetterOrDigit(c) && c != '_') {
                pattern.append('\\');
            }
            pattern.appendCodePoint(c);
        });
        return pattern.toString();
    }
}
