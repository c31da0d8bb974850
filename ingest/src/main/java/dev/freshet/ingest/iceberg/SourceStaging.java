package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.ChangeSource.LoadProgress;
import dev.freshet.ingest.ChangeSource.ResumePoint;
import dev.freshet.state.BatchId;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * One source's batches, in order. A batch is prepared as files, then committed table by table side by side; it is complete when every table
 * it lists has reached its end. A batch begins where the source was complete, so at most the newest one is incomplete.
 *
 * <p>A batch that touches no table moves the position only. That is recorded in the source's positions table, at most once per interval; a
 * position not recorded yet is not the end of any staged batch, so nobody acknowledges it.
 */
final class SourceStaging {

    /** Batch numbers of one epoch begin at a multiple of this: what an overtaken owner may have handed out is never used again. */
    private static final long NUMBERS_PER_EPOCH = 1_000_000_000L;

    private final String source;
    private final Tables tables;
    private final StagedTables reader;
    private final Parallel parallel;
    private final Clock clock;
    private final Duration positionInterval;

    /** Every table of the source is complete up to here. */
    private volatile SourcePosition complete = SourcePosition.START;

    private SourcePosition captured = SourcePosition.START;
    private final AtomicLong lastNumber;
    private Instant recordedAt = Instant.EPOCH;
    private volatile boolean recovered;
    /** The tables that are captured now; empty until someone says so. */
    private Optional<Set<TableId>> wanted = Optional.empty();

    private @Nullable PreparedBatch unfinished;

    SourceStaging(
            String source,
            Tables tables,
            StagedTables reader,
            Parallel parallel,
            Clock clock,
            Duration positionInterval,
            long epoch) {
        this.source = source;
        this.tables = tables;
        this.reader = reader;
        this.parallel = parallel;
        this.clock = clock;
        this.positionInterval = positionInterval;
        this.lastNumber = new AtomicLong(epoch * NUMBERS_PER_EPOCH);
    }

    SourcePosition complete() {
        return complete;
    }

    synchronized ResumePoint recover(List<TableId> captures) {
        wanted = Optional.of(Set.copyOf(captures));
        readHeads();
        Map<TableId, SourcePosition> staged = new HashMap<>();
        Map<TableId, LoadProgress> loads = new HashMap<>();
        Map<TableId, TableSchema> shapes = new HashMap<>();
        for (TableId id : captures) {
            tables.changes(id).ifPresent(table -> {
                TableHead head = table.head();
                table.shape().ifPresent(shape -> shapes.put(id, shape));
                staged.put(id, head.reached().isAfter(complete) ? head.reached() : complete);
                if (head.load().phase() != LoadState.Phase.NONE) {
                    loads.put(id, head.load().progress());
                }
            });
        }
        return new ResumePoint(complete, staged, loads, shapes);
    }

    /** Derives where the source stands from the newest snapshots alone. */
    private void readHeads() {
        dropUnfinished();
        List<ChangeTable> members = new ArrayList<>(tables.changesOf(source));
        tables.positions(source).ifPresent(members::add);
        List<Runnable> reads = new ArrayList<>();
        for (ChangeTable member : members) {
            reads.add(() -> {
                member.settle();
                member.refresh();
            });
        }
        parallel.run(reads);
        Map<String, SourcePosition> reached = new HashMap<>();
        members.forEach(member -> reached.put(member.name(), member.head().reached()));
        SourcePosition position = SourcePosition.START;
        for (ChangeTable member : members) {
            TableHead head = member.head();
            lastNumber.accumulateAndGet(head.batch().number(), Math::max);
            SourcePosition proven = head.provenComplete(reached);
            position = proven.isAfter(position) ? proven : position;
        }
        complete = position;
        captured = position;
        recordedAt = Instant.EPOCH;
        recovered = true;
    }

    synchronized StagedBatch stage(CapturedBatch batch, Consumer<StagedBatch> written) {
        if (!recovered) {
            readHeads();
        }
        PreparedBatch again = unfinished;
        if (again == null || !again.isFor(batch)) {
            dropUnfinished();
            if (batch.start().isAfter(captured)) {
                throw new FreshetException(
                        ErrorKind.INTERNAL,
                        "a batch of '" + source + "' starts at " + batch.start() + " but the one before ended at "
                                + captured + ": changes would be missing");
            }
            forgetDroppedTables();
            again = new PreparedBatch(batch, complete, tables, parallel);
            unfinished = again;
        }
        again.prepare();
        long number = lastNumber.incrementAndGet();
        SourcePosition before = complete;
        SourcePosition end = batch.end().isAfter(before) ? batch.end() : before;
        List<PreparedTable> touched = again.touched();
        Set<ChangeTable> ahead = new HashSet<>();
        for (ChangeTable table : members()) {
            if (table.head().reached().isAfter(before)) {
                ahead.add(table);
            }
        }
        if (!touched.isEmpty()) {
            BatchRecord record = again.record(number, before, end);
            number = record.number();
            if (ahead.isEmpty() && isReadable(touched, before)) {
                written.accept(staged(new BatchId(source, number), batch, touched, ahead, before, end));
            }
            again.commit(record);
            recordedAt = clock.instant();
        } else if (end.isAfter(before) && isWorthRecording(before, end)) {
            record(new BatchRecord(number, before, end, List.of(), batch.newestCommit()));
        } else {
            end = before;
        }
        complete = end;
        captured = batch.end().isAfter(captured) ? batch.end() : captured;
        again.close();
        unfinished = null;
        touched.forEach(part -> part.table().trim());
        return staged(new BatchId(source, number), batch, touched, ahead, before, end);
    }

