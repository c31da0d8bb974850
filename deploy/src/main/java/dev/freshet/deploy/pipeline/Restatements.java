package dev.freshet.deploy.pipeline;

import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.Maintainer;
import dev.freshet.transform.plan.Restatement;
import dev.freshet.transform.project.node.Model;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes edited and new models, with whatever reads them, beside the cycles: a thread of its own computes their rows from one cut while the cycles hold them back
 * and go on with the others. Then the new rows replace the stored ones in a cycle of their own, and what changed meanwhile is carried through them in the
 * next. One set of models at a time. Whatever goes wrong ends in the ordinary way, where a cycle computes them.
 *
 * <p>Everything but {@link #close} and the questions belongs to the cycle's thread.
 */
final class Restatements implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Restatements.class);

    /** Why a model is held meanwhile. */
    static final String REASON = "restating: its new rows are computed beside the live changes";

    /** What its plan says meanwhile. */
    static final String RESTATED =
            "its text, or that of a model it reads, is new: all rows are computed beside the live changes and replace the old ones at once";

    /** A transaction of its own for this work, committed. */
    interface OwnCycle {
        List<TableDelta> run(Function<StateTransaction, List<TableDelta>> work);
    }

    private enum Phase {
        COMPUTING,
        COMPUTED,
        FAILED
    }

    private static final class Running {
        private final Restatement restatement;
        private final Shadow shadow;
        private final long began = System.nanoTime();
        private volatile Phase phase = Phase.COMPUTING;

        Running(Restatement restatement, Shadow shadow) {
            this.restatement = restatement;
            this.shadow = shadow;
        }

        Set<TableId> models() {
            return restatement.models().stream().map(Model::relation).collect(Collectors.toSet());
        }
    }

    private final StateStore state;
    private final Maintainer maintainer;
    private final ZoneId zone;
    private final long fromRows;
    private final Runnable done;
    private final PipelineListener listener;
    /** Models that could not be computed so: a cycle does, and tells why if it can't either. */
    private final Set<TableId> leftToTheCycle = new HashSet<>();

    /** Begins with the commit of the transaction under way. */
    private volatile Optional<Restatement> due = Optional.empty();

    private volatile @Nullable Running running;
    private volatile boolean settling;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;

    /**
     * @param fromRows models that read or hold fewer rows are computed by a cycle
     * @param done told by the thread that a cycle should look
     */
    Restatements(
            StateStore state,
            Maintainer maintainer,
            ZoneId zone,
            long fromRows,
            Runnable done,
            PipelineListener listener) {
        this.state = state;
        this.maintainer = maintainer;
        this.zone = zone;
        this.fromRows = fromRows;
        this.done = done;
        this.listener = listener;
    }

    /** The models that are being restated. Any thread may ask. */
    Set<TableId> models() {
        Running current = running;
        return current == null ? Set.of() : current.models();
    }

    /** Whether no restatement is under way. Any thread may ask. */
    boolean isIdle() {
        return due.isEmpty() && running == null && !settling;
    }

    /**
     * Ends what is computed, before a cycle.
     *
     * @param heldBack models that must be left alone for another reason
     * @return the deltas of the models that were replaced
     */
    List<TableDelta> settle(Set<TableId> heldBack, OwnCycle cycle) {
        Running current = running;
        if (current == null) {
            return List.of();
        }
        if (isTouched(current, heldBack) || !current.shadow.isOpen()) {
            abandon(current, "a model of it, or one that it reads, is held back");
            return List.of();
        }
        if (current.phase == Phase.FAILED) {
            leftToTheCycle.addAll(current.models());
            abandon(current, "it failed");
            return List.of();
        }
        return current.phase == Phase.COMPUTED ? replace(current, cycle) : List.of();
    }

    private List<TableDelta> replace(Running current, OwnCycle cycle) {
        settling = true;
        List<TableDelta> deltas = new ArrayList<>();
        try {
            deltas.addAll(
                    cycle.run(transaction -> maintainer.takeOver(transaction, current.restatement, current.shadow)));
            deltas.addAll(cycle.run(transaction ->
                    maintainer.rejoin(transaction, current.restatement, transaction.changesSince(current.shadow))));
            LOG.info(
                    "restated beside the live changes in {} ms: {}",
                    Duration.ofNanos(System.nanoTime() - current.began).toMillis(),
                    current.models());
        } catch (ModelFailedException e) {
            LOG.warn("what was computed beside the cycles can't be taken: {}", e.getMessage());
            leftToTheCycle.addAll(current.models());
        } finally {
            end(current);
        }
        return deltas;
    }

    /**
     * Looks for models to restate, in a transaction that has reconciled what is staged; gives them, with all others that are left alone. What is found begins
     * once the transaction is committed.
     */
    Map<TableId, String> leave(StateTransaction transaction, Map<TableId, String> heldBack) {
        due = running != null || closed
                ? Optional.empty()
                : maintainer
                        .restatement(transaction, heldBack, fromRows)
                        .filter(restatement -> restatement.models().stream()
                                .map(Model::relation)
                                .noneMatch(leftToTheCycle::contains));
        Map<TableId, String> left = new TreeMap<>();
        models().forEach(model -> left.put(model, REASON));
        due.ifPresent(restatement -> restatement.models().forEach(model -> left.put(model.relation(), REASON)));
        return left;
    }

    private void begin(Restatement restatement) {
        Optional<Shadow> shadow = state.shadow(restatement.reads(), zone);
        if (shadow.isEmpty()) {
            restatement.models().forEach(model -> leftToTheCycle.add(model.relation()));
            done.run();
            return;
        }
        Running begun = new Running(restatement, shadow.get());
        running = begun;
        listener.notice("restating "
                + restatement.models().stream().map(Model::name).collect(Collectors.joining(", "))
                + " beside the live changes");
        Thread computing = new Thread(() -> compute(begun), "restatement");
        thread = computing;
        computing.start();
    }

    private void compute(Running begun) {
        try {
            begun.shadow.compute(begun.restatement.queries());
            begun.phase = Phase.COMPUTED;
        } catch (FreshetException e) {
            if (begun.shadow.isOpen()) {
                LOG.warn("models are computed in a cycle instead of beside: {}", e.getMessage());
            }
            begun.phase = Phase.FAILED;
        } catch (RuntimeException | Error e) {
            LOG.error("computing beside the cycles met a defect; a cycle does it", e);
            begun.phase = Phase.FAILED;
        }
        done.run();
    }

    /** A cycle was committed. */
    void cycled(Collection<TableDelta> deltas, Map<TableId, String> held) {
        Optional<Restatement> next = due;
        next.ifPresent(this::begin);
        due = Optional.empty();
        settling = false;
        Running current = running;
        if (current == null || next.isPresent()) {
            return;
        }
        Set<TableId> reads = current.restatement.reads();
        if (deltas.stream().anyMatch(delta -> delta.replaced() && reads.contains(delta.table()))) {
            abandon(current, "a table that it reads has another shape");
        } else if (held.keySet().stream().anyMatch(reads::contains)) {
            abandon(current, "a model that it reads is held back");
        }
    }

    private static boolean isTouched(Running current, Set<TableId> heldBack) {
        return heldBack.stream()
                .anyMatch(model -> current.restatement.reads().contains(model)
                        || current.models().contains(model));
    }

    private void abandon(Running current, String why) {
        LOG.info("a restatement of {} is given up: {}", current.models(), why);
        end(current);
    }

    private void end(Running current) {
        current.shadow.close();
        running = null;
    }

    /** What is not finished begins anew with the next pipeline. */
    @Override
    public void close() {
        closed = true;
        Running current = running;
        if (current != null) {
            current.shadow.close();
        }
        Thread computing = thread;
        try {
            if (computing != null) {
                computing.join(TimeUnit.SECONDS.toMillis(30));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
