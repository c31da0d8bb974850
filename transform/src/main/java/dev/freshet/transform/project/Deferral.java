package dev.freshet.transform.project;

import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.database.Database;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.manifest.Manifest;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.Relation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code --defer}: what is not built here is read where another run built it. A reference means the other run's relation when its own one is not
 * there, or, with {@code --favor-state}, whenever its node is not selected.
 *
 * @param relations of the other run's manifest, by unique id
 * @param favorsState {@code --favor-state}
 */
public record Deferral(Map<String, Elsewhere> relations, boolean favorsState) {

    /** Where a node of the other run is. */
    record Elsewhere(String database, String schema, String alias) {}

    /** Which of two existing relations a reference prefers. */
    public enum Preference {
        OWN,
        STATE
    }

    /**
     * @param state the directory of the other run's manifest.json
     * @throws FreshetException USER when it can't be read
     */
    public static Deferral read(Path state, Preference preference) {
        Map<String, Elsewhere> relations = new LinkedHashMap<>();
        Manifest.read(state).section("nodes").forEach((id, node) -> {
            boolean isReferable = Set.of("model", "seed", "snapshot").contains(text(node, "resource_type"));
            boolean isEphemeral =
                    node.get("config") instanceof Map<?, ?> config && "ephemeral".equals(config.get("materialized"));
            if (isReferable && !isEphemeral) {
                relations.put(id, new Elsewhere(text(node, "database"), text(node, "schema"), text(node, "alias")));
            }
        });
        return new Deferral(relations, preference == Preference.STATE);
    }

    private static String text(Map<String, @Nullable Object> node, String key) {
        Object value = node.get(key);
        return value == null ? "" : value.toString();
    }

    /** The other run's relation of a node. */
    Optional<Relation> elsewhere(ParsedNode node) {
        Elsewhere elsewhere = relations.get(node.uniqueId());
        if (elsewhere == null) {
            return Optional.empty();
        }
        TableId table = new TableId(node.output().name(), elsewhere.schema(), elsewhere.alias());
        Engine engine = Engine.of(node.output().type());
        return Optional.of(Relation.table(table, elsewhere.database(), "table", engine.style()));
    }

    /** The other run's relation, where it is meant; empty where the own one is. */
    Optional<Relation> relation(ParsedNode node, Engine engine, Databases databases, Set<String> selected) {
        Elsewhere elsewhere = relations.get(node.uniqueId());
        if (elsewhere == null || engine.style().inStateStore()) {
            return Optional.empty();
        }
        boolean isFavored = favorsState && !selected.contains(node.uniqueId());
        if (!isFavored && isThere(node, databases)) {
            return Optional.empty();
        }
        TableId table = new TableId(node.output().name(), elsewhere.schema(), elsewhere.alias());
        return Optional.of(Relation.table(table, elsewhere.database(), "table", engine.style()));
    }

    /** Without a database to ask, what is there is not known: then it counts as missing, as in an empty cache of dbt. */
    private static boolean isThere(ParsedNode node, Databases databases) {
        Optional<Database> database = databases.of(node.output());
        return database.isPresent()
                && database.get()
                        .relation(node.relation().schema(), node.relation().name())
                        .isPresent();
    }
}
