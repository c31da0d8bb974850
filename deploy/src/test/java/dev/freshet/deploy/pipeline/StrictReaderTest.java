package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The judge of {@link KafkaKillTest} judges: what an exact log can't hold is objected to. */
class StrictReaderTest {

    private static final String READ = "{'op':'r','before':null,'after':{'id':1,'n':1},'source':{'epoch':1,'cut':5}}";
    private static final String UPDATED =
            "{'op':'u','before':{'id':1,'n':1},'after':{'id':1,'n':2},'source':{'epoch':1,'cut':6}}";
    private static final String UPDATED_AGAIN =
            "{'op':'u','before':{'id':1,'n':2},'after':{'id':1,'n':3},'source':{'epoch':1,'cut':7}}";
    private static final String DELETED =
            "{'op':'d','before':{'id':1,'n':3},'after':null,'source':{'epoch':1,'cut':8}}";
    private static final String VOID = "{'op':'t','before':null,'after':null,'source':{'epoch':2,'cut':9}}";

    private final StrictReader reader = StrictReader.of(List.of(new TopicPartition("topic", 0)));

    @Test
    void anExactLogIsAccepted() {
        tell(READ, UPDATED, UPDATED_AGAIN, DELETED, null, VOID);
        assertThat(reader.objections()).isEmpty();
        assertThat(reader.rows("topic")).isEmpty();
        assertThat(reader.epochs()).isEqualTo(2);
        assertThat(reader.records("topic")).isEqualTo(6);
    }

    @Test
    void aChangeToldTwiceIsNot() {
        tell(READ, UPDATED, UPDATED);
        assertThat(reader.objections()).first().asString().startsWith("a change told twice");
    }

    @Test
    void aRowCreatedTwiceInDifferentCutsIsNot() {
        tell(READ, READ.replace("'cut':5", "'cut':6"));
        assertThat(reader.objections()).first().asString().startsWith("a row created that is there");
    }

    @Test
    void aMissingChangeIsNot() {
        tell(READ, UPDATED_AGAIN);
        assertThat(reader.objections()).first().asString().startsWith("an image before that is not the row held");
    }

    @Test
    void aMissingDeleteIsNot() {
        tell(READ, null);
        assertThat(reader.objections()).first().asString().startsWith("a tombstone of a row that is held");
    }

    @Test
    void anOlderCutAfterALaterOneIsNot() {
        tell(READ, UPDATED.replace("'cut':6", "'cut':4"));
        assertThat(reader.objections()).first().asString().startsWith("a cut after a later one");
    }

    private void tell(@Nullable String... values) {
        for (String value : values) {
            reader.read(new ConsumerRecord<>(
                    "topic",
                    0,
                    0,
                    bytes(value != null && value.contains("'op':'t'") ? "{}" : "{'id':1}"),
                    value == null ? null : bytes(value)));
        }
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
