package dev.freshet.deploy.pipeline;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.Model;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Rows of a model that are computed anew, and how far that is.
 *
 * @param chunks how many there are
 * @param done how many of them are computed
 * @param changedRows rows of the model that were not as its text has them
 * @param problem why it waits or has failed
 */
public record Backfill(
        long id, TableId model, State state, int chunks, int done, long changedRows, Optional<String> problem) {

    /** Where it is. */
    public enum State {
        RUNNING,
        /** The model is held. */
        WAITING,
        /** Computed, and the target is being compared. */
        DELIVERING,
        DONE,
        FAILED
    }

    /** Which rows. */
    public sealed interface Rows {
        /** All of them. */
        record All() implements Rows {}

        /**
         * @param keys of the model's unique key, each with a value for every column of it; or, for several columns, with one text that has all of them,
         *     separated by commas
         */
        record Keys(List<List<String>> keys) implements Rows {
            public Keys {
                keys = keys.stream().map(List::copyOf).toList();
            }
        }

        /** @param eventTime the column that tells a row's time; {@code to} is not within */
        record Period(String eventTime, Instant from, Instant to) implements Rows {}
    }

    /** What is asked for. */
    public record Request(Model model, Rows rows) {}
}
