package dev.freshet.ingest.postgres.debezium;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * Stands in for Kafka Connect's offset store. At the start it tells the connector where to resume, and only by LSN: with the offset's other parts
 * Debezium would first search the log for the position, waiting for a new commit, and then skip single messages. The server itself leaves out
 * every transaction whose commit lies before the LSN, whole, which is what we want. Later on the connector asks again, to tell the server what
 * is durable: that is the acknowledged position and nothing else.
 */
final class ResumeContext implements SourceTaskContext, OffsetStorageReader {

    private final Map<String, String> properties;
    private final long from;
    private volatile long acknowledged;

    ResumeContext(Map<String, String> properties, long from) {
        this.properties = properties;
        this.from = from;
    }

    void acknowledge(long lsn) {
        acknowledged = lsn;
    }

    @Override
    public Map<String, String> configs() {
        return properties;
    }

    @Override
    public OffsetStorageReader offsetStorageReader() {
        return this;
    }

    @Override
    public PluginMetrics pluginMetrics() {
        throw new UnsupportedOperationException("no Connect worker here");
    }

    @Override
    public <T> Map<String, Object> offset(Map<String, T> partition) {
        Map<String, Object> offset = new HashMap<>();
        long durable = acknowledged;
        if (durable == 0) {
            offset.put("lsn", from);
        } else {
            offset.put("lsn", durable);
            offset.put("lsn_proc", durable);
            offset.put("lsn_commit", durable);
        }
        return offset;
    }

    @Override
    public <T> Map<Map<String, T>, Map<String, Object>> offsets(Collection<Map<String, T>> partitions) {
        Map<Map<String, T>, Map<String, Object>> offsets = new HashMap<>();
        for (Map<String, T> partition : partitions) {
            offsets.put(partition, offset(partition));
        }
        return offsets;
    }
}
