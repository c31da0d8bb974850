package dev.freshet.state;

import java.util.List;
import java.util.Optional;

/**
 * Outputs of models that are computed beside the cycles, from the rows of one cut. They are in no file: of an unfinished one a crash leaves nothing. While it is open
 * the store keeps the changes of the tables that it follows, so that what was computed can be brought from its cut to the newest.
 *
 * <p>{@link #compute} belongs to any one thread; everything else but {@link #close} to the cycle's.
 */
public interface Shadow extends AutoCloseable {

    /**
     * A model to compute.
     *
     * @param sql names tables as {@link StateNames#relation} does
     * @param totals the counts and sums to compute with it, as {@link RowMaintenance#applyTotals} needs them afterwards
     */
    record Query(TableId model, String sql, Optional<RowMaintenance.Totals> totals) {
        public Query(TableId model, String sql) {
            this(model, sql, Optional.empty());
        }
    }

    /** The cut that the computed rows are true for. */
    Cut cut();

    /**
     * Computes models, parents before children: what was computed here stands for its stored output. Called once; takes as long as it takes.
     *
     * @throws ModelFailedException as {@link StateTransaction#recompute} does
     * @throws FreshetException RETRYABLE when it was broken off
     */
    void compute(List<Query> models);

    /** Whether it can still be used: the store may have lost it while it mended itself. */
    boolean isOpen();

    /** Forgets what was computed and kept; breaks a computation off. Any thread may call it, none while a transaction uses it. */
    @Override
    void close();
}
