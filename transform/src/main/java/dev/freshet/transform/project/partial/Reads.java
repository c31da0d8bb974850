package dev.freshet.transform.project.partial;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes down what a rendering reads while it goes on. Used by one thread, for one rendering at a time; between them it takes down nothing. */
public final class Reads {

    private @Nullable Set<Read> taken;
    private boolean isRepeatable;

    public void start() {
        if (taken != null) {
            throw new IllegalStateException("a rendering goes on already");
        }
        taken = new LinkedHashSet<>();
        isRepeatable = true;
    }

    public void add(Read.Kind kind, String scope, String name) {
        if (taken != null) {
            taken.add(new Read(kind, scope, name));
        }
    }

    public boolean isTaking() {
        return taken != null;
    }

    /** A copy of what was read since {@link #start}. */
    public List<Read> soFar() {
        return taken == null ? List.of() : List.copyOf(taken);
    }

    /** The rendering looked at something that may be different every time, such as the clock: its result is good for once. */
    public void never() {
        isRepeatable = false;
    }

    /** What was read since {@link #start}; empty when the result can't be kept. */
    public Optional<Set<Read>> finish() {
        Set<Read> all = taken;
        taken = null;
        return all == null || !isRepeatable ? Optional.empty() : Optional.of(all);
    }
}
