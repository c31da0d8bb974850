package dev.freshet.publisher;

import dev.freshet.state.StateEpoch;

/**
 * What a target's ledger says of one table.
 *
 * @param epoch the state store that {@code throughCut} counts in
 * @param throughCut the cut of that state store that the table's rows are true for
 * @param ownerEpoch the epoch of the instance that wrote the entry
 */
public record LedgerEntry(StateEpoch epoch, long throughCut, long ownerEpoch) {}
