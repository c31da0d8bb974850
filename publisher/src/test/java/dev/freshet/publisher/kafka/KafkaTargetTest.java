package dev.freshet.publisher.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetContract;
import dev.freshet.state.Connection;
import dev.freshet.state.Ownership;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.testkit.KafkaBroker;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract against a real broker, read as a consumer reads it. */
class KafkaTargetTest extends TargetContract {

    @TempDir
    private static Path directory = Path.of("");

    private static KafkaBroker broker = null;
    private static TopicReader reader = null;
    private static int spaces = 0;

    @BeforeAll
    static void startBroker() {
        broker = KafkaBroker.start(directory);
        reader = new TopicReader(broker.bootstrapServers());
    }

    @AfterAll
    static void stopBroker() {
        reader.close();
        broker.close();
    }

    @Override
    protected Kind kind() {
        return Kind.LOG;
    }

    @Override
    protected String newSpace() {
        return "space " + ++spaces;
    }

    @Override
    protected Target open(Ownership owner) {
        return new KafkaTargetFactory()
                .create(
                        new Connection(
                                "warehouse",
                                "kafka",
                                Map.of(
                                        "bootstrap_servers",
                                        broker.bootstrapServers(),
                                        "topic_prefix",
                                        "contract" + spaces,
                                        "partitions",
                                        "2")),
                        owner);
    }

    private String topic(TableId table) {
        return new TopicNames("contract" + spaces).topic(table);
    }

    @Override
    protected Map<Row, Long> contents(TableId table) {
        Map<Row, Long> rows = new HashMap<>();
        TopicReader.apply(reader.messages(topic(table))).forEach((key, held) -> {
            Object[] values = new Object[held.row().size()];
            int i = 0;
            for (JsonNode value : held.row()) {
                values[i++] = value.isNull() ? null : value.isNumber() ? (Object) value.asLong() : value.asText();
            }
            assertThat(rows.put(Row.of(values), held.copies())).isNull();
        });
        return rows;
    }

    @Override
    protected long[] countAndSum(TableId table) {
        Set<Long> keys = new HashSet<>();
        reader.read(topic(table), message -> {
            long key = message.key().path("a").asLong();
            if (message.value().path("after").isObject()) {
                keys.add(key);
            } else {
                keys.remove(key);
            }
        });
        return new long[] {keys.size(), keys.stream().mapToLong(Long::longValue).sum()};
    }

    @Override
    protected void byHand(TableId table, String... statements) {
        throw new UnsupportedOperationException("a log is only read");
    }

    @Override
    protected boolean exists(TableId table) {
        return reader.exists(topic(table));
    }
}
