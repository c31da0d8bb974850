package dev.freshet.transform.project;

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
record ParsedNode(
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

    String uniqueId() {
        return source.uniqueId();
    }

    ResourceType type() {
        return source.type();
    }

    boolean isModel() {
        return source.type() == ResourceType.MODEL;
    }

    boolean isEphemeral() {
        return materialization == Model.Materialization.EPHEMERAL;
    }
}
