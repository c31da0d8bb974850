package dev.freshet.transform.engine;

/**
 * How a run goes.
 *
 * @param threads how many nodes run side by side
 * @param failFast whether the first failure ends it
 * @param isBuild whether nodes wait for the tests of what they read
 */
public record RunSettings(int threads, boolean failFast, boolean isBuild) {}
