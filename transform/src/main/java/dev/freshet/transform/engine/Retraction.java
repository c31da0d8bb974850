package dev.freshet.transform.engine;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** {@code retract}: drops what models made, children before parents. Used once. */
public final class Retraction {

    /**
     * What became of one model.
     *
     * @param kind what was dropped; empty when nothing was there
     * @param error why it could not be dropped
     */
    public record Dropped(Node node, Optional<String> kind, Optional<String> error) {}

    /** Told of each model when it is gone. */
    @FunctionalInterface
    public interface Listener {
        void dropped(int number, int total, Dropped dropped);
    }

    private final NodeExecution execution;

    public Retraction(ParsedProject project) {
        this.execution = project.execution();
    }

    /**
     * Goes on after a failure.
     *
     * @param models in the order of the graph
     */
    public List<Dropped> run(List<Node> models, Listener listener) {
        List<Node> reversed = new ArrayList<>(models);
        Collections.reverse(reversed);
        List<Dropped> all = new ArrayList<>();
        try (Databases live = Databases.live()) {
            for (Node model : reversed) {
                Dropped dropped = drop(model, live);
                all.add(dropped);
                listener.dropped(all.size(), reversed.size(), dropped);
            }
        }
        return all;
    }

    private Dropped drop(Node model, Databases live) {
        try {
            return new Dropped(model, execution.drop(model.uniqueId(), live), Optional.empty());
        } catch (FreshetException e) {
            live.rollback();
            return new Dropped(model, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
        }
    }
}
