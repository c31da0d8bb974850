package dev.freshet.transform.project.node;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Accumulation.MergedColumns;
import dev.freshet.state.Accumulation.OnSchemaChange;
import dev.freshet.state.Accumulation.Strategy;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Engine;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What dbt's settings of an incremental model say about keeping its rows. */
public final class HistoryConfig {

    private static final Map<String, Strategy> STRATEGIES =
            Map.of("append", Strategy.APPEND, "merge", Strategy.MERGE, "delete+insert", Strategy.DELETE_INSERT);
    private static final Set<String> CHANGES = Set.of("ignore", "fail", "append_new_columns", "sync_all_columns");

    private final ParsedNode node;
    private final NodeConfig config;
    private final Position position;

    private HistoryConfig(ParsedNode node) {
        this.node = node;
        this.config = node.config();
        this.position = node.configured();
    }

    /** Whether the state store keeps the model's history. One that asks for a full refresh each time has none. */
    public static boolean isKept(ParsedNode node, Engine engine) {
        return engine.equals(Engine.STATE_STORE)
                && node.materialization() == Model.Materialization.INCREMENTAL
                && !node.config().flag("full_refresh", false, node.configured());
    }

    /**
     * @param first the SQL where {@code is_incremental()} is false
     * @param continued the SQL where it is true
     * @throws RuntimeException USER naming the place and what can't be kept
     */
    public static Accumulation read(ParsedNode node, String first, String continued) {
        return new HistoryConfig(node).read(first, continued);
    }

    private Accumulation read(String first, String continued) {
        List<String> key = node.uniqueKey();
        String written = config.text("incremental_strategy").orElse("default").replace('_', '+');
        Strategy strategy = written.equals("default") ? Strategy.DELETE_INSERT : STRATEGIES.get(written);
        if (strategy == null) {
            throw unfit("incremental_strategy '"
                    + config.text("incremental_strategy").orElse("") + "'");
        }
        for (String setting : List.of("incremental_predicates", "predicates")) {
            if (config.values().get(setting) != null) {
                throw unfit("'" + setting + "'");
            }
        }
        MergedColumns merged = new MergedColumns(columns("merge_update_columns"), excluded());
        if (key.isEmpty()) {
            // Without a key nothing is found again: dbt adds the rows, whatever the strategy is called.
            strategy = Strategy.APPEND;
        }
        return new Accumulation(
                strategy,
                first,
                continued,
                strategy == Strategy.APPEND ? List.of() : key,
                strategy == Strategy.MERGE ? merged : MergedColumns.ALL,
                onSchemaChange());
    }

    private List<String> columns(String setting) {
        return config.texts(setting, position);
    }

    private List<String> excluded() {
        List<String> excluded = columns("merge_exclude_columns");
        if (!excluded.isEmpty() && !columns("merge_update_columns").isEmpty()) {
            throw position.mistake(
                    node.source().title() + " has merge_update_columns and merge_exclude_columns: say one of them");
        }
        return excluded;
    }

    private OnSchemaChange onSchemaChange() {
        String written = config.text("on_schema_change").orElse("ignore");
        if (!CHANGES.contains(written)) {
            throw position.mistake("on_schema_change of " + node.source().title() + " can't be '" + written + "'"
                    + NearestName.choices(written, "the known ones are", CHANGES));
        }
        return OnSchemaChange.valueOf(written.toUpperCase(Locale.ROOT));
    }

    private RuntimeException unfit(String what) {
        return position.mistake(
                node.source().title() + " has " + what
                        + ", with which the service can't keep it: use append, merge or delete+insert without predicates, or 'maintain: false' to leave the model to dbt");
    }
}
