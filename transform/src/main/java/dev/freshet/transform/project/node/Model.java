package dev.freshet.transform.project.node;

import dev.freshet.state.Accumulation;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Optional;

/**
 * A model, rendered.
 *
 * @param uniqueId {@code model.project.name}
 * @param relation where it is delivered: output, schema and alias
 * @param route where its SQL runs
 * @param dependsOn unique ids of the models and sources it reads, itself excluded
 * @param sql the compiled text. A maintained model's names tables as {@link dev.freshet.state.StateNames#relation}; a pushdown model's as its
 *     target does. Ephemeral parents are inlined as dbt inlines them
 * @param uniqueKey empty for a bag
 * @param tags merged from all configurations
 * @param fqn the path that selectors and config trees use: project, directories, name
 * @param file relative to the project
 * @param history how an incremental model takes further rows in; empty for others
 * @param snapshot how a snapshot keeps what its rows were; empty for others
 * @param isProtected whether it says {@code full_refresh: false}: nothing begins its history anew
 */
public record Model(
        String uniqueId,
        String name,
        TableId relation,
        Materialization materialization,
        Route route,
        List<String> dependsOn,
        String sql,
        List<String> uniqueKey,
        List<String> tags,
        List<String> fqn,
        String file,
        Optional<Accumulation> history,
        Optional<SnapshotHistory> snapshot,
        boolean isProtected) {

    public Model {
        dependsOn = List.copyOf(dependsOn);
        uniqueKey = List.copyOf(uniqueKey);
        tags = List.copyOf(tags);
        fqn = List.copyOf(fqn);
    }

    /** A model that keeps no history. */
    public Model(
            String uniqueId,
            String name,
            TableId relation,
            Materialization materialization,
            Route route,
            List<String> dependsOn,
            String sql,
            List<String> uniqueKey,
            List<String> tags,
            List<String> fqn,
            String file) {
        this(
                uniqueId,
                name,
                relation,
                materialization,
                route,
                dependsOn,
                sql,
                uniqueKey,
                tags,
                fqn,
                file,
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /** Whether its rows are more than a function of its inputs, so that its table is the truth. */
    public boolean keepsHistory() {
        return history.isPresent() || snapshot.isPresent();
    }

    /** How its rows are there for others. */
    public enum Materialization {
        TABLE,
        VIEW,
        EPHEMERAL,
        /** Its history is kept by the service; not built by a one-shot run yet. */
        INCREMENTAL,
        /** A snapshot that is kept by the service; others are dbt's and no models. */
        SNAPSHOT,
        /** A seed that is kept by the service. */
        SEED,
        /** Parsed and compiled, not run yet. */
        MATERIALIZED_VIEW,
        /** A materialization that the project or a package defines; parsed and compiled, not run yet. */
        CUSTOM;

        /** Whether a run can build it. */
        public boolean isRunnable() {
            return this == TABLE || this == VIEW || this == EPHEMERAL;
        }
    }

    /** Where a model's SQL runs. */
    public enum Route {
        /** Kept in the state store from captured changes. */
        MAINTAINED,
        /** Every input lives on the model's own target and the SQL runs there. */
        PUSHDOWN
    }
}
