package dev.freshet.publisher;

import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cuts that this process saw delivered, which a ledger can't fall behind unless someone set it back. Across a restart the delta log says the
 * same: it is pruned as far as targets have told that they need it no more, so a ledger from before that is compared too. Used by one
 * thread.
 */
public final class WitnessedCuts {

    private final Map<TableId, Long> cuts = new HashMap<>();
    private @Nullable StateEpoch epoch;

    /** Remembers a delivery whose commit was answered. */
    public void note(Receipt receipt, StateSnapshot snapshot) {
        if (!snapshot.epoch().equals(epoch)) {
            cuts.clear();
            epoch = snapshot.epoch();
        }
        for (Receipt.TableReceipt table : receipt.tables()) {
            if (table.method() != Receipt.Method.HELD) {
                cuts.put(table.table(), receipt.cut().number());
            }
        }
    }

    /** Forgets a table that was removed. */
    public void forget(TableId table) {
        cuts.remove(table);
    }

    long of(TableId table, StateEpoch of) {
        return of.equals(epoch) ? cuts.getOrDefault(table, 0L) : 0L;
    }
}
