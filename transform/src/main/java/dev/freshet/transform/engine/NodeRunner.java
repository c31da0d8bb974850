package dev.freshet.transform.engine;

import dev.freshet.transform.engine.microbatch.BatchResults;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.render.LiveRendering;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Runs one node. */
interface NodeRunner {

    /**
     * How it went.
     *
     * @param message for a person
     */
    record Outcome(
            NodeResult.Status status,
            Map<String, Object> response,
            Optional<String> message,
            OptionalLong failures,
            Optional<BatchResults> batches) {

        Outcome(
                NodeResult.Status status,
                Map<String, Object> response,
                Optional<String> message,
                OptionalLong failures) {
            this(status, response, message, failures, Optional.empty());
        }

        static Outcome success(LiveRendering.Result result) {
            return new Outcome(
                    NodeResult.Status.SUCCESS, result.response(), Optional.of(result.message()), OptionalLong.empty());
        }
    }

    /**
     * @param compiled told of the node's text as soon as it is known
     * @throws dev.freshet.state.FreshetException when the node fails
     */
    Outcome run(Node node, Databases live, Consumer<String> compiled);
}
