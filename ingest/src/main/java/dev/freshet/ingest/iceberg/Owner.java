package dev.freshet.ingest.iceberg;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineId;
import dev.freshet.state.PipelineOwner;
import dev.freshet.state.Takeover;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.types.Types;

/**
 * The right to write for one pipeline, held in the summary of a control table's newest snapshot and changed by compare-and-set only: a commit
 * is refused unless the snapshot it was derived from is still the newest. That works on every catalog, unlike table properties.
 */
final class Owner {

    private static final int ATTEMPTS = 10;
    private static final int SNAPSHOTS = 20;

    private final PipelineId pipeline;
    private final Table control;
    private final UUID instance;
    private final ProcessIdentity process;
    private final Clock clock;
    private volatile OwnerRecord held = OwnerRecord.NOBODY;

    Owner(PipelineId pipeline, Catalog catalog, TableIdentifier name, UUID instance, Clock clock) {
        this.pipeline = pipeline;
        this.control = open(catalog, name, pipeline);
        String owned = control.properties().getOrDefault(TableNames.PIPELINE, pipeline.toString());
        if (!owned.equals(pipeline.toString())) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "staging namespace '" + pipeline.slug() + "' belongs to pipeline '" + owned + "', not to '"
                            + pipeline + "': rename the project or the output, or use another warehouse");
        }
        this.instance = instance;
        this.process = ProcessIdentity.current();
        this.clock = clock;
    }

    private static Table open(Catalog catalog, TableIdentifier name, PipelineId pipeline) {
        Map<String, String> properties = new HashMap<>(TableNames.commitProperties());
        properties.put(TableNames.PIPELINE, pipeline.toString());
        Schema schema = new Schema(Types.NestedField.optional(1, "epoch", Types.LongType.get()));
        return Tables.open(catalog, name, schema, properties);
    }

    long epoch() {
        return held.epoch();
    }

    /** Whose the staging is. Staging that was made before there were owners gets one now. */
    PipelineOwner owner() {
        String id = control.properties().get(TableNames.OWNER_ID);
        if (id == null) {
            control.updateProperties()
                    .set(TableNames.OWNER_ID, UUID.randomUUID().toString())
                    .set(TableNames.OWNER_NAME, System.getProperty("user.name") + "@" + process.host())
                    .commit();
            id = control.properties().getOrDefault(TableNames.OWNER_ID, "");
        }
        return new PipelineOwner(
                UUID.fromString(id), control.properties().getOrDefault(TableNames.OWNER_NAME, "unknown"));
    }

    void acquire(Takeover takeover, Duration lease) {
        held = change(current -> {
            Instant now = clock.instant();
            boolean mine = current.instance().equals(instance.toString());
            boolean lives = !current.released()
                    && current.silence(now).compareTo(lease) < 0
                    && !process.knowsDead(current.process());
            if (lives && !mine && takeover == Takeover.REFUSED) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "pipeline '" + pipeline + "' is owned by " + current.describe(now)
                                + ": stop that one, or start with --take-over to take its place");
            }
            // Above what a target may remember of another staging, too: it would fence us for good.
            return record(Math.max(current.epoch() + 1, now.getEpochSecond()), false);
        });
    }

    void renew() {
        held = change(current -> {
            require(current);
            return record(held.epoch(), false);
        });
    }

    void release() {
        change(current -> isMine(current) ? record(held.epoch(), true) : current);
    }

    /** Reads the control table anew and fails when this instance was overtaken. */
    synchronized void check() {
        control.refresh();
        require(current());
    }

    /** The error of an instance that finds a higher epoch than its own. */
    synchronized FreshetException overtaken() {
        String by;
        try {
            control.refresh();
            OwnerRecord current = current();
            by = isMine(current) ? "" : ": " + current.describe(clock.instant()) + " took over";
        } catch (RuntimeException ignored) {
            by = "";
        }
        return new FreshetException(
                ErrorKind.USER,
                "this instance is no longer the owner of pipeline '" + pipeline + "'" + by
                        + "; nothing was changed. Stop this instance, or start it again with --take-over");
    }

    private void require(OwnerRecord current) {
        if (!isMine(current)) {
            throw overtaken();
        }
    }

    private boolean isMine(OwnerRecord current) {
        return current.epoch() == held.epoch() && current.instance().equals(instance.toString());
    }

    private OwnerRecord record(long epoch, boolean released) {
        return new OwnerRecord(epoch, instance.toString(), process, clock.instant(), released);
    }

    private OwnerRecord current() {
        Snapshot head = control.currentSnapshot();
        return head == null ? OwnerRecord.NOBODY : OwnerRecord.fromSummary(head.summary());
    }

    private synchronized OwnerRecord change(Function<OwnerRecord, OwnerRecord> next) {
        RuntimeException last = null;
        OwnerRecord sent = OwnerRecord.NOBODY;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Pause.before(attempt);
            try {
                control.refresh();
                OwnerRecord current = current();
                if (attempt > 0 && current.equals(sent)) {
                    return sent;
                }
                OwnerRecord wanted = next.apply(current);
                if (wanted.equals(current)) {
                    return current;
                }
                sent = wanted;
                commit(wanted);
                prune();
                return wanted;
            } catch (FreshetException e) {
                throw e;
            } catch (ValidationException | CommitFailedException e) {
                last = e;
            } catch (RuntimeException e) {
                if (Failures.isWriteFailure(e)) {
                    throw Failures.writeFailed(control.location(), e);
                }
                last = e;
            }
        }
        throw new FreshetException(
                ErrorKind.RETRYABLE,
                "can't write who owns pipeline '" + pipeline
                        + "' to the catalog: check that it is reachable and try again",
                last);
    }

    private void commit(OwnerRecord record) {
        Snapshot head = control.currentSnapshot();
        long expected = head == null ? -1 : head.snapshotId();
        var append = control.newFastAppend();
        record.toSummary().forEach(append::set);
        append.validateWith(ancestors -> ChangeTable.newest(ancestors) == expected)
                .commit();
    }

    private void prune() {
        int snapshots = 0;
        for (Snapshot ignored : control.snapshots()) {
            snapshots++;
        }
        if (snapshots > SNAPSHOTS) {
            try {
                control.expireSnapshots()
                        .expireOlderThan(Long.MAX_VALUE)
                        .retainLast(2)
                        .commit();
            } catch (RuntimeException ignored) {
                // The next change tries again.
            }
        }
    }
}
