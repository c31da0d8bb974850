package dev.freshet.transform.snapshot;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Accumulation.MergedColumns;
import dev.freshet.state.Accumulation.OnSchemaChange;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SnapshotHistory;
import dev.freshet.transform.project.node.SnapshotHistory.Strategy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Brings snapshots up to date: those that look at their query's rows at most once in an interval and only after an input changed, those that follow captured
 * changes in every cycle. Used by the cycle's thread, but for {@link #isDue}.
 */
public final class SnapshotKeeper {

    private static final String KEY = "snapshot of ";
    private static final String TAKEN = "captured snapshot of ";

    /** Changes that earlier cycles have taken. */
    public interface StagedChanges {

        /** There are none. */
        StagedChanges NONE = (table, since) -> Optional.empty();

        /** What is still staged of a source table after a position. */
        Optional<StagedBatch> since(TableId table, SourcePosition since);
    }

    private final Duration interval;
    private final StagedChanges changes;
    private final Clock clock;
    private Optional<Instant> waiting = Optional.empty();
    private volatile Optional<Instant> next = Optional.empty();

    public SnapshotKeeper(Duration interval, StagedChanges changes, Clock clock) {
        this.interval = interval;
        this.changes = changes;
        this.clock = clock;
    }

    /** Whether a snapshot has waited for its time, and it has come. */
    public boolean isDue() {
        return next.filter(at -> !at.isAfter(clock.instant())).isPresent();
    }

    /** A cycle begins: what waits says so again. */
    public void begin() {
        waiting = Optional.empty();
    }

    /** All snapshots were seen in this cycle. */
    public void end() {
        next = waiting;
    }

    /** Follows captured changes, and so must see every cycle, even one that leaves its source's rows as they were. */
    public static boolean isCaptured(Model model) {
        return model.snapshot()
                .filter(history -> history.strategy() == Strategy.CAPTURED)
                .isPresent();
    }

    /**
     * Looks at a snapshot's query that gives other rows than at the last look, or may.
     *
     * @return empty when it is not its time yet
     */
    public Optional<TableDelta> look(StateTransaction transaction, Model model) {
        Instant now = clock.instant();
        String key = KEY + model.relation();
        String last = transaction.recall(key);
        Optional<TableSchema> stored = stored(transaction, model);
        if (stored.isPresent()
                && !last.isEmpty()
                && Instant.parse(last).plus(interval).isAfter(now)) {
            Instant at = Instant.parse(last).plus(interval);
            waiting = waiting.filter(other -> other.isBefore(at)).or(() -> Optional.of(at));
            return Optional.empty();
        }
        SnapshotHistory history = model.snapshot().orElseThrow();
        LookSql sql = new LookSql(Shape.of(model, history, given(transaction, model), stored));
        boolean isUnique = !model.uniqueKey().isEmpty();
        TableDelta delta = transaction.accumulate(
                model.relation(),
                accumulation(
                        isUnique ? Accumulation.Strategy.MERGE : Accumulation.Strategy.DELETE_INSERT,
                        sql.first(),
                        stored.isPresent() ? sql.continued() : sql.first(),
                        history));
        transaction.remember(key, now.toString());
        return Optional.of(delta);
    }

    /**
     * Records the versions of this transaction.
     *
     * @param source the one table that it follows
     * @param missed whether there were transactions that it has not seen
     * @return empty when nothing happened to the table
     */
    public Optional<TableDelta> follow(StateTransaction transaction, Model model, TableId source, boolean missed) {
        Optional<TableSchema> stored = stored(transaction, model);
        SnapshotHistory history = model.snapshot().orElseThrow();
        TableSchema table = rows(transaction).schema(source).orElseThrow();
        Shape shape = Shape.of(model, history, table, stored);
        if (!folded(table.key()).equals(folded(history.key()))) {
            throw shape.failed("its unique_key (" + String.join(", ", history.key()) + ") must be the key of '" + source
                    + "' (" + (table.isKeyed() ? String.join(", ", table.key()) : "it has none")
                    + ") for its rows to be followed: correct it, or give the table a primary key");
        }
        StagedVersions versions =
                missed && stored.isPresent() ? missed(transaction, model, source) : transaction.stageVersions(source);
        boolean compares = missed || versions.loaded();
        if (stored.isPresent() && versions.events() == 0 && !compares) {
            return Optional.empty();
        }
        CapturedSql sql = new CapturedSql(shape, source, table.key(), versions, compares);
        transaction.remember(
                TAKEN + model.relation(), Long.toString(versions.through().ordinal()));
        return Optional.of(transaction.accumulate(
                model.relation(),
                accumulation(
                        Accumulation.Strategy.MERGE,
                        sql.first(),
                        stored.isPresent() ? sql.continued() : sql.first(),
                        history)));
    }

    /** What happened since it was brought up to date last, by this state store or the one before. */
    private StagedVersions missed(StateTransaction transaction, Model model, TableId source) {
        String taken = transaction.recall(TAKEN + model.relation());
        SourcePosition since =
                taken.isEmpty() ? SourcePosition.START : new SourcePosition(Long.parseLong(taken), taken);
        return changes.since(source, since)
                .map(batch -> transaction.stageVersions(source, batch, since))
                .orElseGet(() -> transaction.stageVersions(source));
    }

    private static Set<String> folded(List<String> names) {
        Set<String> folded = new HashSet<>();
        names.forEach(name -> folded.add(name.toLowerCase(Locale.ROOT)));
        return folded;
    }

    private static Accumulation accumulation(
            Accumulation.Strategy strategy, String first, String continued, SnapshotHistory history) {
        return new Accumulation(
                strategy,
                first,
                continued,
                List.of(history.names().scdId()),
                MergedColumns.ALL,
                OnSchemaChange.APPEND_NEW_COLUMNS);
    }

    private static RowMaintenance rows(StateTransaction transaction) {
        return transaction
                .rowMaintenance()
                .orElseThrow(() -> new IllegalStateException("this state store keeps no snapshots"));
    }

    private static Optional<TableSchema> stored(StateTransaction transaction, Model model) {
        return rows(transaction).schema(model.relation());
    }

    private static TableSchema given(StateTransaction transaction, Model model) {
        return rows(transaction).resultOf(model.relation(), model.sql(), List.of());
    }
}
