package dev.freshet.transform.project.problem;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Collects everything that is wrong with a project, so that a person mends it in one go. Used by one thread. */
public final class Problems {

    /** More than this many and the first ones are what matters. */
    private static final int SHOWN = 100;

    private final Set<String> messages = new LinkedHashSet<>();

    public void add(Position position, String message) {
        messages.add(position + ": " + message);
    }

    /** Runs a step; a mistake of the user is collected, anything else passes through. */
    public void attempt(Runnable step) {
        try {
            step.run();
        } catch (FreshetException e) {
            collect(e);
        }
    }

    /** Like {@link #attempt(Runnable)}; empty when the step failed. */
    public <T> Optional<T> attemptValue(Supplier<T> step) {
        try {
            return Optional.of(step.get());
        } catch (FreshetException e) {
            collect(e);
            return Optional.empty();
        }
    }

    public boolean isEmpty() {
        return messages.isEmpty();
    }

    /** @throws FreshetException USER with the count on the first line and each problem on lines of its own */
    public void throwIfAny() {
        if (messages.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder("the project has ")
                .append(messages.size())
                .append(messages.size() == 1 ? " error:" : " errors:");
        messages.stream().limit(SHOWN).forEach(message -> text.append("\n  ").append(message.replace("\n", "\n    ")));
        if (messages.size() > SHOWN) {
            text.append("\n  and ").append(messages.size() - SHOWN).append(" more");
        }
        throw new FreshetException(ErrorKind.USER, text.toString());
    }

    private void collect(FreshetException mistake) {
        if (mistake.kind() != ErrorKind.USER) {
            throw mistake;
        }
        messages.add(String.valueOf(mistake.getMessage()));
    }
}
