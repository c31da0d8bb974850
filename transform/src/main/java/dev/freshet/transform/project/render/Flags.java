package dev.freshet.transform.project.render;

import java.util.LinkedHashMap;
import java.util.Map;

/** {@code flags}: how the command was called. */
final class Flags {

    private Flags() {}

    /** @param given what differs from dbt's defaults, by name */
    static Map<String, Object> of(String command, boolean fullRefresh, Map<String, Object> given) {
        Map<String, Object> flags = new LinkedHashMap<>();
        flags.put("WHICH", command);
        flags.put("FULL_REFRESH", fullRefresh);
        flags.put("STORE_FAILURES", false);
        flags.put("EMPTY", false);
        flags.put("DEBUG", false);
        flags.put("QUIET", false);
        flags.put("PRINT", true);
        flags.put("FAIL_FAST", false);
        flags.put("WARN_ERROR", false);
        flags.put("INTROSPECT", true);
        flags.put("PARTIAL_PARSE", true);
        flags.put("STATIC_PARSER", true);
        flags.put("VERSION_CHECK", true);
        flags.put("USE_COLORS", true);
        flags.put("CACHE_SELECTED_ONLY", false);
        flags.put("POPULATE_CACHE", true);
        flags.put("INDIRECT_SELECTION", "eager");
        flags.put("SEND_ANONYMOUS_USAGE_STATS", false);
        flags.put("LOG_FORMAT", "default");
        flags.put("LOG_CACHE_EVENTS", false);
        flags.put("PRINTER_WIDTH", 80L);
        flags.put("WRITE_JSON", true);
        flags.put("WARN_ERROR_OPTIONS", Map.of());
        flags.put("USE_EXPERIMENTAL_PARSER", false);
        flags.put("REQUIRE_SQL_HEADER_IN_TEST_CONFIGS", false);
        flags.putAll(given);
        flags.put("NO_PRINT", Boolean.FALSE.equals(flags.get("PRINT")));
        return flags;
    }
}
