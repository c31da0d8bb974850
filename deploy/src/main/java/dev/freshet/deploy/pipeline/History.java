package dev.freshet.deploy.pipeline;

/** What becomes of the histories of incremental models when a pipeline starts. Snapshots always go on, as in dbt. */
public enum History {
    /** They go on from what their targets hold. */
    CONTINUED,
    /** They begin anew and replace what their targets hold, but for models that say {@code full_refresh: false}. */
    ANEW
}
