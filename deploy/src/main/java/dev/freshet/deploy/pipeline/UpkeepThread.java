package dev.freshet.deploy.pipeline;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that tends what needs it now and then. A task that fails is tried again at its next turn, unless no turn can mend it. */
final class UpkeepThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UpkeepThread.class);

    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "upkeep"));
    private final Consumer<Throwable> fatal;

    /** @param fatal told what no further turn can mend */
    UpkeepThread(Consumer<Throwable> fatal) {
        this.fatal = fatal;
    }

    /** Runs a task after a pause, again and again. */
    void every(Duration pause, Runnable task) {
        var unused = executor.scheduleWithFixedDelay(
                () -> attempt(task), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void attempt(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            if (e instanceof FreshetException known && known.kind() == ErrorKind.USER) {
                fatal.accept(e);
            } else if (!executor.isShutdown()) {
                LOG.warn("upkeep is tried again later: {}", e.getMessage(), e);
            }
        } catch (Error e) {
            fatal.accept(e);
            throw e;
        }
    }

    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(3, TimeUnit.SECONDS)) {
                executor.shutdownNow();
                if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                    LOG.warn("upkeep did not end in time");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
