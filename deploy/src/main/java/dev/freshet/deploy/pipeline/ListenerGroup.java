package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Delivery;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import java.time.Duration;
import java.util.List;

/** Several listeners as one. */
record ListenerGroup(List<PipelineListener> listeners) implements PipelineListener {

    @Override
    public void staged(StagedBatch batch) {
        listeners.forEach(listener -> listener.staged(batch));
    }

    @Override
    public void cycled(
            Cut cut, List<StagedBatch> staged, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {
        listeners.forEach(listener -> listener.cycled(cut, staged, changed, maintained, took));
    }

    @Override
    public void reconciled(Reconciliation reconciliation) {
        listeners.forEach(listener -> listener.reconciled(reconciliation));
    }

    @Override
    public void checkpointed(Duration took) {
        listeners.forEach(listener -> listener.checkpointed(took));
    }

    @Override
    public void delivered(Delivery delivery) {
        listeners.forEach(listener -> listener.delivered(delivery));
    }

    @Override
    public void timed(Step step, String subject, Duration took) {
        listeners.forEach(listener -> listener.timed(step, subject, took));
    }

    @Override
    public void failed(Leg leg, String subject, ErrorKind kind) {
        listeners.forEach(listener -> listener.failed(leg, subject, kind));
    }

    @Override
    public void notice(String message) {
        listeners.forEach(listener -> listener.notice(message));
    }
}
