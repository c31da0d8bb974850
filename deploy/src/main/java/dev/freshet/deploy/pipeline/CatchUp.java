package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Publisher;
import dev.freshet.state.Cut;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateStore;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits, on any thread, until what is somewhere in a pipeline has arrived where it goes. */
final class CatchUp {

    private static final int STEP_MILLIS = 20;

    private final Map<String, SourceWorker> sources;
    private final Map<String, Publisher> publishers;
    private final StateStore state;
    private final BooleanSupplier settled;
    private final Supplier<Pauses> pauses;
    private final BooleanSupplier ended;

    /**
     * @param settled whether histories are as they are to be continued from, and what is new in the project was looked at
     * @param ended whether the pipeline stopped for good, so that nothing will arrive any more
     */
    CatchUp(
            Map<String, SourceWorker> sources,
            Map<String, Publisher> publishers,
            StateStore state,
            BooleanSupplier settled,
            Supplier<Pauses> pauses,
            BooleanSupplier ended) {
        this.sources = sources;
        this.publishers = publishers;
        this.state = state;
        this.settled = settled;
        this.pauses = pauses;
        this.ended = ended;
    }

    /** As {@link Pipeline#catchUp} says. */
    boolean untilDelivered(Instant deadline) throws InterruptedException {
        // A load shows at the first position after it, so positions are asked for when nothing loads any more.
        while (!sources.values().stream().allMatch(this::isLoaded)) {
            if (!pausedBefore(deadline)) {
                return false;
            }
        }
        Map<String, SourcePosition> present = new HashMap<>();
        while (present.size() < sources.size()) {
            for (Map.Entry<String, SourceWorker> source : sources.entrySet()) {
                if (!present.containsKey(source.getKey())) {
                    source.getValue().present().ifPresent(position -> present.put(source.getKey(), position));
                }
            }
            if (present.size() < sources.size() && !pausedBefore(deadline)) {
                return false;
            }
        }
        while (!covers(state.cut(), present) || !settled.getAsBoolean()) {
            if (!pausedBefore(deadline)) {
                return false;
            }
        }
        return untilTargetsHaveIt(deadline);
    }

    private boolean isLoaded(SourceWorker source) {
        return source.status(0).loading().isEmpty() && source.tables().stream().allMatch(state::isReady);
    }

    private static boolean covers(Cut cut, Map<String, SourcePosition> present) {
        return present.entrySet().stream().noneMatch(entry -> entry.getValue().isAfter(cut.position(entry.getKey())));
    }

    /** Waits a moment. False when there is none left, or no use in it. */
    boolean pausedBefore(Instant deadline) throws InterruptedException {
        if (Instant.now().isAfter(deadline) || ended.getAsBoolean()) {
            return false;
        }
        TimeUnit.MILLISECONDS.sleep(STEP_MILLIS);
        return true;
    }

    /** Waits until every target that is neither paused nor held by a gate shows the newest cut. */
    boolean untilTargetsHaveIt(Instant deadline) throws InterruptedException {
        long number = state.cut().number();
        for (Map.Entry<String, Publisher> entry : publishers.entrySet()) {
            if (pauses.get().targets().contains(entry.getKey())) {
                continue;
            }
            Duration left = Duration.between(Instant.now(), deadline);
            if (left.isNegative() || !entry.getValue().awaitDelivered(number, left)) {
                return false;
            }
        }
        return true;
    }
}
