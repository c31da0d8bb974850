package dev.freshet.transform.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of {@code varargs}, {@code kwargs} and {@code caller} the bodies being parsed use: a macro accepts surplus arguments only if its body reads the name that would hold
 * them, and had not stored to it before.
 */
final class SpecialNames {

    enum Special {
        VARARGS,
        KWARGS,
        CALLER
    }

    private static final class Body {
        private final Set<Special> possible = EnumSet.allOf(Special.class);
        private final Set<Special> used = EnumSet.noneOf(Special.class);
    }

    private final Deque<Body> bodies = new ArrayDeque<>();

    void enter() {
        bodies.push(new Body());
    }

    Set<Special> leave() {
        return bodies.pop().used;
    }

    void load(String name) {
        Special special = special(name);
        if (special != null) {
            bodies.stream().filter(body -> body.possible.contains(special)).forEach(body -> body.used.add(special));
        }
    }

    void store(String name) {
        Special special = special(name);
        if (special != null) {
            bodies.forEach(body -> body.possible.remove(special));
        }
    }

    /** What a parameter of this name takes the place of: a parameter named caller still receives the call block. */
    static @Nullable Special declared(String parameter) {
        return parameter.equals("caller") ? null : special(parameter);
    }

    private static @Nullable Special special(String name) {
        return switch (name) {
            case "varargs" -> Special.VARARGS;
            case "kwargs" -> Special.KWARGS;
            case "caller" -> Special.CALLER;
            default -> null;
        };
    }
}
