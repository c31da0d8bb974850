package dev.freshet.state;

import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The memory of a pipeline: a mirror of each source table, the stored output of each maintained model, a bounded log of their deltas and the
 * cut they all stand at. It can be deleted at any time and is rebuilt from staging.
 *
 * <p>One thread, the cycle's, owns {@link #begin()}; any thread may {@link #read()} beside it.
 */
public interface StateStore extends AutoCloseable {

    StateEpoch epoch();

    /** The last committed cut, {@link Cut#NONE} for a new store. */
    Cut cut();

    /** Whether a source table is whole at the newest cut: its load has ended and every change since is in. Any thread may ask. */
    boolean isReady(TableId source);

    /** The source rows that are left out at the newest cut, by table. Any thread may ask. */
    default List<PoisonRows> poisonRows() {
        return List.of();
    }

    /**
     * Starts the one transaction of a cycle. At most one is open.
     *
     * @throws FreshetException RETRYABLE when the store can't be written now (disk full); nothing has changed then
     */
    StateTransaction begin();

    /**
     * What queries need of source tables that are to be copied for them. For a store that holds none of them yet; nothing is changed.
     *
     * @param tables that there are
     * @param models in the order of the graph, with SQL that names tables as {@link StateNames#relation} does
     * @return for each table; all of it where that can't be told
     */
    default List<TableScan> scans(Map<TableId, TableSchema> tables, Map<TableId, String> models) {
        return tables.entrySet().stream()
                .map(table -> new TableScan(
                        table.getKey(),
                        table.getValue().columns().stream().map(Column::name).toList(),
                        List.of()))
                .toList();
    }

    /** A consistent view of the last committed cut, unaffected by later cycles. Cheap; close it soon, it holds back clean-up. */
    StateSnapshot read();

    /**
     * Begins to compute models beside the cycles, from the newest cut. At most one is open; called by the cycle's thread, with or without a transaction that has
     * changed nothing yet.
     *
     * @param followed tables whose changes are kept from now on, for {@link StateTransaction#changesSince}
     * @param zone as in {@link StateTransaction#clock}; the clock is the cut's
     * @return empty when the store can't
     */
    default Optional<Shadow> shadow(Set<TableId> followed, ZoneId zone) {
        return Optional.empty();
    }

    /**
     * Forgets delta-log entries that every reader has passed, and the oldest ones beyond the store's bound. Called between cycles by the
     * cycle's thread.
     *
     * @param through no reader will ask for changes after a lower cut than this again
     */
    void prune(long through);

    /**
     * Moves what commits have logged into the store's file. It takes as long as much was written since the last time, so it is for when
     * the cycle is idle; without it a commit does so once the log has grown large. Called by the cycle's thread; readers go on.
     *
     * @throws FreshetException RETRYABLE when the disk is full; nothing is lost
     */
    void checkpoint();

    @Override
    void close();
}
