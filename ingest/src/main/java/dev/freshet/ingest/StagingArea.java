package dev.freshet.ingest;

import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Durable, fenced, ordered storage of captured changes: the queue between capture and the cycle, and what everything else is rebuilt from.
 *
 * <p>One thread per source calls {@link #stage}, so a source's batches are staged in order; different sources run side by side. The other
 * methods may be called by any thread.
 */
public interface StagingArea extends AutoCloseable {

    /**
     * Makes this instance the pipeline's owner: raises its epoch in the catalog by compare-and-set and fences every existing table against the
     * previous owner, before anything else is touched.
     *
     * @param lease how long an owner may be silent before another may take its place without being asked to
     * @throws dev.freshet.state.FreshetException USER when another instance owns it and was alive within the lease, naming host, process and
     *     age, and what to do
     */
    Ownership acquire(PipelineId pipeline, Takeover takeover, java.time.Duration lease);

    /** Tells others that the owner lives. Fails like {@link #stage} when overtaken. */
    void renew();

    /** Gives the ownership up, so that the next start needs not wait for the lease. */
    void release();

    /** Where a source has to resume, from the summaries of the staging commits. */
    ChangeSource.ResumePoint recover(String source, List<TableId> tables);

    /**
     * Everything staged of a source after a position, up to the last complete batch, as one batch: what a state store that stands at
     * {@code after} has missed. From {@link SourcePosition#START} it holds each loaded table's base.
     *
     * @return empty when there is nothing new
     */
    Optional<StagedBatch> pending(String source, List<TableId> tables, SourcePosition after);

    /**
     * Commits a batch: the rows of each table it touches in one Iceberg snapshot of that table, tables side by side. When this returns,
     * the batch is durable.
     *
     * @throws dev.freshet.state.FreshetException RETRYABLE when nothing of it can have become visible as a complete batch and the same batch may
     *     be staged again; OUTCOME_UNKNOWN when that is not known: {@link #recover} and capture again from there; USER when this instance is
     *     no longer the owner
     */
    default StagedBatch stage(CapturedBatch batch) {
        return stage(batch, written -> {});
    }

    /**
     * The same, which tells of a batch as soon as its rows can be read: they can be worked on while they are committed. Until this has returned nothing may
     * be made durable that depends on them, and when it fails nothing of them may be kept.
     *
     * @param written is given, by the calling thread and once at most, what will be returned. Not every batch can be read before it is committed: nothing
     *     is told of one that brings or completes a load, or that touches no table
     */
    StagedBatch stage(CapturedBatch batch, Consumer<StagedBatch> written);

    /**
     * Records a position that {@link #stage} was given without rows and did not find worth a commit of its own yet. Called by the source's
     * thread when nothing comes; without it an idle source would never be known to have been read to its present.
     *
     * @return the batch that moves the position, empty when there is none or it is too early
     * @throws dev.freshet.state.FreshetException as {@link #stage}
     */
    Optional<StagedBatch> settle(String source);

    /** A buffer for changes of one table that spills into this area's scratch space. */
    ChangeBuffer buffer(TableId table);

    /**
     * Upkeep of one source's tables: many small files become few, changes at or below the state store's position are folded into base
     * rows, old snapshots and their files go. Passes the same fence. Safe to stop at any point. Called by one thread, beside {@link #stage}.
     *
     * @param through the state store's committed position of each source: nothing after it is touched
     */
    void maintain(Map<String, SourcePosition> through);

    StagingStatus status();

    @Override
    void close();

    /** @param files live data files over all tables */
    record StagingStatus(long files, long bytes, long stagedRows) {}
}
