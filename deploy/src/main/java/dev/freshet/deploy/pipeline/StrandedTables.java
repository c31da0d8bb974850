package dev.freshet.deploy.pipeline;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds tables that wait for a load which nobody does: it was asked for, and the process or the connection died before its first step was staged. Nothing
 * else remembers the wish, so it is derived from what is durable: the mirror is not whole, the source loads nothing, and all that it had staged a
 * while ago is in the cut.
 *
 * <p>Not safe for concurrent use: one thread looks, every few seconds.
 */
final class StrandedTables {

    /** How many cuts it takes until one has surely begun after a look: the one under way and the next. */
    private static final long CUTS = 2;

    /** Where things stood at the second look; at the first a load's last step may still be on its way to staging. */
    private record Suspicion(SourcePosition staged, long cut) {}

    /**
     * The cycle's side of a look.
     *
     * @param idle nothing staged waits for it, and it is not at work
     */
    record Progress(SourcePosition position, long cut, boolean idle) {}

    private final Map<TableId, Optional<Suspicion>> suspects = new HashMap<>();

    /**
     * @param unready tables of one source whose mirror is not whole
     * @param loading whether that source loads any table, or is away
     * @return those to load anew
     */
    List<TableId> look(
            Collection<TableId> all,
            Collection<TableId> unready,
            boolean loading,
            SourcePosition staged,
            Progress cycle) {
        List<TableId> stranded = new ArrayList<>();
        for (TableId table : all) {
            if (loading || !unready.contains(table)) {
                suspects.remove(table);
            } else if (!suspects.containsKey(table)) {
                suspects.put(table, Optional.empty());
            } else if (suspects.get(table).isEmpty()) {
                suspects.put(table, Optional.of(new Suspicion(staged, cycle.cut())));
            } else if (hasHadItsChance(suspects.get(table).get(), cycle)) {
                suspects.remove(table);
                stranded.add(table);
            }
        }
        return stranded;
    }

    /** A large base takes one cycle long: until that has ended nothing is known. */
    private static boolean hasHadItsChance(Suspicion suspicion, Progress cycle) {
        return !suspicion.staged().isAfter(cycle.position()) && (cycle.idle() || cycle.cut() >= suspicion.cut() + CUTS);
    }
}
