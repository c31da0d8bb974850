package dev.freshet.deploy.live;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.engine.NodeResult;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunListener;
import dev.freshet.transform.engine.RunSettings;
import dev.freshet.transform.engine.microbatch.Batching;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Node;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the models that live on their own target: once when they are new or edited, and again after a table that they read changed, parents before children,
 * each in a transaction that sees one state of its inputs where the target has that. A model rests for {@code pushdown_interval} after it began, or five
 * times as long as it took if that is more. They stand beside the cut: what they read may be newer or older than what the pipeline has delivered.
 */
public final class LiveModels implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LiveModels.class);

    /** Of a model's time, what it may spend running. */
    private static final int REST_FOR_WORK = 5;

    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(2);

    private final ParsedProject parsed;
    private final ServiceSettings settings;
    private final Clock clock;
    private final Consumer<String> notices;
    private final LiveMemory file;
    private final List<LiveNode> nodes;
    private final FinishedTables tables;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Map<TableId, LiveStanding> standings = new ConcurrentHashMap<>();

    /** Owned by whoever runs. */
    private final Map<String, LiveMemory.Ran> ran;

    private final Map<String, Instant> attempted = new HashMap<>();

    private Thread thread = new Thread(() -> {});

    /**
     * @param parsed as the service sees the project; used by nobody else while this is open
     * @param project the same, compiled
     * @param notices receives a sentence when a model goes wrong or well again
     */
    public LiveModels(
            ParsedProject parsed, Project project, ServiceSettings settings, Clock clock, Consumer<String> notices) {
        this.parsed = parsed;
        this.settings = settings;
        this.clock = clock;
        this.notices = notices;
        this.file = new LiveMemory(settings.directory());
        LiveProject found = new LiveProject(parsed, project, settings);
        this.nodes = settings.pushdownInterval().isZero() ? List.of() : found.nodes(clock);
        List<LiveNode> finished = found.finished();
        this.ran = nodes.isEmpty() && finished.isEmpty() ? new TreeMap<>() : file.read();
        this.tables = new FinishedTables(parsed, finished, ran, clock, notices);
        Set<String> known = new HashSet<>();
        finished.forEach(table -> known.add(FinishedTables.key(table)));
        for (LiveNode node : nodes) {
            known.add(node.id());
            LiveMemory.Ran last = ran.get(node.id());
            standings.put(
                    node.relation(),
                    new LiveStanding(
                            Optional.ofNullable(last).map(LiveMemory.Ran::began),
                            Optional.ofNullable(last).map(LiveMemory.Ran::took),
                            Optional.empty()));
        }
        ran.keySet().retainAll(known);
    }

    /**
     * Runs what is due, now and from then on, on a thread of its own.
     *
     * @param ready whether the tables that the pipeline delivers are there; asked until they are
     * @param paused whether nothing is to be written to an output now
     */
    public void start(BooleanSupplier ready, Predicate<String> paused) {
        if (nodes.isEmpty() && tables.isEmpty()) {
            return;
        }
        Duration step = settings.pushdownInterval().dividedBy(10);
        long pauseMillis = step.isZero() ? 5_000 : Math.max(100, Math.min(5_000, step.toMillis()));
        thread = new Thread(
                () -> {
                    boolean isReady = false;
                    while (!isStopping(isReady ? pauseMillis : 500)) {
                        try {
                            isReady = isReady || ready.getAsBoolean();
                            if (isReady) {
                                runDue(paused);
                            }
                        } catch (RuntimeException e) {
                            LOG.warn("live models could not be run: {}", e.getMessage(), e);
                        }
                    }
                },
                "live-models");
        thread.setDaemon(true);
        thread.start();
    }

    private boolean isStopping(long millis) {
        try {
            return stopping.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Where each of them stands. Any thread may ask. */
    public Map<TableId, LiveStanding> standings() {
        return Map.copyOf(standings);
    }

    /**
     * Runs what is due now.
     *
     * @return whether all of them went well when they ran last
     */
    public boolean runDue(Predicate<String> paused) {
        if (tables.finishDue(paused)) {
            file.write(ran);
        }
        List<LiveNode> due = new ArrayList<>();
        Map<TableId, String> marks = new HashMap<>();
        Instant now = clock.instant();
        List<LiveNode> rested = nodes.stream()
                .filter(node -> !paused.test(node.output().name()) && hasRested(node, now))
                .toList();
        marks(rested, marks);
        Set<String> running = new HashSet<>();
        for (LiveNode node : rested) {
            if (isOther(node, marks) || node.parents().stream().anyMatch(running::contains) && !node.runsOnce()) {
                due.add(node);
                running.add(node.id());
            }
        }
        if (!due.isEmpty()) {
            run(due, marks);
        }
        return standings.values().stream()
                .allMatch(standing -> standing.problem().isEmpty());
    }

    private void marks(List<LiveNode> rested, Map<TableId, String> marks) {
        Map<String, List<LiveNode>> byOutput = new LinkedHashMap<>();
        rested.forEach(node -> byOutput.computeIfAbsent(node.output().name(), name -> new ArrayList<>())
                .add(node));
        byOutput.values().forEach(group -> {
            try {
                marks.putAll(InputMarks.of(
                        group.get(0).output(),
                        group.stream().flatMap(node -> node.inputs().stream()).toList()));
            } catch (FreshetException e) {
                LOG.debug("the inputs of live models can't be looked at", e);
            }
        });
    }

    private boolean hasRested(LiveNode node, Instant now) {
        LiveMemory.Ran last = ran.get(node.id());
        Instant tried = attempted.get(node.id());
        boolean isCurrent = last != null && last.fingerprint().equals(node.fingerprint());
        if (!isCurrent) {
            return tried == null || !now.isBefore(tried.plus(settings.pushdownInterval()));
        }
        if (node.runsOnce()) {
            return false;
        }
        Duration rest = last.took().multipliedBy(REST_FOR_WORK);
        Instant began = tried == null || tried.isBefore(last.began()) ? last.began() : tried;
        return !now.isBefore(began.plus(rest.compareTo(node.rest()) > 0 ? rest : node.rest()));
    }

    /** Whether it would give something else now than it did. */
    private boolean isOther(LiveNode node, Map<TableId, String> marks) {
        LiveMemory.Ran last = ran.get(node.id());
        if (last == null || !last.fingerprint().equals(node.fingerprint())) {
            return true;
        }
        for (String parent : node.parents()) {
            LiveMemory.Ran ofParent = ran.get(parent);
            if (ofParent != null && ofParent.runs() != last.seen().getOrDefault(parent, 0L)) {
                return true;
            }
        }
        return node.inputs().isEmpty()
                || node.inputs().stream().anyMatch(input -> {
                    String mark = marks.get(input);
                    return mark == null || !mark.equals(last.marks().get(input.toString()));
                });
    }

    private void run(List<LiveNode> due, Map<TableId, String> marks) {
        Map<String, LiveNode> byId = new HashMap<>();
        due.forEach(node -> byId.put(node.id(), node));
        List<Node> order = due.stream().map(LiveNode::node).toList();
        Instant began = clock.instant();
        due.forEach(node -> attempted.put(node.id(), began));
        LOG.info("running {} live: {}", order.size(), String.join(", ", names(order)));
        RunSettings how = new RunSettings(
                Math.max(1, parsed.target().integer("threads", 1)),
                false,
                false,
                Batching.NEW,
                RunSettings.Reads.ONE_STATE);
        try {
            List<NodeResult> results = new ProjectRun(parsed, how, node -> "", clock).rerun(order, new Ended());
            results.forEach(result -> note(byId, result, marks));
        } catch (FreshetException e) {
            if (stopping.getCount() == 0) {
                return;
            }
            due.forEach(node -> problem(node, e.getMessage()));
        }
        file.write(ran);
    }

    private static List<String> names(List<Node> nodes) {
        return nodes.stream().map(Node::name).toList();
    }

    private void note(Map<String, LiveNode> due, NodeResult result, Map<TableId, String> marks) {
        LiveNode node = due.get(result.node().uniqueId());
        if (node == null) {
            return;
        }
        switch (result.status()) {
            case SKIPPED -> problem(node, "a model that it reads failed");
            case ERROR, FAIL, PARTIAL_SUCCESS -> problem(node, result.message().orElse("it failed"));
            default -> well(node, result, marks);
        }
    }

    private void well(LiveNode node, NodeResult result, Map<TableId, String> marks) {
        Map<String, String> seenMarks = new TreeMap<>();
        node.inputs().forEach(input -> {
            String mark = marks.get(input);
            if (mark != null) {
                seenMarks.put(input.toString(), mark);
            }
        });
        Map<String, Long> seen = new TreeMap<>();
        node.parents().forEach(parent -> {
            LiveMemory.Ran ofParent = ran.get(parent);
            if (ofParent != null) {
                seen.put(parent, ofParent.runs());
            }
        });
        LiveMemory.Ran before = ran.get(node.id());
        Instant began = result.timing().isEmpty()
                ? clock.instant()
                : result.timing().get(0).startedAt();
        Duration took = Duration.ofMillis(Math.round(result.seconds() * 1e3));
        ran.put(
                node.id(),
                new LiveMemory.Ran(
                        node.fingerprint(), began, took, seenMarks, before == null ? 1 : before.runs() + 1, seen));
        LiveStanding last = standings.put(
                node.relation(), new LiveStanding(Optional.of(began), Optional.of(took), Optional.empty()));
        if (last != null && last.problem().isPresent()) {
            notices.accept("live model '" + node.node().name() + "' is well again");
        }
    }

    private void problem(LiveNode node, String message) {
        String first = message.strip()
                .lines()
                .map(String::strip)
                .reduce((one, other) -> one + " " + other)
                .orElse("");
        LiveStanding last = standings.get(node.relation());
        standings.put(
                node.relation(),
                new LiveStanding(
                        last == null ? Optional.empty() : last.ran(),
                        last == null ? Optional.empty() : last.took(),
                        Optional.of(first)));
        if (last == null || !last.problem().equals(Optional.of(first))) {
            notices.accept("live model '" + node.node().name() + "': " + first);
        }
    }

    /** Stops. What a statement under way makes is not committed, however long it goes on. */
    @Override
    public void close() {
        stopping.countDown();
        thread.interrupt();
        try {
            thread.join(LONGEST_CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Ended implements RunListener {

        @Override
        public void started(int number, int total, Node node) {
            LOG.debug("live model '{}' begins", node.name());
        }

        @Override
        public void ended(int number, int total, NodeResult result) {
            LOG.info(
                    "live model '{}': {} in {} s",
                    result.node().name(),
                    result.status().word(),
                    Math.round(result.seconds() * 1e3) / 1e3);
        }
    }
}
