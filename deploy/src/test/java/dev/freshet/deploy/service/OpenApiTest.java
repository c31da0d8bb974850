package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The document says what the service does: the same addresses, and (in {@link ServiceTest}) the same fields. */
class OpenApiTest {

    @Test
    void theDocumentListsExactlyTheRoutes() throws Exception {
        Set<String> documented = new HashSet<>();
        document().path("paths").properties().forEach(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(documented)
                .containsExactlyInAnyOrderElementsOf(Api.ROUTES.stream()
                        .map(route -> route.method() + " " + route.path())
                        .toList());
    }

    @Test
    void everyReferenceLeadsSomewhere() throws Exception {
        for (JsonNode reference : document().findValues("$ref")) {
            assertThat(document().at(reference.asText().substring(1)).isObject())
                    .as(reference.asText())
                    .isTrue();
        }
    }

    static JsonNode document() throws Exception {
        return new ObjectMapper().readTree(WebFiles.bytes("openapi.json"));
    }

    /** Compares a value's fields with a schema, all the way down. */
    static void assertFits(JsonNode value, JsonNode schema, String where) throws Exception {
        JsonNode resolved =
                schema.has("$ref") ? document().at(schema.path("$ref").asText().substring(1)) : schema;
        if (resolved.has("oneOf")) {
            if (!value.isNull()) {
                assertFits(value, resolved.path("oneOf").path(0), where);
            }
        } else if (resolved.has("properties")) {
            Set<String> documented = new TreeSet<>();
            resolved.path("properties").fieldNames().forEachRemaining(documented::add);
            Set<String> sent = new TreeSet<>();
            value.fieldNames().forEachRemaining(sent::add);
            assertThat(sent).as(where).isEqualTo(documented);
            for (String name : documented) {
                assertFits(value.path(name), resolved.path("properties").path(name), where + "." + name);
            }
        } else if (resolved.has("items")) {
            for (JsonNode item : value) {
                assertFits(item, resolved.path("items"), where + "[]");
            }
        } else {
            assertThat(types(resolved)).as(where).contains(type(value));
        }
        if (resolved.has("enum")) {
            assertThat(resolved.path("enum")).as(where).contains(value);
        }
    }

    private static Set<String> types(JsonNode schema) {
        Set<String> types = new HashSet<>();
        if (schema.path("type").isArray()) {
            schema.path("type").forEach(type -> types.add(type.asText()));
        } else {
            types.add(schema.path("type").asText());
        }
        if (types.contains("number")) {
            types.add("integer");
        }
        return types;
    }

    private static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "string";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case NULL -> "null";
            default -> value.getNodeType().toString();
        };
    }
}
