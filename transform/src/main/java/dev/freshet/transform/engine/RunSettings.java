package dev.freshet.transform.engine;

import dev.freshet.transform.engine.microbatch.Batching;

/**
 * How a run goes.
 *
 * @param threads how many nodes run side by side
 * @param failFast whether the first failure ends it
 * @param isBuild whether nodes wait for the tests of what they read
 * @param batching which batches microbatch models have
 */
public record RunSettings(int threads, boolean failFast, boolean isBuild, Batching batching) {

    /** Microbatch models build what is new. */
    public RunSettings(int threads, boolean failFast, boolean isBuild) {
        this(threads, failFast, isBuild, Batching.NEW);
    }
}
