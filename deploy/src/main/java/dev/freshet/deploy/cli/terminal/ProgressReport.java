package dev.freshet.deploy.cli.terminal;

import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.deploy.pipeline.PipelineStatus;
import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.Receipt;
import dev.freshet.state.Cut;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Tells a person what a pipeline does: a line a few seconds while rows move, and once each whatever goes wrong or right again. Fed by the pipeline's
 * threads, printed by one.
 */
public final class ProgressReport implements PipelineListener {

    private final Terminal terminal;
    private final Set<String> modelsTouched = new TreeSet<>();
    private long captured;
    private long cycles;
    private long cycleNanos;
    private long deltas;
    private long delivered;
    private long totalCaptured;
    private Instant newestCommit = Instant.EPOCH;
    private Duration freshness = Duration.ZERO;
    private final Map<Long, Instant> commits = new TreeMap<>();
    private final Set<String> told = new HashSet<>();

    public ProgressReport(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public synchronized void cycled(
            Cut cut, List<StagedBatch> staged, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {
        for (StagedBatch batch : staged) {
            captured += batch.rows();
            totalCaptured += batch.rows();
            if (batch.newestCommit().isAfter(newestCommit)) {
                newestCommit = batch.newestCommit();
            }
        }
        cycles++;
        cycleNanos += took.toNanos();
        for (TableDelta delta : maintained) {
            modelsTouched.add(delta.table().name());
            deltas += delta.rows();
        }
        commits.put(cut.number(), newestCommit);
        while (commits.size() > 1_000) {
            commits.remove(commits.keySet().iterator().next());
        }
    }

    @Override
    public synchronized void delivered(Delivery delivery) {
        Receipt receipt = delivery.receipt();
        for (Receipt.TableReceipt table : receipt.tables()) {
            delivered += table.deleted() + table.inserted();
        }
        Instant commit = commits.get(receipt.cut().number());
        if (commit != null && commit.isAfter(Instant.EPOCH)) {
            freshness = Duration.between(commit, delivery.committedAt());
        }
    }

    @Override
    public void notice(String message) {
        terminal.line(terminal.colour(Terminal.Outcome.WARNING, "Note") + "  " + message);
    }

    /** One line about what happened since the last one; nothing when nothing did. */
    public void print(String more) {
        String line;
        synchronized (this) {
            if (cycles == 0 && delivered == 0 && more.isEmpty()) {
                return;
            }
            line = String.format(
                    Locale.ROOT,
                    "captured %,6d rows | %d models, %,6d delta rows | delivered %,6d | cycle %,4d ms%s",
                    captured,
                    modelsTouched.size(),
                    deltas,
                    delivered,
                    cycles == 0 ? 0 : cycleNanos / cycles / 1_000_000,
                    more.isEmpty() ? "" : " | " + more);
            captured = 0;
            cycles = 0;
            cycleNanos = 0;
            deltas = 0;
            delivered = 0;
            modelsTouched.clear();
        }
        terminal.line(line);
    }

    /** Tells problems that are new and those that are over. */
    public void printProblems(PipelineStatus status) {
        Set<String> now = new TreeSet<>();
        status.problem().ifPresent(problem -> now.add("the cycle: " + problem));
        status.sources().forEach(source -> source.problems()
                .forEach(problem -> now.add("source '" + source.name() + "': " + problem)));
        status.targets().forEach(target -> target.problem()
                .ifPresent(problem -> now.add("target '" + target.name() + "': " + problem)));
        status.failing()
                .forEach((model, reason) -> now.add("model '" + model.name() + "' keeps its last state: " + reason));
        for (String problem : now) {
            if (told.add(problem)) {
                terminal.line(terminal.colour(Terminal.Outcome.BAD, "Problem") + "  " + problem);
            }
        }
        for (String problem : List.copyOf(told)) {
            if (!now.contains(problem)) {
                told.remove(problem);
                terminal.line(terminal.colour(Terminal.Outcome.GOOD, "Over") + "  " + problem);
            }
        }
    }

    /** Row changes since the start. */
    public synchronized long totalCaptured() {
        return totalCaptured;
    }

    /** From the newest source commit of the last delivered cut to its delivery. */
    public synchronized Duration freshness() {
        return freshness;
    }
}
