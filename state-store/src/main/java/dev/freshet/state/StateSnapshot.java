package dev.freshet.state;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/** A consistent, read-only view of a {@link StateStore} at one committed cut. Used by one thread; must be closed. */
public interface StateSnapshot extends AutoCloseable {

    StateEpoch epoch();

    Cut cut();

    /** The models that have a stored output, by id. */
    List<StoredOutput> outputs();

    Optional<StoredOutput> output(TableId model);

    /**
     * The net change of a model's rows after a cut: rows that left with a negative weight, rows that came with a positive one, everything
     * that cancelled out left out. Rows that left come first.
     *
     * @return empty when the log does not reach back to {@code afterCut}, or the model's shape changed since: compare whole contents instead
     */
    Optional<RowCursor> changes(TableId model, long afterCut);

    /**
     * The cuts after one at which a model's rows changed, oldest first. One that is too old to be remembered whole has no positions and
     * {@link Cut#NONE}'s clock.
     *
     * @return empty when the log does not reach back to {@code afterCut}, or the model's shape changed since
     */
    Optional<List<Cut>> changedCuts(TableId model, long afterCut);

    /**
     * The net change between two cuts as images, for targets that tell of changes instead of applying them: what a row was before, its
     * weight being minus its number of copies, directly followed by what it is after, its weight being its number of copies; one of the two
     * alone if it came or left. The images of a keyed model belong together by key and there is one copy; those of a bag by value. In an
     * order that is the same at every reading, by any snapshot.
     *
     * @return empty as for {@link #changedCuts}
     */
    Optional<RowCursor> images(TableId model, long afterCut, long throughCut);

    /**
     * The rows as they were at a cut, each value once, its weight being its number of copies. In an order that is the same at every
     * reading, by any snapshot.
     *
     * @return empty as for {@link #changedCuts}; never at the snapshot's own cut
     */
    Optional<RowCursor> imagesAt(TableId model, long cut);

    /** Every row of a model's output, weight 1 each. */
    RowCursor contents(TableId model);

    /** Those rows of a model's output, weight 1 each. */
    default RowCursor contents(TableId model, RowPart part) {
        throw new UnsupportedOperationException("this store reads outputs as a whole");
    }

    /** What {@link StateTransaction#remember} had under a key at this cut; empty when nothing. */
    String recall(String key);

    /**
     * Says what {@code now()} and {@code current_date} mean in queries from here on; the clock of the cut, in UTC, unless said.
     *
     * @param zone where dates and local times are those of
     */
    void clock(Instant now, ZoneId zone);

    /** Runs a query of a person or a test over mirrors and outputs. */
    RowCursor query(String sql);

    /** As {@link RowMaintenance#syntaxTree}. */
    String syntaxTree(String sql);

    @Override
    void close();
}
