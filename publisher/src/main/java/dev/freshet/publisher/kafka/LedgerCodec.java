package dev.freshet.publisher.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.publisher.kafka.LedgerState.Model;
import dev.freshet.publisher.kafka.LedgerState.OpenCut;
import dev.freshet.publisher.kafka.LedgerState.Partial;
import dev.freshet.publisher.kafka.LedgerState.Target;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.TableId;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The ledger's records as JSON. The key names pipeline and output, that of a model's record its table too. */
final class LedgerCodec {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int FORMAT = 1;

    private final PipelineId pipeline;
    private final String output;

    LedgerCodec(PipelineId pipeline, String output) {
        this.pipeline = pipeline;
        this.output = output;
    }

    byte[] targetKey() {
        return bytes(keyNode());
    }

    byte[] modelKey(TableId model) {
        ObjectNode key = keyNode();
        key.set("model", table(model));
        return bytes(key);
    }

    private ObjectNode keyNode() {
        ObjectNode key = JSON.createObjectNode();
        key.put("pipeline", pipeline.toString());
        key.put("output", output);
        return key;
    }

    byte[] value(Target target) {
        ObjectNode value = JSON.createObjectNode();
        value.put("format", FORMAT);
        value.put("owner_epoch", target.ownerEpoch());
        value.put("state_epoch", target.epoch().toString());
        ObjectNode cut = value.putObject("cut");
        cut.put("number", target.cut().number());
        cut.put("clock", target.cut().clock().toString());
        ObjectNode positions = cut.putObject("positions");
        new TreeMap<>(target.cut().positions())
                .forEach((source, at) -> positions.put(source, Long.toUnsignedString(at.ordinal())));
        target.open().ifPresent(open -> {
            ObjectNode node = value.putObject("open");
            node.put("cut", open.cut());
            node.put("chunk", open.chunk());
            ArrayNode done = node.putArray("done");
            new TreeSet<>(open.done()).forEach(model -> done.add(table(model)));
            open.partial().ifPresent(partial -> {
                ObjectNode under = node.putObject("partial");
                under.set("model", table(partial.model()));
                under.put("after_cut", partial.afterCut());
                under.put("changes", partial.changes());
            });
        });
        return bytes(value);
    }

    byte[] value(Model model) {
        ObjectNode value = JSON.createObjectNode();
        value.put("format", FORMAT);
        value.put("topic", model.topic());
        value.put("topic_id", model.topicId());
        value.put("partitions", model.partitions());
        value.put("epoch", model.topicEpoch());
        value.put("state_epoch", model.epoch().toString());
        value.put("shape", model.shape());
        model.behindAt().ifPresent(cut -> value.put("behind_at", cut));
        model.restatingAt().ifPresent(cut -> value.put("restating_at", cut));
        return bytes(value);
    }

    /** Takes a record of the ledger topic in, ours or another target's. */
    void apply(byte[] key, byte @Nullable [] value, LedgerState state) {
        try {
            JsonNode name = JSON.readTree(key);
            boolean isOurs = name.path("pipeline").asText().equals(pipeline.toString())
                    && name.path("output").asText().equals(output);
            if (name.has("model")) {
                applyModel(name, isOurs, value, state);
            } else if (isOurs && value != null) {
                state.put(target(document(value)));
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "the ledger topic of output '" + output
                            + "' holds a record that is not Freshet's: give the output a 'topic_prefix' of its own",
                    e);
        }
    }

    private void applyModel(JsonNode name, boolean isOurs, byte @Nullable [] value, LedgerState state)
            throws IOException {
        if (isOurs) {
            TableId table = table(name.path("model"));
            if (value == null) {
                state.remove(table);
            } else {
                state.put(table, model(document(value)));
            }
        } else {
            String other = name.path("pipeline").asText() + "', output '"
                    + name.path("output").asText();
            if (value == null) {
                state.removeOther(name.toString());
            } else {
                state.putOther(name.toString(), document(value).path("topic").asText(), other);
            }
        }
    }

    private static JsonNode document(byte[] value) throws IOException {
        JsonNode document = JSON.readTree(value);
        if (document.path("format").asInt() != FORMAT) {
            throw new IllegalArgumentException("format " + document.path("format"));
        }
        return document;
    }

    private static Target target(JsonNode value) {
        JsonNode cut = value.path("cut");
        Map<String, SourcePosition> positions = new HashMap<>();
        cut.path("positions")
                .properties()
                .forEach(position -> positions.put(
                        position.getKey(),
                        new SourcePosition(
                                Long.parseUnsignedLong(position.getValue().asText()), "")));
        return new Target(
                value.path("owner_epoch").asLong(),
                epoch(value),
                new Cut(
                        cut.path("number").asLong(),
                        positions,
                        Instant.parse(cut.path("clock").asText())),
                value.has("open") ? Optional.of(openCut(value.path("open"))) : Optional.empty());
    }

    private static OpenCut openCut(JsonNode open) {
        Set<TableId> done = new HashSet<>();
        open.path("done").forEach(model -> done.add(table(model)));
        JsonNode partial = open.path("partial");
        return new OpenCut(
                open.path("cut").asLong(),
                open.path("chunk").asLong(),
                done,
                partial.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new Partial(
                                table(partial.path("model")),
                                partial.path("after_cut").asLong(),
                                partial.path("changes").asLong())));
    }

    private static Model model(JsonNode value) {
        return new Model(
                value.path("topic").asText(),
                value.path("topic_id").asText(),
                value.path("partitions").asInt(),
                value.path("epoch").asLong(),
                epoch(value),
                value.path("shape").asText(),
                optional(value, "behind_at"),
                optional(value, "restating_at"));
    }

    private static OptionalLong optional(JsonNode value, String field) {
        return value.has(field) ? OptionalLong.of(value.path(field).asLong()) : OptionalLong.empty();
    }

    private static StateEpoch epoch(JsonNode value) {
        return new StateEpoch(UUID.fromString(value.path("state_epoch").asText()));
    }

    private static ObjectNode table(TableId table) {
        ObjectNode node = JSON.createObjectNode();
        node.put("output", table.connection());
        node.put("schema", table.schema());
        node.put("table", table.name());
        return node;
    }

    private static TableId table(JsonNode node) {
        return new TableId(
                node.path("output").asText(),
                node.path("schema").asText(),
                node.path("table").asText());
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }
}
