package dev.freshet.state;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * One state of the whole pipeline: a position per source and a clock value. Cuts are numbered by the cycles that made them; numbers grow
 * within one {@link StateEpoch} and mean nothing across two.
 *
 * @param positions by source (connection) name
 * @param clock what {@code now()} means in every model at this cut; never goes back
 */
public record Cut(long number, Map<String, SourcePosition> positions, Instant clock) {

    /** The cut of an empty state store. */
    public static final Cut NONE = new Cut(0, Map.of(), Instant.EPOCH);

    public Cut {
        positions = Map.copyOf(new TreeMap<>(positions));
    }

    public SourcePosition position(String source) {
        return positions.getOrDefault(source, SourcePosition.START);
    }
}
