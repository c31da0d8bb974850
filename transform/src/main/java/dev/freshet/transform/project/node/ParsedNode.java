package dev.freshet.transform.project.node;

import dev.freshet.state.Connection;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.config.FreshetMeta;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Capture;
import dev.freshet.transform.project.render.Engine;
import java.util.List;

/**
 * A model, seed, snapshot or test after its first rendering: configured and named, its references not resolved yet.
 *
 * @param database the database part of its name, empty where there is none
 * @param configured where its configuration was last set, for messages
 * @param parsedFor the engine that the template was told of
 */
public record ParsedNode(
        NodeSource source,
        NodeConfig config,
        FreshetMeta freshet,
        Connection output,
        TableId relation,
        String database,
        Model.Materialization materialization,
        List<String> uniqueKey,
        List<String> tags,
        Capture capture,
        Position configured,
        Engine parsedFor) {

    /** dbt's unique id. */
    public String uniqueId() {
        return source.uniqueId();
    }

    /** What it is. */
    public ResourceType type() {
        return source.type();
    }

    /** Whether it is a model, of any materialization. */
    public boolean isModel() {
        return source.type() == ResourceType.MODEL;
    }

    /** Whether it is written into those that refer to it, and has no relation. */
    public boolean isEphemeral() {
        return materialization == Model.Materialization.EPHEMERAL;
    }
}
