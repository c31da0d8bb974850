package dev.freshet.publisher;

import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StoredOutput;
import java.util.Optional;

/** How a table gets from its ledger entry to a snapshot's cut. The same for every kind of target. */
public sealed interface Approach {

    /** The rows are the same at both cuts: only the ledger moves. */
    record Settled() implements Approach {}

    /** The net change after a cut is to be applied, if the log reaches back to it. */
    record Delta(long afterCut) implements Approach {}

    /** The table is to be made equal to the model's contents, whatever it holds now. */
    record Restatement(String reason) implements Approach {}

    /** @param witnessed what this process itself saw delivered */
    static Approach of(
            Optional<LedgerEntry> entry, StateSnapshot snapshot, StoredOutput output, WitnessedCuts witnessed) {
        if (entry.isEmpty()) {
            return new Restatement("nothing was delivered to it before");
        }
        if (!entry.get().epoch().equals(snapshot.epoch())) {
            return new Restatement("it was delivered from another state store");
        }
        long through = entry.get().throughCut();
        if (through > snapshot.cut().number()) {
            return new Restatement("its ledger is ahead of the state store, which was set back");
        }
        if (through < witnessed.of(output.model(), snapshot.epoch())) {
            // The table may or may not have been set back with it, so its rows can't be taken for those of the ledger's
            // cut.
            return new Restatement("its ledger was set back, as by restoring a backup");
        }
        return output.changedAt() <= through ? new Settled() : new Delta(through);
    }
}
