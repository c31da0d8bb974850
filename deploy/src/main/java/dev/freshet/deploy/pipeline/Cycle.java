package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.verdict.Gates;
import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.Cut;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.Maintainer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The flow of one change, in two legs that overlap: {@link #capture} makes it durable and is run by a thread per source, {@link #maintain} carries it
 * through the models and is run by one thread. The third leg, delivery, belongs to each target's {@link dev.freshet.publisher.Publisher}.
 */
final class Cycle {

    /** Why a paused model is held. */
    static final String PAUSED = "paused";

    /**
     * What one cycle did.
     *
     * @param held the models that it left out, with the reason
     */
    record Result(
            Cut cut,
            List<StagedBatch> staged,
            List<TableDelta> changed,
            List<TableDelta> maintained,
            Map<TableId, String> held) {
        boolean moved() {
            return !staged.isEmpty() || !maintained.isEmpty();
        }
    }

    private final StagingArea staging;
    private final StateStore state;
    private final Maintainer maintainer;
    private final FailingModels failing;
    private final Adoption adoption;
    private final FullRefresh refresh;
    private final Restatements restatements;
    private final Backfills backfills;
    private final Gates gates;
    private final Supplier<Pauses> pauses;
    private final Clock clock;
    private final ZoneId zone;
    private final StepListener steps;
    private final PipelineListener listener;
    /** By cycles of their own, and not told yet. */
    private final List<TableDelta> restated = new ArrayList<>();

    Cycle(
            StagingArea staging,
            StateStore state,
            Maintainer maintainer,
            FailingModels failing,
            Adoption adoption,
            FullRefresh refresh,
            Restatements restatements,
            Backfills backfills,
            Gates gates,
            Supplier<Pauses> pauses,
            Clock clock,
            ZoneId zone,
            StepListener steps,
            PipelineListener listener) {
        this.staging = staging;
        this.state = state;
        this.maintainer = maintainer;
        this.failing = failing;
        this.adoption = adoption;
        this.refresh = refresh;
        this.restatements = restatements;
        this.backfills = backfills;
        this.gates = gates;
        this.pauses = pauses;
        this.clock = clock;
        this.zone = zone;
        this.steps = steps;
        this.listener = listener;
    }

    /**
     * Captures one batch, stages it, and only then acknowledges it to the source.
     *
     * @param written is told of a batch that can be worked on while it is committed
     * @return empty when nothing happened in time
     */
    Optional<StagedBatch> capture(String name, ChangeSource source, StagingPace pace, Consumer<StagedBatch> written)
            throws InterruptedException {
        Optional<CapturedBatch> captured = source.next(pace.limits());
        captured.ifPresent(batch -> {
            pace.captured(name);
            steps.done(Step.CAPTURED, name);
        });
        long began = System.nanoTime();
        Optional<StagedBatch> staged = captured.map(batch -> staging.stage(batch, readable -> {
                    steps.done(Step.WRITTEN, name);
                    listener.timed(Step.WRITTEN, name, Duration.ofNanos(System.nanoTime() - began));
                    written.accept(readable);
                }))
                .or(() -> staging.settle(name));
        staged.ifPresent(batch -> {
            steps.done(Step.STAGED, name);
            listener.timed(Step.STAGED, name, Duration.ofNanos(System.nanoTime() - began));
            source.acknowledge(batch.end());
            steps.done(Step.ACKNOWLEDGED, name);
        });
        return staged;
    }

    /**
     * Carries staged batches through mirrors and models to a new cut, in one state-store transaction, and has the gates judge it there. A model that fails
     * is left out, with its descendants, and everything runs again without it: in the worst case once for each failing model, and gate.
     *
     * @param durable returns once all of the batches are durable, which they need not be before the transaction is committed; fails when they will not be
     */
    Result maintain(List<StagedBatch> staged, Runnable durable) {
        adoption.take(this::adopt);
        Set<TableId> paused = pauses.get().models();
        failing.forget(paused);
        Map<TableId, String> heldBack = new TreeMap<>(failing.heldBack());
        Map<TableId, String> unread = adoption.heldBack();
        heldBack.putAll(unread);
        paused.forEach(model -> heldBack.put(model, PAUSED));
        restated.addAll(restatements.settle(heldBack.keySet(), this::ofItsOwn));
        Map<TableId, String> leftAlone = new TreeMap<>(maintainer.held());
        leftAlone.putAll(heldBack);
        restated.addAll(backfills.step(leftAlone, transaction -> left(transaction, heldBack), this::ofItsOwn));
        while (true) {
            try (StateTransaction transaction = state.begin()) {
                Stopwatch stopwatch = new Stopwatch();
                Instant now = laterOf(clock.instant(), state.cut().clock());
                transaction.clock(now, zone);
                List<TableDelta> changed = new ArrayList<>();
                for (StagedBatch batch : staged) {
                    changed.addAll(transaction.reconcile(batch));
                }
                stopwatch.done(Step.RECONCILED);
                Map<TableId, String> left = left(transaction, heldBack);
                refresh.begin(transaction, maintainer.leftOut(transaction, left));
                List<TableDelta> maintained = maintainer.maintain(transaction, changed, left);
                refresh.computed(transaction, maintainer.held().keySet());
                gates.judge(transaction, state.cut().number() + 1, List.of(changed, maintained));
                stopwatch.done(Step.MAINTAINED);
                durable.run();
                Cut cut = transaction.commit(ends(staged), now);
                stopwatch.done(Step.COMMITTED);
                failing.succeededExcept(heldBack);
                adoption.cycled(unread.keySet());
                gates.committed();
                refresh.committed();
                transaction.reconciliations().forEach(listener::reconciled);
                maintained =
                        Stream.concat(restated.stream(), maintained.stream()).toList();
                restated.clear();
                backfills.cycled();
                restatements.cycled(
                        Stream.concat(changed.stream(), maintained.stream()).toList(), maintainer.held());
                return new Result(cut, staged, changed, maintained, maintainer.held());
            } catch (ModelFailedException e) {
                failing.failed(e);
                listener.failed(
                        PipelineListener.Leg.MODEL,
                        e.model().schema() + "." + e.model().name(),
                        e.kind());
                heldBack.put(e.model(), e.getMessage());
            } catch (Gates.BrokenGateException e) {
                gates.broken(e);
            }
        }
    }

    private Map<TableId, String> left(StateTransaction transaction, Map<TableId, String> heldBack) {
        Map<TableId, String> left = restatements.leave(transaction, heldBack);
        left.putAll(heldBack);
        return left;
    }

    /** A cut of its own, in which no staged batch is carried. */
    private List<TableDelta> ofItsOwn(Function<StateTransaction, List<TableDelta>> work) {
        while (true) {
            try (StateTransaction transaction = state.begin()) {
                Instant now = laterOf(clock.instant(), state.cut().clock());
                transaction.clock(now, zone);
                List<TableDelta> deltas = work.apply(transaction);
                gates.judge(transaction, state.cut().number() + 1, List.of(deltas));
                Cut unused = transaction.commit(Map.of(), now);
                gates.committed();
                return deltas;
            } catch (Gates.BrokenGateException e) {
                gates.broken(e);
            }
        }
    }

    /** A cut of its own: the rows are what the target holds already. */
    private Optional<String> adopt(Adoption.Found found) {
        try (StateTransaction transaction = state.begin()) {
            TableDelta unused = transaction.adopt(found.table(), found.schema(), found.rows());
            gates.adopted(transaction, found.table());
            Cut ignored = transaction.commit(
                    Map.of(), laterOf(clock.instant(), state.cut().clock()));
            return Optional.empty();
        } catch (ModelFailedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Tells of each step of one transaction, and how long it took. */
    private final class Stopwatch {

        private long began = System.nanoTime();

        void done(Step step) {
            long now = System.nanoTime();
            listener.timed(step, "", Duration.ofNanos(now - began));
            began = now;
            steps.done(step, "");
        }
    }

    private static Map<String, SourcePosition> ends(List<StagedBatch> staged) {
        Map<String, SourcePosition> ends = new HashMap<>();
        staged.forEach(batch -> ends.put(batch.source(), batch.end()));
        return ends;
    }

    private static Instant laterOf(Instant now, Instant before) {
        return now.isBefore(before) ? before : now;
    }
}
