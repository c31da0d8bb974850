package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.retry.GrowingPause;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.TableId;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Models that failed and are left alone for a while, with growing pauses, so that a broken one costs the others nothing but a retry now and
 * then. Changed by the cycle's thread; any may look.
 */
final class FailingModels {

    private record Failure(String message, GrowingPause pause) {}

    private final Clock clock;
    private final Map<TableId, Failure> failures = new TreeMap<>();

    FailingModels(Clock clock) {
        this.clock = clock;
    }

    synchronized void failed(ModelFailedException error) {
        Instant now = clock.instant();
        Failure before = failures.get(error.model());
        failures.put(
                error.model(),
                new Failure(
                        error.getMessage(),
                        before == null
                                ? GrowingPause.first(now)
                                : before.pause().next(now)));
    }

    /** The models that are not worth trying now, each with its reason. */
    synchronized Map<TableId, String> heldBack() {
        Map<TableId, String> held = new TreeMap<>();
        failures.forEach((model, failure) -> {
            if (!failure.pause().isOver(clock.instant())) {
                held.put(model, failure.message());
            }
        });
        return held;
    }

    /** A cycle went through in which only these were held back: every other one is well again. */
    synchronized void succeededExcept(Map<TableId, String> heldBack) {
        failures.keySet().retainAll(heldBack.keySet());
    }

    /** These are left alone for another reason now; whether they work shows when they are tried again. */
    synchronized void forget(Set<TableId> models) {
        failures.keySet().removeAll(models);
    }

    synchronized boolean retryIsDue() {
        return failures.values().stream().anyMatch(failure -> failure.pause().isOver(clock.instant()));
    }

    synchronized Map<TableId, String> messages() {
        Map<TableId, String> messages = new TreeMap<>();
        failures.forEach((model, failure) -> messages.put(model, failure.message()));
        return messages;
    }
}
