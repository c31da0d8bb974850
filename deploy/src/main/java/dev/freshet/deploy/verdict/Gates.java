package dev.freshet.deploy.verdict;

import dev.freshet.deploy.config.ClockSettings;
import dev.freshet.deploy.retry.GrowingPause;
import dev.freshet.publisher.DeliveryGate;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.ClockUse;
import dev.freshet.transform.project.node.DataTest;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Judges the gates on each candidate cut, in its own transaction and only where something they read changed, the time among it; their verdicts are committed
 * with it. Used by the cycle's thread, except for {@link #of} and {@link #retryIsDue}.
 */
public final class Gates {

    /** A gate's SQL failed and the transaction with it: begin another, in which its verdict is that. */
    public static final class BrokenGateException extends FreshetException {
        private final DataTest test;

        private BrokenGateException(DataTest test, FreshetException cause) {
            super(ErrorKind.USER, String.valueOf(cause.getMessage()), cause);
            this.test = test;
        }
    }

    private record Broken(String message, GrowingPause pause) {}

    private final List<DataTest> gates;
    private final TestResults results;
    private final ClockSettings time;
    private final Clock clock;
    private final Map<String, Broken> broken = new HashMap<>();
    /** Not tried again before a commit, however long that takes: each try costs the whole transaction. */
    private final Set<String> brokenSinceCommit = new HashSet<>();

    private final Map<String, ClockUse> uses = new HashMap<>();
    /** The time that each took for now when it was judged last, since the start and with nothing missed. */
    private final Map<String, Instant> judgedAt = new HashMap<>();
    /** When a broken gate is to be tried again, or one gives another verdict for the time alone. */
    private volatile Optional<Instant> dueAt = Optional.empty();

    /** What the transaction under way will have found, when it is committed. */
    private GateMemory found = GateMemory.of("");
    /** What it judged, and when. */
    private final Map<String, Instant> judging = new HashMap<>();

    public Gates(Collection<DataTest> gates, TestResults results, ClockSettings time, Clock clock) {
        this.gates = List.copyOf(gates);
        this.results = results;
        this.time = time;
        this.clock = clock;
    }

    /** What decides on the deliveries to one output. */
    public DeliveryGate of(String output) {
        return new GateKeeper(output, gates);
    }

    /**
     * Judges what this transaction changed. Nothing of it holds before the commit.
     *
     * @param changes of source tables and models
     * @throws BrokenGateException when a test's SQL fails: tell {@link #broken} and judge again in another transaction
     */
    public void judge(StateTransaction transaction, long cut, List<List<TableDelta>> changes) {
        String before = transaction.recall(GateMemory.KEY);
        if (gates.isEmpty() && before.isEmpty()) {
            return;
        }
        Set<TableId> touched = new HashSet<>();
        changes.forEach(deltas ->
                deltas.stream().filter(delta -> !delta.isEmpty()).forEach(delta -> touched.add(delta.table())));
        GateMemory memory = GateMemory.of(before);
        memory.forgetAllBut(gates);
        judging.clear();
        for (DataTest gate : gates) {
            Optional<GateMemory.Entry> known = memory.of(gate);
            boolean affected = isOfAnotherTime(gate, transaction)
                    || known.isEmpty()
                    || known.get().missed()
                    || gate.inputs().stream().anyMatch(touched::contains);
            if (affected) {
                judge(gate, transaction, cut, memory);
            }
        }
        String after = memory.text();
        if (!after.equals(before)) {
            transaction.remember(GateMemory.KEY, after);
        }
        found = memory;
    }

    private void judge(DataTest gate, StateTransaction transaction, long cut, GateMemory memory) {
        Instant now = clock.instant();
        if (!isThere(gate, transaction)) {
            memory.forget(gate);
            broken.remove(gate.uniqueId());
            return;
        }
        Broken waiting = broken.get(gate.uniqueId());
        if (waiting != null
                && (brokenSinceCommit.contains(gate.uniqueId())
                        || !waiting.pause().isOver(now))) {
            memory.put(gate, Verdict.error(waiting.message()), now, cut, true);
            return;
        }
        try {
            memory.put(gate, Verdict.of(gate, transaction::query), now, cut, false);
            judging.put(gate.uniqueId(), transaction.now());
        } catch (FreshetException e) {
            throw e.kind() == ErrorKind.USER ? new BrokenGateException(gate, e) : e;
        }
    }

    private boolean isOfAnotherTime(DataTest gate, StateTransaction transaction) {
        ClockUse use = uses.computeIfAbsent(gate.uniqueId(), id -> transaction
                .rowMaintenance()
                .map(rows -> ClockUse.of(rows.syntaxTree(gate.verdictQuery())))
                .orElse(ClockUse.NONE));
        Instant last = judgedAt.get(gate.uniqueId());
        return use != ClockUse.NONE
                && (last == null
                        || next(use, last)
                                .filter(at -> at.isAfter(transaction.now()))
                                .isEmpty());
    }

    private Optional<Instant> next(ClockUse use, Instant last) {
        return use.next(last, time.zone(), time.interval());
    }

    private static boolean isThere(DataTest gate, StateTransaction transaction) {
        Optional<RowMaintenance> rows = transaction.rowMaintenance();
        return gate.inputs().stream()
                .allMatch(table -> gate.guarded().contains(table)
                        ? rows.flatMap(state -> state.schema(table)).isPresent()
                        : transaction.isReady(table));
    }

    /** A gate could not be run; it is tried again after a pause that grows, and lets nothing through until then. */
    public void broken(BrokenGateException error) {
        String gate = error.test.uniqueId();
        Instant now = clock.instant();
        Broken before = broken.get(gate);
        brokenSinceCommit.add(gate);
        broken.put(
                gate,
                new Broken(
                        String.valueOf(error.getMessage()),
                        before == null
                                ? GrowingPause.first(now)
                                : before.pause().next(now)));
    }

    /** The cut with these verdicts is there. */
    public void committed() {
        brokenSinceCommit.clear();
        judgedAt.putAll(judging);
        for (DataTest gate : gates) {
            Optional<GateMemory.Entry> entry = found.of(gate);
            if (entry.isEmpty() || entry.get().missed()) {
                judgedAt.remove(gate.uniqueId());
            } else {
                broken.remove(gate.uniqueId());
            }
            entry.ifPresentOrElse(
                    known -> results.found(gate, known.verdict(), known.since()), () -> results.waits(gate));
        }
        dueAt = Stream.concat(
                        broken.values().stream().map(gate -> gate.pause().over()),
                        judgedAt.entrySet().stream()
                                .flatMap(entry ->
                                        next(uses.getOrDefault(entry.getKey(), ClockUse.NONE), entry.getValue())
                                                .stream()))
                .min(Instant::compareTo);
    }

    /** A table's rows were taken over from its target, in this transaction: what reads them is to be judged anew. */
    public void adopted(StateTransaction transaction, TableId table) {
        GateMemory memory = GateMemory.of(transaction.recall(GateMemory.KEY));
        gates.stream().filter(gate -> gate.inputs().contains(table)).forEach(memory::forget);
        transaction.remember(GateMemory.KEY, memory.text());
    }

    /** Whether a cycle should run even without any change. */
    public boolean retryIsDue() {
        return dueAt.filter(at -> !at.isAfter(clock.instant())).isPresent();
    }
}
