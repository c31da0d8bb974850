package dev.freshet.ingest.postgres;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first reason why the row being read can't be represented. */
final class PoisonNote {

    private @Nullable String reason;

    void note(String why) {
        if (reason == null) {
            reason = why;
        }
    }

    /** The reason noted since the last call. */
    Optional<String> take() {
        if (reason == null) {
            return Optional.empty();
        }
        Optional<String> taken = Optional.of(reason);
        reason = null;
        return taken;
    }
}
