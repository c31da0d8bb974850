package dev.freshet.ingest;

/**
 * Captured changes of one table, in order, bounded in memory: what does not fit waits in files that are not part of any table yet. Written by
 * one thread, then handed over and read once by another.
 */
public interface ChangeBuffer extends AutoCloseable {

    /** Adds a change. The buffer owns it from here on. */
    void add(CapturedChange change);

    long size();

    /** Reads everything back in the order it was added. */
    void forEach(java.util.function.Consumer<CapturedChange> reader);

    /** Frees memory and files. */
    @Override
    void close();
}
