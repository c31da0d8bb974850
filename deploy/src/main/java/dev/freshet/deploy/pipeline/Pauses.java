package dev.freshet.deploy.pipeline;

import dev.freshet.state.TableId;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a person has told a pipeline to leave alone. Capture and staging are never paused: a source must not have to wait.
 *
 * @param pipeline no cycle runs: everything staged waits
 * @param models held at their last cut, with their descendants
 * @param targets outputs that nothing is delivered to
 */
public record Pauses(boolean pipeline, Set<TableId> models, Set<String> targets) {

    public static final Pauses NONE = new Pauses(false, Set.of(), Set.of());

    public Pauses {
        models = Set.copyOf(models);
        targets = Set.copyOf(targets);
    }

    /** What can be paused and resumed. */
    public sealed interface Subject {

        /** The whole pipeline's cycle. */
        record Everything() implements Subject {}

        /** One model, and whatever reads it. */
        record Model(TableId relation) implements Subject {}

        /** Delivery to one output. */
        record Target(String output) implements Subject {}
    }

    public boolean isEmpty() {
        return !pipeline && models.isEmpty() && targets.isEmpty();
    }

    public Pauses with(Subject subject) {
        if (subject instanceof Subject.Model model) {
            Set<TableId> more = new TreeSet<>(models);
            more.add(model.relation());
            return new Pauses(pipeline, more, targets);
        }
        if (subject instanceof Subject.Target target) {
            Set<String> more = new TreeSet<>(targets);
            more.add(target.output());
            return new Pauses(pipeline, models, more);
        }
        return new Pauses(true, models, targets);
    }

    /** Without a subject. Resuming everything resumes the cycle and whatever else was paused. */
    public Pauses without(Subject subject) {
        if (subject instanceof Subject.Model model) {
            Set<TableId> fewer = new TreeSet<>(models);
            fewer.remove(model.relation());
            return new Pauses(pipeline, fewer, targets);
        }
        if (subject instanceof Subject.Target target) {
            Set<String> fewer = new TreeSet<>(targets);
            fewer.remove(target.output());
            return new Pauses(pipeline, models, fewer);
        }
        return NONE;
    }
}
