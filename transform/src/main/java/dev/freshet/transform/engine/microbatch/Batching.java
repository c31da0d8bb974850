package dev.freshet.transform.engine.microbatch;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.event.BatchSize;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.node.Node;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which batches the microbatch models of a run have.
 *
 * @param wanted {@code --event-time-start} and {@code --event-time-end}; else what is new, looking back
 * @param previous by model, what an earlier run has built of it and what not, when only that is to be built
 * @param now where batches end that are not wanted otherwise; empty for the start of the run
 */
public record Batching(Optional<EventWindow> wanted, Map<String, BatchResults> previous, Optional<Instant> now) {

    /** What is new. */
    public static final Batching NEW = new Batching(Optional.empty(), Map.of(), Optional.empty());

    public Batching {
        previous = Map.copyOf(previous);
    }

    /**
     * @param isContinued whether the model's table is there and continued
     * @param started of the run
     * @throws FreshetException USER when the model does not say when it begins, or how long a batch is
     */
    public List<EventWindow> batches(Node model, boolean isContinued, Instant started) {
        BatchResults before = previous.get(model.uniqueId());
        if (before != null) {
            return before.failed();
        }
        BatchSize size = size(model);
        Instant end = size.ceiling(wanted.map(EventWindow::end).orElse(now.orElse(started)));
        Instant start;
        if (wanted.isPresent()) {
            start = wanted.get().start();
        } else if (isContinued) {
            Object lookback = model.config().get("lookback");
            start = size.start(end, lookback instanceof Number number ? number.intValue() : 1);
        } else {
            start = begin(model);
        }
        try {
            return size.batches(start, end);
        } catch (IllegalArgumentException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "Microbatch model '" + model.name() + "' would have " + e.getMessage()
                            + ": correct its 'begin' or --event-time-start, or choose a longer 'batch_size'",
                    e);
        }
    }

    /** How long its batches are. */
    public static BatchSize size(Node model) {
        return BatchSize.named(String.valueOf(model.config().get("batch_size")))
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "Microbatch model '" + model.name()
                                + "' must provide a 'batch_size' config that is one of hour, day, month, year"));
    }

    private static Instant begin(Node model) {
        Object begin = model.config().get("begin");
        if (begin == null) {
            throw new FreshetException(
                    ErrorKind.USER, "Microbatch model '" + model.name() + "' requires a 'begin' configuration.");
        }
        return begin instanceof java.util.Date date
                ? Instant.ofEpochMilli(date.getTime())
                : EventWindow.time(begin.toString());
    }
}
