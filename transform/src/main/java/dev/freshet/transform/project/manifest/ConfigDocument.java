package dev.freshet.transform.project.manifest;

import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.node.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code config} of a node as the manifest has it: all of dbt's keys with their defaults, then what else is configured. */
public final class ConfigDocument {

    private static final Set<String> HOOKS = Set.of("pre_hook", "post_hook");

    private ConfigDocument() {}

    /** The {@code config} of a node of this type. */
    public static Map<String, @Nullable Object> of(ResourceType type, NodeConfig config) {
        Map<String, @Nullable Object> document = defaults(type);
        config.values().forEach((key, value) -> {
            if (HOOKS.contains(key)) {
                document.put(key.replace('_', '-'), hooks(value));
            } else if (key.equals("tags")) {
                document.put(key, listed(value));
            } else if (key.equals("packages")) {
                document.put(key, listed(value));
            } else if (key.equals("docs")) {
                document.put(key, docs(value instanceof Map<?, ?> map ? map : Map.of()));
            } else if (key.equals("contract") && value instanceof Map<?, ?> written) {
                Map<String, @Nullable Object> contract = contract();
                written.forEach((name, item) -> contract.put(String.valueOf(name), item));
                document.put(key, contract);
            } else if (key.equals("severity") && value != null) {
                document.put(key, value.toString());
            } else if (value != null || document.containsKey(key)) {
                document.put(key, value == null ? document.get(key) : value);
            } else {
                document.put(key, null);
            }
        });
        return document;
    }

    private static Map<String, @Nullable Object> defaults(ResourceType type) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("enabled", true);
        document.put("alias", null);
        document.put("schema", type == ResourceType.TEST ? "dbt_test__audit" : null);
        document.put("database", null);
        document.put("tags", List.of());
        document.put("meta", Map.of());
        document.put("group", null);
        if (type == ResourceType.TEST) {
            document.put("materialized", "test");
            document.put("severity", "ERROR");
            document.put("store_failures", null);
            document.put("store_failures_as", null);
            document.put("where", null);
            document.put("limit", null);
            document.put("fail_calc", "count(*)");
            document.put("warn_if", "!= 0");
            document.put("error_if", "!= 0");
            return document;
        }
        document.put("materialized", type.isReferable() && type != ResourceType.MODEL ? type.id() : "view");
        document.put("incremental_strategy", null);
        document.put("batch_size", null);
        document.put("lookback", 1);
        document.put("begin", null);
        document.put("persist_docs", Map.of());
        document.put("post-hook", List.of());
        document.put("pre-hook", List.of());
        document.put("quoting", Map.of());
        document.put("column_types", Map.of());
        document.put("full_refresh", null);
        document.put("unique_key", null);
        document.put("on_schema_change", "ignore");
        document.put("on_configuration_change", "apply");
        document.put("grants", Map.of());
        document.put("packages", List.of());
        document.put("docs", docs(Map.of()));
        document.put("contract", contract());
        document.put("event_time", null);
        document.put("concurrent_batches", null);
        if (type == ResourceType.MODEL) {
            document.put("access", "protected");
            document.put("freshness", null);
        } else if (type == ResourceType.SEED) {
            document.put("delimiter", ",");
            document.put("quote_columns", null);
        } else if (type == ResourceType.SNAPSHOT) {
            addSnapshot(document);
        }
        return document;
    }

    private static void addSnapshot(Map<String, @Nullable Object> document) {
        for (String key : List.of(
                "strategy", "target_schema", "target_database", "updated_at", "check_cols", "dbt_valid_to_current")) {
            document.put(key, null);
        }
        Map<String, @Nullable Object> names = new LinkedHashMap<>();
        for (String key : List.of("dbt_valid_to", "dbt_valid_from", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted")) {
            names.put(key, null);
        }
        document.put("snapshot_meta_column_names", names);
    }

    /** Its {@code docs}, with the defaults of what was not written. */
    public static Map<String, @Nullable Object> docs(Map<?, ?> written) {
        Map<String, @Nullable Object> docs = new LinkedHashMap<>();
        docs.put("show", true);
        docs.put("node_color", null);
        written.forEach((key, value) -> docs.put(String.valueOf(key), value));
        return docs;
    }

    private static Map<String, @Nullable Object> contract() {
        Map<String, @Nullable Object> contract = new LinkedHashMap<>();
        contract.put("enforced", false);
        contract.put("alias_types", true);
        return contract;
    }

    private static List<@Nullable Object> hooks(@Nullable Object value) {
        List<@Nullable Object> hooks = new ArrayList<>();
        for (Object item : listed(value)) {
            Map<String, @Nullable Object> hook = new LinkedHashMap<>();
            hook.put("sql", item);
            hook.put("transaction", true);
            hook.put("index", null);
            if (item instanceof Map<?, ?> written) {
                written.forEach((key, part) -> hook.put(String.valueOf(key), part));
            }
            hooks.add(hook);
        }
        return hooks;
    }

    private static List<@Nullable Object> listed(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        return value == null ? List.of() : List.of(value);
    }
}
