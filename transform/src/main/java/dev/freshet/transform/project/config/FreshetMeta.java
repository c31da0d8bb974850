package dev.freshet.transform.project.config;

import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Our own settings of a node, under {@code config.meta.freshet}, where dbt's strict YAML lets them be. */
public record FreshetMeta(Map<String, String> settings) {

    static final String SECTION = "freshet";

    /** What a model may set. */
    public static final Set<String> MODEL_KEYS = Set.of("target", "compute", "dialect", "maintain");

    /** What a data test may set. */
    public static final Set<String> TEST_KEYS = Set.of("target", "mode");

    /** What a source or one of its tables may set. */
    public static final Set<String> SOURCE_KEYS = Set.of("connection", "capture");

    public FreshetMeta {
        settings = Map.copyOf(settings);
    }

    static FreshetMeta of(@Nullable Object meta, Set<String> known, Position position) {
        Object section = meta instanceof Map<?, ?> map ? map.get(SECTION) : null;
        if (section == null) {
            return new FreshetMeta(Map.of());
        }
        if (!(section instanceof Map<?, ?> settings)) {
            throw position.mistake("'meta.freshet' must be a dictionary of settings");
        }
        Map<String, String> read = new LinkedHashMap<>();
        settings.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (!known.contains(name)) {
                throw position.mistake("'meta.freshet." + name + "' is not a setting here"
                        + NearestName.choices(name, "the settings are", known));
            }
            if (value != null) {
                read.put(name, value.toString());
            }
        });
        return new FreshetMeta(read);
    }

    public Optional<String> setting(String key) {
        return Optional.ofNullable(settings.get(key));
    }
}
