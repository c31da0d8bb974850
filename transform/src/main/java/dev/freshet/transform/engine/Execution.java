package dev.freshet.transform.engine;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.node.Node;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs nodes, each when those it waits for are through, as many side by side as there are threads. What comes after a node that went wrong is skipped.
 * Used once.
 */
final class Execution {

    private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

    /**
     * What is to be done.
     *
     * @param nodes parents before children
     * @param waits by node, those it waits for
     */
    record Work(List<Node> nodes, Map<String, Set<String>> waits, RunSettings settings) {}

    private sealed interface Done permits Ended, Broke {}

    private record Ended(int number, NodeResult result) implements Done {}

    /** What is nobody's result: a defect, or no memory. */
    private record Broke(Throwable cause) implements Done {}

    private final Work work;
    private final Map<String, Set<String>> left = new HashMap<>();
    private final Deque<Databases> sessions = new ArrayDeque<>();
    private final BlockingQueue<Done> done = new LinkedBlockingQueue<>();
    private final Set<String> broken = new HashSet<>();
    private final Map<String, NodeResult> results = new LinkedHashMap<>();
    private final RunListener listener;
    private final Clock clock;

    Execution(Work work, RunListener listener, Clock clock) {
        this.work = work;
        this.listener = listener;
        this.clock = clock;
        work.waits().forEach((id, waits) -> left.put(id, new HashSet<>(waits)));
    }

    /** @param runners by node */
    List<NodeResult> run(java.util.function.Function<Node, NodeRunner> runners) {
        AtomicInteger threads = new AtomicInteger();
        int most = Math.max(1, work.settings().threads());
        ExecutorService pool = Executors.newFixedThreadPool(most, task -> {
            Thread thread = new Thread(task, "Thread-" + threads.incrementAndGet() + " (worker)");
            thread.setDaemon(true);
            return thread;
        });
        try {
            loop(pool, most, runners);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FreshetException(ErrorKind.USER, "the run was interrupted; what was not committed is gone", e);
        } finally {
            pool.shutdownNow();
            try {
                boolean unused = pool.awaitTermination(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            synchronized (sessions) {
                sessions.forEach(Databases::close);
            }
        }
        return List.copyOf(results.values());
    }

    private void loop(ExecutorService pool, int most, java.util.function.Function<Node, NodeRunner> runners)
            throws InterruptedException {
        List<Node> waiting = new ArrayList<>(work.nodes());
        int total = waiting.size();
        int number = 0;
        int running = 0;
        boolean isStopped = false;
        while (!waiting.isEmpty() || running > 0) {
            for (int i = 0; i < waiting.size() && (running < most || isStopped); ) {
                Node node = waiting.get(i);
                boolean isSkipped = isStopped
                        || work.waits().getOrDefault(node.uniqueId(), Set.of()).stream()
                                .anyMatch(broken::contains);
                if (!isSkipped && !left.getOrDefault(node.uniqueId(), Set.of()).isEmpty()) {
                    i++;
                    continue;
                }
                waiting.remove(i);
                int mine = ++number;
                if (isSkipped) {
                    NodeResult result =
                            NodeResult.skipped(node, Thread.currentThread().getName());
                    if (!isStopped) {
                        listener.ended(mine, total, result);
                    }
                    finish(result);
                    i = 0;
                } else {
                    running++;
                    pool.execute(() -> done.add(done(mine, total, node, runners)));
                }
            }
            if (running > 0) {
                Ended next = ended(done.take());
                running--;
                listener.ended(next.number(), total, next.result());
                finish(next.result());
                isStopped |=
                        work.settings().failFast() && (next.result().status().isBad());
            }
        }
    }

    /** Whatever happens, there is something to wait for. */
    private Done done(int number, int total, Node node, java.util.function.Function<Node, NodeRunner> runners) {
        try {
            return new Ended(number, attempt(number, total, node, runners.apply(node)));
        } catch (RuntimeException | Error e) {
            return new Broke(e);
        }
    }

    private static Ended ended(Done done) {
        if (done instanceof Ended ended) {
            return ended;
        }
        Throwable cause = ((Broke) done).cause();
        if (cause instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) cause;
    }

    private void finish(NodeResult result) {
        String id = result.node().uniqueId();
        results.put(id, result);
        if (result.status().isBad() || result.status() == NodeResult.Status.SKIPPED) {
            broken.add(id);
        }
        left.values().forEach(waits -> waits.remove(id));
    }

    private Databases take() {
        synchronized (sessions) {
            if (!sessions.isEmpty()) {
                return sessions.pop();
            }
            return work.settings().reads() == RunSettings.Reads.ONE_STATE
                    ? Databases.liveInOneState()
                    : Databases.live();
        }
    }

    private void giveBack(Databases live) {
        live.rollback();
        synchronized (sessions) {
            sessions.push(live);
        }
    }

    private NodeResult attempt(int number, int total, Node node, NodeRunner runner) {
        listener.started(number, total, node);
        Instant began = clock.instant();
        Instant[] compiledAt = {null};
        String[] text = {null};
        Databases live = take();
        NodeRunner.Outcome outcome;
        try {
            outcome = runner.run(node, live, sql -> {
                compiledAt[0] = clock.instant();
                text[0] = sql;
            });
        } catch (RuntimeException e) {
            LOG.debug("node '{}' failed", node.uniqueId(), e);
            outcome = new NodeRunner.Outcome(
                    NodeResult.Status.ERROR, Map.of(), Optional.of(Failures.message(node, e)), OptionalLong.empty());
        } finally {
            giveBack(live);
        }
        Instant ended = clock.instant();
        List<NodeResult.Timing> timing = new ArrayList<>();
        Instant compiled = compiledAt[0] == null ? ended : compiledAt[0];
        timing.add(new NodeResult.Timing("compile", began, compiled));
        if (compiledAt[0] != null) {
            timing.add(new NodeResult.Timing("execute", compiled, ended));
        }
        return new NodeResult(
                node,
                outcome.status(),
                timing,
                Thread.currentThread().getName(),
                Duration.between(began, ended).toNanos() / 1e9,
                outcome.response(),
                outcome.message(),
                outcome.failures(),
                Optional.ofNullable(text[0]),
                outcome.batches());
    }
}
