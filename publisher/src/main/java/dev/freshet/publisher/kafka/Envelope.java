package dev.freshet.publisher.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.freshet.state.Cut;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the keys and values of one topic's records as JSON, after Debezium's envelope. Used by one thread.
 *
 * <p>The key of a keyed model is an object of its {@code unique_key}; that of a bag is {@code {"row_hash": "…"}}, 128 bits of SHA-256 over the row's
 * values as a JSON array, in hex. The key {@code {}} stands for the topic as a whole.
 */
final class Envelope {

    /** What happened to a row. */
    enum Op {
        CREATED("c"),
        UPDATED("u"),
        DELETED("d"),
        /** It is there, as part of a restatement. */
        READ("r"),
        /** Everything before this record is void: a new epoch of the topic begins. */
        TRUNCATED("t");

        private final String code;

        Op(String code) {
            this.code = code;
        }
    }

    /** A row and how many copies of it there are; one if the model is keyed. */
    record Image(Row row, long copies) {}

    static final byte[] WHOLE = "{}".getBytes(StandardCharsets.UTF_8);

    private static final JsonFactory JSON = new JsonFactory();
    private static final HexFormat HEX = HexFormat.of();

    private final TableSchema schema;
    private final int[] all;
    private final int[] key;
    private final Clock clock;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(512);

    Envelope(TableSchema schema, Clock clock) {
        this.schema = schema;
        this.clock = clock;
        this.all = IntStream.range(0, schema.columns().size()).toArray();
        this.key = schema.key().stream().mapToInt(schema::indexOf).toArray();
    }

    private interface Writing {
        void write(JsonGenerator json) throws IOException;
    }

    private byte[] bytes(Writing writing) {
        buffer.reset();
        try (JsonGenerator json = JSON.createGenerator(buffer)) {
            writing.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can't fail", e);
        }
        return buffer.toByteArray();
    }

    byte[] key(Row row) {
        if (schema.isKeyed()) {
            return bytes(json -> JsonValues.writeObject(json, schema, row, key));
        }
        byte[] values = bytes(json -> {
            json.writeStartArray();
            for (int column : all) {
                JsonValues.write(
                        json, row.value(column), schema.columns().get(column).type());
            }
            json.writeEndArray();
        });
        String hash = HEX.formatHex(TopicNames.sha256().digest(values), 0, 16);
        return ("{\"row_hash\":\"" + hash + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    /** @param source what {@link #source} wrote */
    byte[] value(Op op, @Nullable Image before, @Nullable Image after, String source) {
        return bytes(json -> {
            json.writeStartObject();
            image(json, "before", before);
            image(json, "after", after);
            if (!schema.isKeyed() && op != Op.TRUNCATED) {
                json.writeNumberField("copies_before", before == null ? 0 : before.copies());
                json.writeNumberField("copies", after == null ? 0 : after.copies());
            }
            json.writeFieldName("source");
            json.writeRawValue(source);
            json.writeStringField("op", op.code);
            json.writeNumberField("ts_ms", clock.millis());
            json.writeEndObject();
        });
    }

    private void image(JsonGenerator json, String field, @Nullable Image image) throws IOException {
        json.writeFieldName(field);
        if (image == null) {
            json.writeNull();
        } else {
            JsonValues.writeObject(json, schema, image.row(), all);
        }
    }

    /** The block that says where a change comes from, the same for all of a model's changes of one cut. */
    String source(PipelineId pipeline, String output, TableId model, long epoch, Cut cut, Op op) {
        byte[] written = bytes(json -> {
            json.writeStartObject();
            json.writeStringField("connector", "freshet");
            json.writeStringField("name", pipeline.toString());
            json.writeBooleanField("snapshot", op == Op.READ);
            json.writeStringField("pipeline", pipeline.toString());
            json.writeStringField("output", output);
            json.writeStringField("schema", model.schema());
            json.writeStringField("table", model.name());
            json.writeNumberField("epoch", epoch);
            json.writeNumberField("cut", cut.number());
            if (!cut.positions().isEmpty()) {
                json.writeNumberField("ts_ms", cut.clock().toEpochMilli());
                json.writeFieldName("positions");
                positions(json, cut);
            }
            json.writeEndObject();
        });
        return new String(written, StandardCharsets.UTF_8);
    }

    /** How far each source is in: the commit positions that the cut ends at, as unsigned numbers in strings. */
    static void positions(JsonGenerator json, Cut cut) throws IOException {
        json.writeStartObject();
        for (var position : new TreeMap<>(cut.positions()).entrySet()) {
            SourcePosition at = position.getValue();
            json.writeStringField(position.getKey(), Long.toUnsignedString(at.ordinal()));
        }
        json.writeEndObject();
    }
}
