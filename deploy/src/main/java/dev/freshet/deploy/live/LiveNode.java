package dev.freshet.deploy.live;

import dev.freshet.state.Connection;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.Node;
import java.time.Duration;
import java.util.List;

/**
 * A model, snapshot or seed that runs on its own target.
 *
 * @param fingerprint of what it is made of: another one is another version, which runs at once
 * @param rest how long it rests at least after it began; empty time for what runs once and not again
 * @param inputs the tables that it reads there, views among the live models looked through
 * @param parents unique ids of the live models that it reads
 */
record LiveNode(
        Node node,
        Connection output,
        TableId relation,
        String fingerprint,
        Duration rest,
        List<TableId> inputs,
        List<String> parents) {

    LiveNode {
        inputs = List.copyOf(inputs);
        parents = List.copyOf(parents);
    }

    String id() {
        return node.uniqueId();
    }

    /** A view shows what its inputs are, and a seed's file does not change while the service runs. */
    boolean runsOnce() {
        return rest.isZero();
    }
}
