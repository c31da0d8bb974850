package dev.freshet.benchmarks;

/** Something that takes in what a slot of its own has kept for it. */
interface Contestant extends AutoCloseable {

    String name();

    /**
     * Starts, takes in exactly this many row changes, and stops.
     *
     * @throws dev.freshet.state.FreshetException when they do not come, or others do
     */
    Drain drain(long rows) throws InterruptedException;

    @Override
    void close();
}
