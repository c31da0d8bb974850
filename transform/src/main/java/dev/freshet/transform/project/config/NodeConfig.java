package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one node, merged as dbt merges it: the later and nearer wins, except that tags and hooks add up and dictionaries such
 * as {@code meta} are updated key by key.
 */
public record NodeConfig(Map<String, @Nullable Object> values) {

    public static final NodeConfig EMPTY = new NodeConfig(Map.of());

    private static final Set<String> ADDED = Set.of("tags", "pre_hook", "post_hook", "packages");
    private static final Set<String> DICTIONARIES =
            Set.of("grants", "contract", "snapshot_meta_column_names", "freshness");
    private static final Set<String> UPDATED = Set.of("meta", "docs", "persist_docs", "column_types", "quoting");

    /** Whether the value of a key is a dictionary, so that it is no level of a config tree. */
    static boolean isMapping(String key) {
        return UPDATED.contains(key.replace('-', '_')) || DICTIONARIES.contains(key.replace('-', '_'));
    }

    public NodeConfig {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** This configuration with a nearer one on top. */
    public NodeConfig with(Map<String, ? extends @Nullable Object> nearer) {
        Map<String, @Nullable Object> merged = new LinkedHashMap<>(values);
        nearer.forEach((written, value) -> {
            String key = written.replace('-', '_');
            merged.put(key, merge(key, merged.get(key), value));
        });
        return new NodeConfig(merged);
    }

    private static @Nullable Object merge(String key, @Nullable Object before, @Nullable Object value) {
        if (ADDED.contains(key)) {
            List<@Nullable Object> all = new ArrayList<>(listed(before));
            all.addAll(listed(value));
            return key.equals("tags") ? new ArrayList<>(new LinkedHashSet<>(all)) : all;
        }
        if (UPDATED.contains(key) && before instanceof Map<?, ?> old && value instanceof Map<?, ?> update) {
            return deepUpdate(old, update);
        }
        return key.equals("grants") && value instanceof Map<?, ?> grants ? granted(before, grants) : value;
    }

    /** A privilege that is named anew replaces its grantees; with a {@code +} it adds to them. */
    private static Map<String, @Nullable Object> granted(@Nullable Object before, Map<?, ?> grants) {
        Map<String, @Nullable Object> merged = new LinkedHashMap<>();
        if (before instanceof Map<?, ?> old) {
            old.forEach((privilege, grantees) -> merged.put(String.valueOf(privilege), listed(grantees)));
        }
        grants.forEach((written, grantees) -> {
            String privilege = String.valueOf(written);
            boolean isAdded = privilege.startsWith("+");
            String name = isAdded ? privilege.substring(1) : privilege;
            List<@Nullable Object> all = new ArrayList<>(isAdded ? listed(merged.get(name)) : List.of());
            all.addAll(listed(grantees));
            merged.put(name, all);
        });
        return merged;
    }

    private static Map<String, @Nullable Object> deepUpdate(Map<?, ?> old, Map<?, ?> update) {
        Map<String, @Nullable Object> merged = new LinkedHashMap<>();
        old.forEach((key, value) -> merged.put(String.valueOf(key), value));
        update.forEach((key, value) -> {
            Object before = merged.get(String.valueOf(key));
            // Our own section is one namespace of settings; everything else is replaced whole, as dbt does.
            boolean ours = FreshetMeta.SECTION.equals(key) && before instanceof Map<?, ?> && value instanceof Map<?, ?>;
            merged.put(String.valueOf(key), ours ? deepUpdate((Map<?, ?>) before, (Map<?, ?>) value) : value);
        });
        return merged;
    }

    private static List<@Nullable Object> listed(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        List<@Nullable Object> one = new ArrayList<>();
        if (value != null) {
            one.add(value);
        }
        return one;
    }

    /** A text; empty when the key is absent or null. */
    public Optional<String> text(String key) {
        Object value = values.get(key);
        return value == null ? Optional.empty() : Optional.of(value.toString());
    }

    /** A boolean, also when it was written or rendered as a text. */
    public boolean flag(String key, boolean fallback, Position position) {
        Object value = values.get(key);
        if (value == null) {
            return fallback;
        }
        return switch (value.toString().strip().toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> true;
            case "false", "no", "off", "0" -> false;
            default -> throw position.mistake("'" + key + "' must be true or false, not '" + value + "'");
        };
    }

    /** A text or a list of texts. */
    public List<String> texts(String key, Position position) {
        Object value = values.get(key);
        if (value instanceof Map<?, ?>) {
            throw position.mistake("'" + key + "' must be a text or a list of texts, not a dictionary");
        }
        List<String> texts = new ArrayList<>();
        for (Object item : listed(value)) {
            if (item == null || item instanceof Map<?, ?> || item instanceof List<?>) {
                throw position.mistake("'" + key + "' must be a text or a list of texts");
            }
            texts.add(item.toString());
        }
        return texts;
    }

    public FreshetMeta freshet(Set<String> known, Position position) {
        return FreshetMeta.of(values.get("meta"), known, position);
    }
}
