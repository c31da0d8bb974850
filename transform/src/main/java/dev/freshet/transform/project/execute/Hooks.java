package dev.freshet.transform.project.execute;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The hooks of a node as its materialization sees them: {@code sql} and {@code transaction}. */
final class Hooks {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Hooks() {}

    /** @param document a node of the manifest */
    static List<Object> of(Map<String, @Nullable Object> document, String key) {
        List<Object> hooks = new ArrayList<>();
        if (document.get("config") instanceof Map<?, ?> config && config.get(key) instanceof List<?> written) {
            for (Object each : written) {
                if (each instanceof Map<?, ?> hook) {
                    hooks.add(hook(hook));
                }
            }
        }
        return hooks;
    }

    private static Map<String, Object> hook(Map<?, ?> written) {
        Map<String, Object> hook = new LinkedHashMap<>();
        String sql = String.valueOf(written.get("sql"));
        hook.put("sql", sql);
        hook.put("transaction", !Boolean.FALSE.equals(written.get("transaction")));
        // before_begin() and its like give a dictionary as text.
        if (sql.strip().startsWith("{")
                && !sql.strip().startsWith("{{")
                && !sql.strip().startsWith("{%")) {
            try {
                if (JSON.readValue(sql, Object.class) instanceof Map<?, ?> parsed && parsed.containsKey("sql")) {
                    hook.put("sql", String.valueOf(parsed.get("sql")));
                    hook.put("transaction", !Boolean.FALSE.equals(parsed.get("transaction")));
                }
            } catch (JsonProcessingException ignored) {
                // it is SQL that begins with a brace
            }
        }
        return hook;
    }
}
