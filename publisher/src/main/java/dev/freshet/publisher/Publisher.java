package dev.freshet.publisher;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the newest cut to one target, on a thread and at a pace of its own: cuts made while a delivery is under way are delivered together
 * by the next one, a failure is retried for as long as it takes, with pauses that grow up to a bound. Nothing it does slows the cycle.
 *
 * <p>Every method may be called by any thread and none but {@link #awaitDelivered} and {@link #close} waits for a delivery.
 */
public final class Publisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    private final String output;
    private final Target target;
    private final StateStore store;
    private final PublisherSettings settings;
    private final DeliveryGate gate;
    private final DeliveryListener listener;
    private final Clock clock;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All guarded by the lock.
    private List<PublishedModel> models;
    private boolean signalled = true;
    private boolean paused;
    private boolean fenced;
    private boolean closing;
    private int failures;
    private @Nullable Problem problem;
    private @Nullable Withheld withheld;
    private @Nullable StateEpoch deliveredEpoch;
    private long deliveredCut;
    private long deliveredRows;
    private Optional<Delivery> lastDelivery = Optional.empty();
    private long earliestStartNanos = System.nanoTime();
    private final Map<TableId, TableStatus> tables = new TreeMap<>();
    private final HeldTables held;
    /** Waiting to be done, oldest first. */
    private final Deque<Repair> repairs = new ArrayDeque<>();

    /** What a publisher is doing. */
    public enum State {
        RUNNING,
        PAUSED,
        /** Its gate objects to the newest cut; the target keeps the last one that passed. */
        HELD,
        /** The last delivery failed, or held a table back; it is tried again. */
        FAILING,
        /** Another instance has taken over; this publisher never delivers again. */
        FENCED
    }

    /** What is wrong and since when it has been so without a success in between. */
    public record Problem(ErrorKind kind, String message, Instant since) {}

    /** The cut that the gate objected to last, and why. */
    public record Withheld(long cut, String reason) {}

    /**
     * @param throughCut the cut that the table shows, -1 while unknown
     * @param quarantined rows left out since this publisher started
     */
    public record TableStatus(long throughCut, Method lastMethod, long quarantined, Optional<String> problem) {}

    /**
     * @param lastCut the last cut delivered, 0 before the first
     * @param deliveredRows rows deleted and inserted since this publisher started
     */
    public record Status(
            String output,
            State state,
            long lastCut,
            long deliveredRows,
            Optional<Problem> problem,
            Optional<Withheld> withheld,
            Optional<Delivery> lastDelivery,
            Map<TableId, TableStatus> tables) {}

    public Publisher(
            String output,
            Target target,
            StateStore store,
            List<PublishedModel> models,
            PublisherSettings settings,
            DeliveryGate gate,
            DeliveryListener listener,
            Clock clock) {
        this.output = output;
        this.target = target;
        this.store = store;
        this.models = List.copyOf(models);
        this.settings = settings;
        this.held = new HeldTables(settings);
        this.gate = gate;
        this.listener = listener;
        this.clock = clock;
        this.thread = new Thread(this::run, "publisher-" + output);
        this.thread.setDaemon(true);
    }

    /** Starts delivering; the first delivery brings the target to the store's cut. */
    public void start() {
        thread.start();
    }

    /** A new cut was committed. Returns at once. */
    public void cutAvailable() {
        locked(() -> signalled = true);
    }

    /** Delivers these models from the next delivery on: another version of the project was activated. */
    public void replaceModels(List<PublishedModel> newModels) {
        List<PublishedModel> copy = List.copyOf(newModels);
        locked(() -> {
            models = copy;
            tables.keySet().retainAll(copy.stream().map(PublishedModel::table).toList());
            forgetDelivered();
        });
    }

    /** Has rows of a table compared and corrected by one of the next deliveries, each of which does one such repair. */
    public void repair(Repair repair) {
        locked(() -> {
            repairs.add(repair);
            signalled = true;
        });
    }

    /** How many repairs of a table are still to be done. */
    public long waitingRepairs(TableId table) {
        lock.lock();
        try {
            return repairs.stream()
                    .filter(repair -> repair.table().equals(table))
                    .count();
        } finally {
            lock.unlock();
        }
    }

    /** Finishes the delivery under way and starts no other until {@link #resume}. */
    public void pause() {
        locked(() -> paused = true);
    }

    /** Goes on after {@link #pause}; after failures, tries again now. */
    public void resume() {
        locked(() -> {
            paused = false;
            signalled = true;
            earliestStartNanos = System.nanoTime();
        });
    }

    public Status status() {
        lock.lock();
        try {
            return new Status(
                    output,
                    state(),
                    deliveredCut,
                    deliveredRows,
                    Optional.ofNullable(problem),
                    Optional.ofNullable(withheld),
                    lastDelivery,
                    Map.copyOf(tables));
        } finally {
            lock.unlock();
        }
    }

    /**
     * The cut up to which this target needs the delta log no more: its lowest through-cut. 0 until the ledger was read. Tables that are held
     * back don't count: they come back by comparison.
     */
    public long prunableThrough() {
        lock.lock();
        try {
            return store.epoch().equals(deliveredEpoch) ? deliveredCut : 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the target shows this cut or a later one, or its gate objects to one of these.
     *
     * @return false when the time was over first, or this publisher can't deliver any more
     */
    public boolean awaitDelivered(long cut, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        lock.lock();
        try {
            while (!isSettled(cut)) {
                long left = deadline - System.nanoTime();
                if (left <= 0 || fenced || closing) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isSettled(long cut) {
        return withheld != null
                ? withheld.cut() >= cut
                : deliveredCut >= cut && deliveredEpoch != null && problem == null;
    }

    /** Stops after the delivery under way, or breaks it off when it takes too long; the ledger then decides at the next start. */
    @Override
    public void close() {
        locked(() -> closing = true);
        join(settings.closePatience());
        target.close();
        join(Duration.ofSeconds(2));
    }

    /** An interrupt cuts the wait short and stays set. */
    private void join(Duration patience) {
        try {
            thread.join(Math.max(patience.toMillis(), 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (awaitWork()) {
                deliver();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a reason to deliver; false when it is time to stop. */
    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            while (!closing && !fenced) {
                long wait = earliestStartNanos - System.nanoTime();
                long retry = held.nanosToRetry(System.nanoTime());
                if (paused || (!signalled && (held.isEmpty() || withheld != null))) {
                    changed.await();
                } else if (!signalled && retry > 0) {
                    changed.awaitNanos(retry);
                } else if (wait > 0) {
                    changed.awaitNanos(wait);
                } else {
                    signalled = false;
                    earliestStartNanos =
                            System.nanoTime() + settings.minimumInterval().toNanos();
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void deliver() {
        List<PublishedModel> wanted;
        List<PublishedModel> due;
        List<Repair> repairing;
        long started = System.nanoTime();
        lock.lock();
        try {
            wanted = models;
            due = held.due(wanted, started);
            repairing = repairs.stream().limit(1).toList();
        } finally {
            lock.unlock();
        }
        try (StateSnapshot snapshot = store.read()) {
            if (!mayShow(snapshot) || repairing.isEmpty() && isDelivered(snapshot)) {
                return;
            }
            Receipt receipt = target.publish(snapshot, due);
            if (!repairing.isEmpty()) {
                // By itself, so that changes and repairs never meet in one transaction.
                receipt = receipt.followedBy(target.publish(snapshot, due, repairing));
            }
            succeeded(
                    new Delivery(output, receipt, Duration.ofNanos(System.nanoTime() - started), clock.instant()),
                    snapshot.epoch(),
                    wanted);
            repaired(repairing, receipt);
        } catch (FreshetException e) {
            failed(e);
        } catch (RuntimeException | Error e) {
            // Whatever it was, a thread that died silently would be worse.
            LOG.error("delivery to '{}' met a defect", output, e);
            failed(new FreshetException(
                    ErrorKind.INTERNAL,
                    "delivery to '" + output + "' met a defect of Freshet (" + e + "): please report it with the log",
                    e));
        }
    }

    /** What was held back is tried again, behind the others, when it is delivered again. */
    private void repaired(List<Repair> done, Receipt receipt) {
        locked(() -> done.forEach(repair -> {
            repairs.remove(repair);
            boolean isHeld = models.stream().anyMatch(model -> model.table().equals(repair.table()))
                    && receipt.tables().stream()
                            .noneMatch(table -> table.table().equals(repair.table()) && table.method() != Method.HELD);
            if (isHeld) {
                repairs.add(repair);
            }
            signalled |= !repairs.isEmpty() && !isHeld;
        }));
    }

    private boolean mayShow(StateSnapshot snapshot) {
        Optional<String> objection = gate.objection(snapshot);
        locked(() -> {
            Withheld before = withheld;
            withheld = objection
                    .map(reason -> new Withheld(snapshot.cut().number(), reason))
                    .orElse(null);
            if (before != null && withheld == null) {
                LOG.info(
                        "delivery to '{}' goes on: cut {} may be shown",
                        output,
                        snapshot.cut().number());
            } else if (withheld != null && before == null) {
                LOG.warn("delivery to '{}' is held: {}", output, withheld.reason());
            }
        });
        return objection.isEmpty();
    }

    private boolean isDelivered(StateSnapshot snapshot) {
        lock.lock();
        try {
            return problem == null
                    && snapshot.epoch().equals(deliveredEpoch)
                    && snapshot.cut().number() == deliveredCut;
        } finally {
            lock.unlock();
        }
    }

    private void succeeded(Delivery delivery, StateEpoch epoch, List<PublishedModel> delivered) {
        Receipt receipt = delivery.receipt();
        locked(() -> {
            deliveredRows += receipt.rows();
            lastDelivery = Optional.of(delivery);
            receipt.tables().forEach(table -> note(receipt.cut().number(), table));
            if (models.equals(delivered)) {
                deliveredEpoch = epoch;
                deliveredCut = receipt.cut().number();
                held.note(receipt, System.nanoTime());
            }
            failures = 0;
            if (held.isEmpty()) {
                if (problem != null) {
                    LOG.info("delivery to '{}' works again", output);
                }
                problem = null;
            } else {
                noteProblem(ErrorKind.TARGET, held.reasons());
            }
        });
        tell(() -> listener.delivered(delivery));
    }

    private void note(long cut, TableReceipt receipt) {
        TableStatus before =
                tables.getOrDefault(receipt.table(), new TableStatus(-1, receipt.method(), 0, Optional.empty()));
        boolean isHeld = receipt.method() == Method.HELD;
        long quarantined = before.quarantined() + receipt.quarantined();
        // What was refused stays refused until its next change: keep saying so.
        boolean stillTrue = receipt.problem().isEmpty() && before.quarantined() > 0;
        tables.put(
                receipt.table(),
                new TableStatus(
                        isHeld ? before.throughCut() : cut,
                        receipt.method(),
                        quarantined,
                        stillTrue ? before.problem() : receipt.problem()));
    }

    private void failed(FreshetException error) {
        locked(() -> {
            noteProblem(error.kind(), String.valueOf(error.getMessage()));
            if (error instanceof FencedException) {
                fenced = true;
            } else {
                retryLater();
            }
        });
        tell(() -> listener.failed(output, error));
    }

    private void noteProblem(ErrorKind kind, String message) {
        if (problem == null || !problem.message().equals(message)) {
            LOG.warn("delivery to '{}': {}", output, message);
        }
        problem = new Problem(kind, message, problem == null ? clock.instant() : problem.since());
    }

    private void retryLater() {
        failures++;
        signalled = true;
        earliestStartNanos = System.nanoTime() + settings.pauseAfter(failures).toNanos();
    }

    private void forgetDelivered() {
        deliveredEpoch = null;
        deliveredCut = 0;
        held.clear();
        signalled = true;
    }

    private State state() {
        if (fenced) {
            return State.FENCED;
        }
        if (paused) {
            return State.PAUSED;
        }
        if (withheld != null) {
            return State.HELD;
        }
        return problem == null ? State.RUNNING : State.FAILING;
    }

    private void tell(Runnable report) {
        try {
            report.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener of '{}' failed", output, e);
        }
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
