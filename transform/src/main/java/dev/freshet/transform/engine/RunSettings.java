package dev.freshet.transform.engine;

import dev.freshet.transform.engine.microbatch.Batching;

/**
 * How a run goes.
 *
 * @param threads how many nodes run side by side
 * @param failFast whether the first failure ends it
 * @param isBuild whether nodes wait for the tests of what they read
 * @param batching which batches microbatch models have
 * @param reads what a node's transaction sees
 */
public record RunSettings(int threads, boolean failFast, boolean isBuild, Batching batching, Reads reads) {

    /** What the statements of one transaction see, where the output leaves a choice. */
    public enum Reads {
        /** Each what is committed when it begins, as the output does by itself. */
        EACH_ITS_OWN,
        /** All what was committed when the first began. */
        ONE_STATE
    }

    public RunSettings(int threads, boolean failFast, boolean isBuild, Batching batching) {
        this(threads, failFast, isBuild, batching, Reads.EACH_ITS_OWN);
    }

    /** Microbatch models build what is new. */
    public RunSettings(int threads, boolean failFast, boolean isBuild) {
        this(threads, failFast, isBuild, Batching.NEW);
    }
}
