package dev.freshet.state;

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

    /** Like {@link #changes}, for a bag: each changed row value with the number of copies that the output holds now, 0 if none. */
    Optional<RowCursor> changedMultiplicities(TableId model, long afterCut);

    /** Every row of a model's output, weight 1 each. */
    RowCursor contents(TableId model);

    /** Runs a query of a person or a test over mirrors and outputs. */
    RowCursor query(String sql);

    @Override
    void close();
}
