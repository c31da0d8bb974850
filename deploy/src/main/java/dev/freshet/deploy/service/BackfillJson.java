package dev.freshet.deploy.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.deploy.pipeline.Backfill;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Backfills as {@code /api/v1/backfill} takes them and tells of them. Every key of an answer is always there. */
final class BackfillJson {

    static final List<String> KEYS = List.of("model", "keys", "event_time", "from", "to");

    private static final ObjectMapper JSON = new ObjectMapper();

    private BackfillJson() {}

    static ObjectNode of(List<Backfill> backfills) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode list = answer.putArray("backfills");
        backfills.forEach(backfill -> list.add(of(backfill)));
        return answer;
    }

    static ObjectNode of(Backfill backfill) {
        return JSON.createObjectNode()
                .put("id", backfill.id())
                .put("model", backfill.model().toString())
                .put("state", backfill.state().name().toLowerCase(Locale.ROOT))
                .put("chunks", backfill.chunks())
                .put("done", backfill.done())
                .put("changed_rows", backfill.changedRows())
                .put("problem", backfill.problem().orElse(null));
    }

    /** @throws FreshetException USER naming what is missing or too much */
    static Backfill.Rows rows(ObjectNode given) {
        boolean period = given.has("from") || given.has("to") || given.has("event_time");
        if (given.has("keys") && period) {
            throw new FreshetException(ErrorKind.USER, "name keys or a period, not both");
        }
        if (given.has("keys")) {
            List<List<String>> keys = new ArrayList<>();
            given.path("keys").forEach(key -> keys.add(key(key)));
            if (keys.isEmpty()) {
                throw new FreshetException(ErrorKind.USER, "'keys' must be a list of at least one key");
            }
            return new Backfill.Rows.Keys(keys);
        }
        return period
                ? new Backfill.Rows.Period(text(given, "event_time"), time(given, "from"), time(given, "to"))
                : new Backfill.Rows.All();
    }

    private static List<String> key(JsonNode given) {
        List<String> values = new ArrayList<>();
        Iterable<JsonNode> parts = given.isArray() ? given : List.of(given);
        for (JsonNode value : parts) {
            if (!value.isValueNode() || value.isNull()) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "each of 'keys' must be a value or, where the unique_key has several columns, a list of their values");
            }
            values.add(value.asText());
        }
        return values;
    }

    private static Instant time(JsonNode given, String name) {
        try {
            return Instant.parse(text(given, name));
        } catch (DateTimeException e) {
            throw new FreshetException(ErrorKind.USER, "'" + name + "' must be a time such as 2026-01-31T00:00:00Z", e);
        }
    }

    private static String text(JsonNode given, String name) {
        if (!given.path(name).isTextual()) {
            throw new FreshetException(ErrorKind.USER, "a period has 'event_time', 'from' and 'to'");
        }
        return given.path(name).asText();
    }
}
