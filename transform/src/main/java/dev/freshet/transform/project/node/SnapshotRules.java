package dev.freshet.transform.project.node;

import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.problem.NearestName;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a snapshot has to say of itself, wherever it is written. */
public final class SnapshotRules {

    /** Makes an entry of {@code snapshots:} one, without a SQL file. */
    public static final String RELATION = "relation";

    private static final Set<String> SETTINGS =
            Set.of("strategy", "unique_key", "updated_at", "check_cols", "target_schema", "hard_deletes");

    private SnapshotRules() {}

    /** @throws dev.freshet.state.FreshetException USER with its place when dbt would refuse it; nothing for other nodes */
    public static void check(ParsedNode node) {
        if (node.type() != ResourceType.SNAPSHOT) {
            return;
        }
        NodeConfig config = node.config();
        String title = node.source().title();
        Optional<String> missing = missing(config);
        if (missing.isPresent()) {
            throw node.configured()
                    .mistake(title + " needs '" + missing.get() + "' in its config" + hint(missing.get(), config));
        }
        Object columns = config.values().get("check_cols");
        if (columns instanceof String text && !text.equals("all")) {
            throw node.configured()
                    .mistake("'check_cols' of " + title + " is 'all' or a list of columns, not '" + text + "'");
        }
        if ("timestamp".equals(config.values().get("strategy")) && isGiven(columns)) {
            throw node.configured()
                    .mistake(title + " has the strategy 'timestamp', which takes no 'check_cols': remove them");
        }
        String materialized = config.text("materialized").orElse("snapshot");
        if (!materialized.equals("snapshot")) {
            throw node.configured()
                    .mistake(title + " can't be materialized as '" + materialized + "': it is always a snapshot");
        }
    }

    private static Optional<String> missing(NodeConfig config) {
        for (String setting : new String[] {"strategy", "unique_key"}) {
            if (!isGiven(config.values().get(setting))) {
                return Optional.of(setting);
            }
        }
        String needed =
                switch (config.text("strategy").orElse("")) {
                    case "check" -> "check_cols";
                    case "timestamp" -> "updated_at";
                    default -> "";
                };
        return needed.isEmpty() || isGiven(config.values().get(needed)) ? Optional.empty() : Optional.of(needed);
    }

    private static boolean isGiven(@Nullable Object value) {
        return value != null && !value.equals("") && !(value instanceof Collection<?> items && items.isEmpty());
    }

    /** A setting that was meant and misspelt. */
    private static String hint(String missing, NodeConfig config) {
        return config.values().keySet().stream()
                .filter(key -> !SETTINGS.contains(key)
                        && NearestName.find(key, Set.of(missing)).isPresent())
                .findFirst()
                .map(key -> "; '" + key + "' is no setting: did you mean '" + missing + "'?")
                .orElse("");
    }
}
