package dev.freshet.transform.engine;

import dev.freshet.transform.project.Node;

/** Told of the nodes of a run, from any of its threads. */
public interface RunListener {

    /** @param number from 1, in the order nodes are started */
    void started(int number, int total, Node node);

    void ended(int number, int total, NodeResult result);
}