    /** Whether what is read of a batch is what it has written, and nothing that its commit only lets be seen. */
    private boolean isReadable(List<PreparedTable> touched, SourcePosition before) {
        return members().stream().allMatch(table -> table.head().load().isVisibleAt(before))
                && touched.stream()
                        .allMatch(part -> part.base().isEmpty()
                                && part.load().equals(part.table().head().load()));
    }

    synchronized Optional<StagedBatch> settle() {
        SourcePosition known = captured;
        if (!recovered || unfinished != null || !known.isAfter(complete)) {
            return Optional.empty();
        }
        StagedBatch moved =
                stage(new CapturedBatch(source, known, known, Instant.EPOCH, List.of(), List.of()), written -> {});
        return moved.end().isAfter(moved.start()) ? Optional.of(moved) : Optional.empty();
    }

    private boolean isWorthRecording(SourcePosition before, SourcePosition end) {
        boolean becomesVisible = members().stream()
                .map(table -> table.head().load())
                .anyMatch(load -> load.isVisibleAt(end) && !load.isVisibleAt(before));
        return becomesVisible || !clock.instant().isBefore(recordedAt.plus(positionInterval));
    }

    private void record(BatchRecord record) {
        ChangeTable positions = tables.positions(source).orElseGet(() -> tables.createPositions(source));
        positions.append(
                List.of(),
                Optional.empty(),
                head -> head.batch().number() == record.number(),
                head -> head.withBatch(record, head.load()));
        recordedAt = clock.instant();
    }

    private StagedBatch staged(
            BatchId id,
            CapturedBatch batch,
            List<PreparedTable> touched,
            Set<ChangeTable> ahead,
            SourcePosition before,
            SourcePosition end) {
        Map<ChangeTable, PreparedTable> written = new HashMap<>();
        long rows = 0;
        for (PreparedTable table : touched) {
            written.put(table.table(), table);
            rows += table.rows();
        }
        List<StagedTable> staged = new ArrayList<>();
        for (ChangeTable table : members()) {
            LoadState load = table.head().load();
            PreparedTable part = written.get(table);
            if (!load.isVisibleAt(end) || !load.isVisibleAt(before) || ahead.contains(table)) {
                reader.read(table, before, end).ifPresent(staged::add);
            } else if (part != null && !part.changes().isEmpty()) {
                staged.add(reader.changes(table, part, before, end));
            }
        }
        return new StagedBatch(id, before, end, batch.newestCommit(), rows, staged);
    }

    Optional<StagedBatch> pending(List<TableId> captures, SourcePosition after) {
        if (!recovered) {
            recoverOnce();
        }
        SourcePosition through = complete;
        if (!through.isAfter(after)) {
            return Optional.empty();
        }
        List<StagedTable> staged = new ArrayList<>();
        long rows = 0;
        Instant newest = Instant.EPOCH;
        for (TableId id : captures) {
            Optional<ChangeTable> table = tables.changes(id);
            if (table.isPresent()) {
                StagedTables.Read read = reader.open(table.get(), after, through);
                read.table().ifPresent(staged::add);
                rows += read.rows();
                newest = read.newestCommit().isAfter(newest) ? read.newestCommit() : newest;
            }
        }
        BatchId id = new BatchId(source, lastNumber.incrementAndGet());
        return Optional.of(new StagedBatch(id, after, through, newest, rows, staged));
    }

    private synchronized void recoverOnce() {
        if (!recovered) {
            readHeads();
        }
    }

    /** The tables of the source that are captured. */
    private List<ChangeTable> members() {
        return tables.changesOf(source).stream()
                .filter(table -> wanted.isEmpty() || wanted.get().contains(table.id()))
                .toList();
    }

    /**
     * From the next batch on, changes of tables that are not captured any more are missing from staging. What is there of them counts no
     * more: should one of them be captured again, it is loaded anew.
     */
    private void forgetDroppedTables() {
        if (wanted.isEmpty()) {
            return;
        }
        for (ChangeTable table : tables.changesOf(source)) {
            if (!wanted.get().contains(table.id()) && table.head().load().phase() != LoadState.Phase.NONE) {
                table.rewrite(TableHead::withoutLoad, (at, seal) -> {
                    var delete = at.newDelete();
                    delete.deleteFromRowFilter(Expressions.alwaysTrue());
                    seal.on(delete);
                    delete.commit();
                });
            }
        }
    }

    private void dropUnfinished() {
        PreparedBatch old = unfinished;
        if (old != null) {
            old.discard();
            unfinished = null;
        }
    }
}
