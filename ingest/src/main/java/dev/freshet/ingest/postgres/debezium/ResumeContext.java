package dev.freshet.ingest.postgres.debezium;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * Tells the connector where to resume. Only the LSN is given: with the offset's other parts Debezium would first search the log for the
 * position, waiting for a new commit, and then skip single messages. The server itself leaves out every transaction whose commit lies before
 * the LSN, whole, which is what we want.
 */
final class ResumeContext implements SourceTaskContext, OffsetStorageReader {

    private final Map<String, String> properties;
    private final long from;

    ResumeContext(Map<String, String> properties, long from) {
        this.properties = properties;
        this.from = from;
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
        offset.put("lsn", from);
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
