package dev.freshet.transform.engine;

import dev.freshet.transform.project.node.Node;
import java.time.Duration;

/** Told of the nodes of a run, from any of its threads. */
public interface RunListener {

    /** @param number from 1, in the order nodes are started */
    void started(int number, int total, Node node);

    void ended(int number, int total, NodeResult result);

    /**
     * A batch of a microbatch model.
     *
     * @param number from 1
     * @param id the time that it begins at, as dbt writes it
     */
    record BatchPlace(int number, int total, Node model, String id) {}

    default void batchStarted(BatchPlace batch) {}

    /** @param said by the database, or why it failed */
    default void batchEnded(BatchPlace batch, NodeResult.Status status, String said, Duration took) {}
}
