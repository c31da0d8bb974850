package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.Repair;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowPart;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.Maintainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Computes chosen rows of models anew and has their targets repair them: one chunk between two cycles, so that what is live waits for a chunk and never for all of
 * them. Jobs are done one after another and forgotten with the pipeline.
 *
 * <p>{@link #step} and {@link #cycled} belong to the cycle's thread; any may ask for the rest.
 */
final class Backfills {

    private static final int MOST_WAITING = 32;
    private static final int REMEMBERED = 64;

    private final Maintainer maintainer;
    private final Map<String, Publisher> publishers;
    private final BackfillChunks chunks;
    private final Predicate<TableId> restating;
    private final Runnable asked;
    /** Guarded by itself. */
    private final List<Job> jobs = new ArrayList<>();

    private long nextId = 1;
    private boolean ready;

    private static final class Job {
        private final long id;
        private final TableId model;
        /** Empty for all rows. */
        private final List<Optional<RowPart>> chunks;

        private int done;
        private long changedRows;
        private @Nullable String waiting;
        private @Nullable String failure;

        Job(long id, TableId model, List<Optional<RowPart>> chunks) {
            this.id = id;
            this.model = model;
            this.chunks = chunks;
        }

        boolean isOpen() {
            return failure == null && done < chunks.size();
        }
    }

    /**
     * @param publishers by output
     * @param restating whether a model is being computed beside the cycles
     * @param asked runs a cycle soon
     */
    Backfills(
            StateStore state,
            Maintainer maintainer,
            Map<String, Publisher> publishers,
            Predicate<TableId> restating,
            Runnable asked) {
        this.restating = restating;
        this.maintainer = maintainer;
        this.publishers = publishers;
        this.chunks = new BackfillChunks(state);
        this.asked = asked;
    }

    /** @throws FreshetException USER when these rows can't be computed by themselves */
    Backfill add(Backfill.Request request) {
        List<Optional<RowPart>> parts = chunks.of(request);
        Backfill added;
        synchronized (jobs) {
            if (jobs.stream().filter(Job::isOpen).count() >= MOST_WAITING) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE, MOST_WAITING + " backfills wait already: let some of them end first");
            }
            Job job = new Job(nextId++, request.model().relation(), parts);
            jobs.add(job);
            if (jobs.size() > REMEMBERED) {
                jobs.removeIf(old -> jobs.size() > REMEMBERED && !old.isOpen());
            }
            added = told(job);
        }
        asked.run();
        return added;
    }

    /** All that are remembered, oldest first. */
    List<Backfill> all() {
        synchronized (jobs) {
            return jobs.stream().map(this::told).toList();
        }
    }

    private Backfill told(Job job) {
        Backfill.State state = job.failure != null
                ? Backfill.State.FAILED
                : job.isOpen()
                        ? job.waiting != null ? Backfill.State.WAITING : Backfill.State.RUNNING
                        : isDelivered(job) ? Backfill.State.DONE : Backfill.State.DELIVERING;
        return new Backfill(
                job.id,
                job.model,
                state,
                job.chunks.size(),
                job.done,
                job.changedRows,
                Optional.ofNullable(job.failure == null ? job.waiting : job.failure));
    }

    private boolean isDelivered(Job job) {
        Publisher publisher = publishers.get(job.model.connection());
        return !restating.test(job.model) && (publisher == null || publisher.waitingRepairs(job.model) == 0);
    }

    /** Whether nothing is left to be computed. */
    boolean isIdle() {
        synchronized (jobs) {
            return jobs.stream().noneMatch(Job::isOpen);
        }
    }

    /** Every model that is not held is up to date. */
    void cycled() {
        ready = true;
    }

    /**
     * Computes one chunk, before a cycle.
     *
     * @param held the models that are left alone, and why
     * @param left the same for a transaction that is to carry changes on
     * @return the deltas of the models that changed
     */
    List<TableDelta> step(
            Map<TableId, String> held,
            Function<StateTransaction, Map<TableId, String>> left,
            Restatements.OwnCycle cycle) {
        Optional<Job> next = ready ? next(held) : Optional.empty();
        if (next.isEmpty()) {
            return List.of();
        }
        Job job = next.get();
        Optional<RowPart> chunk = job.chunks.get(job.done);
        List<TableDelta> deltas = List.of();
        try {
            deltas = cycle.run(transaction -> compute(transaction, job.model, chunk, left));
            Publisher publisher = publishers.get(job.model.connection());
            if (publisher != null) {
                publisher.repair(new Repair(job.model, chunk));
            }
            advanced(job, deltas);
        } catch (ModelFailedException e) {
            synchronized (jobs) {
                job.failure = e.getMessage();
            }
        }
        if (!isIdle()) {
            asked.run();
        }
        return deltas;
    }

    private List<TableDelta> compute(
            StateTransaction transaction,
            TableId model,
            Optional<RowPart> chunk,
            Function<StateTransaction, Map<TableId, String>> left) {
        if (chunk.isEmpty()) {
            maintainer.distrust(transaction, model);
            return List.of();
        }
        return maintainer.recompute(transaction, model, chunk.get(), left.apply(transaction));
    }

    private void advanced(Job job, List<TableDelta> deltas) {
        synchronized (jobs) {
            job.done++;
            job.changedRows += deltas.stream()
                    .filter(delta -> delta.table().equals(job.model))
                    .mapToLong(TableDelta::rows)
                    .sum();
        }
    }

    private Optional<Job> next(Map<TableId, String> held) {
        synchronized (jobs) {
            jobs.forEach(job ->
                    job.waiting = held.containsKey(job.model) ? "the model is held: " + held.get(job.model) : null);
            Set<TableId> waiting = held.keySet();
            return jobs.stream()
                    .filter(job -> job.isOpen() && !waiting.contains(job.model))
                    .findFirst();
        }
    }
}
