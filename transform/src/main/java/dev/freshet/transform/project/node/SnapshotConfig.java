package dev.freshet.transform.project.node;

import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.node.SnapshotHistory.HardDeletes;
import dev.freshet.transform.project.node.SnapshotHistory.Names;
import dev.freshet.transform.project.node.SnapshotHistory.Strategy;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.render.Reference;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What dbt's settings of a snapshot say to the service. */
public final class SnapshotConfig {

    private static final Set<String> STRATEGIES = Set.of("timestamp", "check", "captured");
    private static final Set<String> HARD_DELETES = Set.of("ignore", "invalidate", "new_record");
    private static final Pattern WHOLE_TABLE =
            Pattern.compile("select\\s+\\*\\s+from\\s+(\\S+|\"[^\"]+\"\\.\"[^\"]+\")\\s*", Pattern.CASE_INSENSITIVE);

    private SnapshotConfig() {}

    /** Whether the service may keep it where it can; otherwise it is dbt's. */
    public static boolean mayKeep(ParsedNode node) {
        return node.type() == ResourceType.SNAPSHOT
                && STRATEGIES.contains(node.config().text("strategy").orElse(""))
                && node.freshet().setting("maintain").map(Boolean::parseBoolean).orElse(true);
    }

    /** Whether it asks for its source to be captured. */
    public static boolean isCaptured(ParsedNode node) {
        return node.type() == ResourceType.SNAPSHOT
                && node.config().text("strategy").filter("captured"::equals).isPresent();
    }

    /**
     * @param sql its compiled query
     * @throws dev.freshet.state.FreshetException USER with its place
     */
    public static SnapshotHistory read(ParsedNode node, String sql) {
        NodeConfig config = node.config();
        Strategy strategy =
                Strategy.valueOf(config.text("strategy").orElseThrow().toUpperCase(Locale.ROOT));
        if (strategy == Strategy.CAPTURED
                && (node.capture().references().size() != 1
                        || node.capture().references().get(0).kind() != Reference.Kind.SOURCE
                        || !WHOLE_TABLE.matcher(sql.strip()).matches())) {
            throw node.configured()
                    .mistake(
                            node.source().title()
                                    + " has the strategy 'captured', which follows one captured table as a whole: write 'select * from {{ source(...) }}' and narrow it in a model that reads the snapshot");
        }
        return new SnapshotHistory(
                strategy,
                config.texts("unique_key", node.configured()),
                config.text("updated_at"),
                checked(node),
                hardDeletes(node, strategy),
                config.text("dbt_valid_to_current"),
                names(config));
    }

    private static List<String> checked(ParsedNode node) {
        Object written = node.config().values().get("check_cols");
        return written == null || written.equals("all")
                ? List.of()
                : node.config().texts("check_cols", node.configured());
    }

    private static HardDeletes hardDeletes(ParsedNode node, Strategy strategy) {
        NodeConfig config = node.config();
        Optional<String> written = config.text("hard_deletes");
        if (written.isPresent() && !HARD_DELETES.contains(written.get())) {
            throw node.configured()
                    .mistake("'hard_deletes' of " + node.source().title() + " can't be '" + written.get() + "'"
                            + NearestName.choices(written.get(), "the known ones are", HARD_DELETES));
        }
        // What is captured knows of deletes, so its rows end by themselves unless told not to.
        boolean ends =
                strategy == Strategy.CAPTURED || config.flag("invalidate_hard_deletes", false, node.configured());
        return HardDeletes.valueOf(
                written.orElse(ends ? "invalidate" : "ignore").toUpperCase(Locale.ROOT));
    }

    private static Names names(NodeConfig config) {
        Map<?, ?> own = config.values().get("snapshot_meta_column_names") instanceof Map<?, ?> map ? map : Map.of();
        return new Names(
                name(own, "dbt_scd_id"),
                name(own, "dbt_updated_at"),
                name(own, "dbt_valid_from"),
                name(own, "dbt_valid_to"),
                name(own, "dbt_is_deleted"));
    }

    private static String name(Map<?, ?> own, String column) {
        Object name = own.get(column);
        return name == null ? column : name.toString();
    }
}
