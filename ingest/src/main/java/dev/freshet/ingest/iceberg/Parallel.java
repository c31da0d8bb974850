package dev.freshet.ingest.iceberg;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Does some things side by side and waits for all of them, also when one fails or the thread is interrupted. */
final class Parallel {

    private final ExecutorService executor;

    Parallel(ExecutorService executor) {
        this.executor = executor;
    }

    /** Fails with the gravest failure: an owner overtaken, then an unknown outcome, then the others. */
    void run(List<Runnable> actions) {
        if (actions.size() == 1) {
            actions.get(0).run();
            return;
        }
        List<Future<?>> running = new ArrayList<>();
        for (Runnable action : actions) {
            running.add(executor.submit(action));
        }
        boolean interrupted = false;
        Throwable gravest = null;
        for (Future<?> future : running) {
            while (true) {
                try {
                    future.get();
                    break;
                } catch (InterruptedException e) {
                    // A commit under way is not abandoned: its outcome would be unknown.
                    interrupted = true;
                } catch (ExecutionException e) {
                    gravest = graver(gravest, e.getCause());
                    break;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (gravest instanceof RuntimeException problem) {
            throw problem;
        }
        if (gravest instanceof Error error) {
            throw error;
        }
    }

    private static @Nullable Throwable graver(@Nullable Throwable left, @Nullable Throwable right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        Throwable first = rank(left) <= rank(right) ? left : right;
        Throwable second = first.equals(left) ? right : left;
        first.addSuppressed(second);
        return first;
    }

    private static int rank(Throwable problem) {
        if (!(problem instanceof FreshetException known)) {
            return problem instanceof Error ? 0 : 2;
        }
        if (known.kind() == ErrorKind.RETRYABLE) {
            return 4;
        }
        return known.kind() == ErrorKind.OUTCOME_UNKNOWN ? 3 : 1;
    }
}
