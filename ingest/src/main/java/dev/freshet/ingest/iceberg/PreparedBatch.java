package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A captured batch on its way into the tables. It outlives a failed try, because a load's rows can be read only once: what was written or
 * committed before the failure is not done again.
 */
final class PreparedBatch {

    private final CapturedBatch batch;
    private final SourcePosition sourceStandsAt;
    private final Tables tables;
    private final Parallel parallel;
    private final Map<TableId, PreparedTable> prepared = new ConcurrentHashMap<>();
    private boolean spent;
    private @Nullable BatchRecord record;

    PreparedBatch(CapturedBatch batch, SourcePosition sourceStandsAt, Tables tables, Parallel parallel) {
        this.batch = batch;
        this.sourceStandsAt = sourceStandsAt;
        this.tables = tables;
        this.parallel = parallel;
    }

    @SuppressWarnings("ReferenceEquality") // the same object staged again is a retry, an equal one is not
    boolean isFor(CapturedBatch other) {
        return batch == other;
    }

    /** Writes the files of every table that has none yet. */
    void prepare() {
        if (spent) {
            throw new FreshetException(
                    ErrorKind.OUTCOME_UNKNOWN,
                    "the rows that a load of '" + batch.source()
                            + "' had read are lost with the failed write: capture goes on from what is staged");
        }
        Map<TableId, List<LoadStep>> steps = new TreeMap<>();
        Map<TableId, TableChanges> changes = new TreeMap<>();
        batch.loads().forEach(step -> steps.computeIfAbsent(step.table(), table -> new ArrayList<>())
                .add(step));
        batch.tables().forEach(table -> changes.put(table.table(), table));
        List<TableId> all = new ArrayList<>(changes.keySet());
        steps.keySet().stream().filter(table -> !changes.containsKey(table)).forEach(all::add);
        List<Runnable> writes = new ArrayList<>();
        for (TableId id : all) {
            if (!prepared.containsKey(id)) {
                List<LoadStep> load = steps.getOrDefault(id, List.of());
                Optional<TableChanges> changed = Optional.ofNullable(changes.get(id));
                writes.add(() -> prepared.put(id, prepare(id, changed, load)));
            }
        }
        try {
            parallel.run(writes);
        } catch (RuntimeException e) {
            spent = all.stream()
                    .filter(id -> !prepared.containsKey(id))
                    .flatMap(id -> steps.getOrDefault(id, List.of()).stream())
                    .anyMatch(LoadStep.Chunk.class::isInstance);
            throw e;
        }
    }

    private PreparedTable prepare(TableId id, Optional<TableChanges> changes, List<LoadStep> steps) {
        ChangeTable table = tables.changes(id).orElseGet(() -> tables.createChanges(id, schema(id, changes, steps)));
        return PreparedTable.write(table, changes, steps, sourceStandsAt);
    }

    private static TableSchema schema(TableId id, Optional<TableChanges> changes, List<LoadStep> steps) {
        if (changes.isPresent()) {
            return changes.get().schema();
        }
        for (LoadStep step : steps) {
            if (step instanceof LoadStep.Begin begin) {
                return begin.schema();
            }
            if (step instanceof LoadStep.Chunk chunk) {
                return chunk.schema();
            }
        }
        throw new FreshetException(
                ErrorKind.INTERNAL, "a load of '" + id + "' is complete that staging has never seen begin");
    }

    /** The tables that the batch changes, in the order of their ids. */
    List<PreparedTable> touched() {
        if (record != null) {
            List<String> listed = record.tables();
            return ordered()
                    .filter(table -> listed.contains(table.table().name()))
                    .toList();
        }
        return ordered().filter(PreparedTable::isTouched).toList();
    }

    private Stream<PreparedTable> ordered() {
        return new TreeMap<>(prepared).values().stream();
    }

    /** What the commits say about the batch: decided once, also when it takes several tries. */
    BatchRecord record(long number, SourcePosition start, SourcePosition end) {
        BatchRecord decided = record;
        if (decided == null) {
            decided = new BatchRecord(
                    number,
                    start,
                    end,
                    touched().stream().map(table -> table.table().name()).toList(),
                    batch.newestCommit());
            record = decided;
        }
        return decided;
    }

    /** Commits the tables that are not committed yet, side by side. */
    void commit(BatchRecord decided) {
        List<Runnable> commits = new ArrayList<>();
        for (PreparedTable part : touched()) {
            commits.add(() -> part.table()
                    .append(
                            part.files(),
                            part.schema(),
                            head -> head.batch().number() == decided.number(),
                            head -> head.withBatch(decided, part.load())));
        }
        parallel.run(commits);
    }

    /** Closes the captured changes: they are staged. */
    void close() {
        prepared.values().forEach(part -> part.table().committed(part.files()));
        batch.tables().forEach(table -> table.changes().close());
    }

    /** Deletes the files of tables that were not committed, and closes the captured changes. */
    void discard() {
        BatchRecord decided = record;
        for (PreparedTable part : prepared.values()) {
            boolean committed = part.table().isUncertain()
                    || (decided != null && part.table().head().batch().number() == decided.number());
            if (!committed) {
                part.table()
                        .discard(part.files().stream()
                                .map(file -> file.location())
                                .toList());
            }
        }
        close();
    }
}
