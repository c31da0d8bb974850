package dev.freshet.transform.project.selection;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a selector can ask of a node: its document in the manifest. */
record NodeFacts(String id, Map<String, @Nullable Object> document) {

    String text(String key) {
        Object value = document.get(key);
        return value == null ? "" : value.toString();
    }

    String type() {
        return text("resource_type");
    }

    boolean isTest() {
        return type().equals("test") || type().equals("unit_test");
    }

    /** Of versioned models, whose last part is the version. */
    boolean isVersioned() {
        return type().equals("model") && document.get("version") != null;
    }

    List<String> texts(String key) {
        return listed(document.get(key));
    }

    static List<String> listed(@Nullable Object value) {
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(item -> texts.add(String.valueOf(item)));
        } else if (value != null) {
            texts.add(value.toString());
        }
        return texts;
    }

    List<String> tags() {
        return document.containsKey("tags") ? texts("tags") : listed(within("config", "tags"));
    }

    /** A value inside nested mappings; null when there is none. */
    @Nullable
    Object within(String... path) {
        return within(List.of(path));
    }

    @Nullable
    Object within(List<String> path) {
        Object at = document;
        for (String key : path) {
            at = at instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return at;
    }
}
