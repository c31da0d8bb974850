package dev.freshet.transform.engine;

import dev.freshet.transform.engine.microbatch.BatchResults;
import dev.freshet.transform.engine.microbatch.Batching;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.event.BatchSize;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.execute.Batch;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.render.LiveRendering;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a microbatch model batch by batch, each in its own transaction. A failing batch stops none but the first, without which there may be no table:
 * then the others are skipped.
 */
final class MicrobatchRunner implements NodeRunner {

    private static final Logger LOG = LoggerFactory.getLogger(MicrobatchRunner.class);

    private final NodeExecution execution;
    private final Batching batching;
    private final RunListener listener;
    private final Clock clock;
    private final Instant started;

    /** @param started of the run */
    MicrobatchRunner(NodeExecution execution, Batching batching, RunListener listener, Clock clock, Instant started) {
        this.execution = execution;
        this.batching = batching;
        this.listener = listener;
        this.clock = clock;
        this.started = started;
    }

    static boolean isFor(Node node) {
        return node.materialized().equals("incremental")
                && "microbatch".equals(node.config().get("incremental_strategy"));
    }

    @Override
    public Outcome run(Node node, Databases live, Consumer<String> compiled) {
        BatchResults before = batching.previous().get(node.uniqueId());
        boolean isContinued = execution.isIncremental(node.uniqueId(), live);
        BatchSize size = Batching.size(node);
        List<EventWindow> windows = batching.batches(node, isContinued, started);
        List<EventWindow> successful = new ArrayList<>();
        List<EventWindow> failed = new ArrayList<>();
        for (int i = 0; i < windows.size(); i++) {
            EventWindow window = windows.get(i);
            Batch batch = new Batch(
                    size.label(window.start()),
                    window,
                    i == 0,
                    i == windows.size() - 1,
                    i > 0 || isContinued || before != null);
            RunListener.BatchPlace place = new RunListener.BatchPlace(i + 1, windows.size(), node, batch.id());
            // Without its first batch there may be no table to add the others to.
            boolean isSkipped = i > 0 && successful.isEmpty() && failed.size() == i && failed.contains(windows.get(0));
            if (isSkipped) {
                listener.batchEnded(place, NodeResult.Status.SKIPPED, "SKIPPED", Duration.ZERO);
                failed.add(window);
            } else {
                (attempt(node, batch, place, live) ? successful : failed).add(window);
            }
        }
        return outcome(new BatchResults(successful, failed), before);
    }

    /** Whether the batch was built. */
    private boolean attempt(Node node, Batch batch, RunListener.BatchPlace place, Databases live) {
        listener.batchStarted(place);
        Instant began = clock.instant();
        try {
            String sql = execution.compile(node.uniqueId(), batch, live);
            LiveRendering.Result result = execution.materialize(node.uniqueId(), sql, batch, live);
            listener.batchEnded(
                    place, NodeResult.Status.SUCCESS, result.message(), Duration.between(began, clock.instant()));
            return true;
        } catch (RuntimeException e) {
            LOG.debug("batch {} of '{}' failed", batch.id(), node.uniqueId(), e);
            listener.batchEnded(
                    place,
                    NodeResult.Status.ERROR,
                    Failures.message(node, e),
                    Duration.between(began, clock.instant()));
            return false;
        } finally {
            live.rollback();
        }
    }

    private static Outcome outcome(BatchResults results, @org.jspecify.annotations.Nullable BatchResults before) {
        NodeResult.Status status = results.failed().isEmpty()
                ? NodeResult.Status.SUCCESS
                : results.successful().isEmpty() ? NodeResult.Status.ERROR : NodeResult.Status.PARTIAL_SUCCESS;
        List<EventWindow> successful = new ArrayList<>(results.successful());
        if (before != null) {
            successful.addAll(before.successful());
        }
        return new Outcome(
                status,
                Map.of(),
                Optional.of(results.message()),
                OptionalLong.empty(),
                Optional.of(new BatchResults(successful, results.failed())));
    }
}
