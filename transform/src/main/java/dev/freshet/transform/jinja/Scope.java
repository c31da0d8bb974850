package dev.freshet.transform.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names that one block introduced, within those of the blocks around it. */
final class Scope {

    private final @Nullable Scope parent;
    private final Map<String, Object> values = new HashMap<>();

    private Scope(@Nullable Scope parent) {
        this.parent = parent;
    }

    static Scope root() {
        return new Scope(null);
    }

    Scope inner() {
        return new Scope(this);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    @Nullable
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Object value = scope.values.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    boolean hasOwn(String name) {
        return values.containsKey(name);
    }

    void collectNames(Set<String> names) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            names.addAll(scope.values.keySet());
        }
    }
}
