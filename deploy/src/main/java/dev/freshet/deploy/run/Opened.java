package dev.freshet.deploy.run;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened, to be closed in the reverse order, all of it, whatever goes wrong with one. Used by one thread. */
final class Opened implements AutoCloseable {

    private final Deque<Runnable> closings = new ArrayDeque<>();

    /** @param closing done once, before those that were added earlier */
    void add(Runnable closing) {
        closings.push(closing);
    }

    /** @throws RuntimeException the first that was met, the others suppressed in it, when nothing is left to close */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!closings.isEmpty()) {
            try {
                closings.pop().run();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** The same on the way out with an error, which then has what goes wrong here suppressed in it. */
    void closeAfter(Throwable error) {
        try {
            close();
        } catch (RuntimeException e) {
            error.addSuppressed(e);
        }
    }
}
