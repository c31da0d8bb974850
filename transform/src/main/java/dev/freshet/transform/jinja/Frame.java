package dev.freshet.transform.jinja;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A template or macro while it renders: its scope, and the line it is at. */
final class Frame {

    private final Rendering rendering;
    private final String file;
    private final @Nullable MacroDefinition macro;
    private Scope scope;
    private int line;

    Frame(Rendering rendering, String file, int line, @Nullable MacroDefinition macro, Scope scope) {
        this.rendering = rendering;
        this.file = file;
        this.line = line;
        this.macro = macro;
        this.scope = scope;
    }

    /** For expressions that refer to nothing. */
    static Frame outside() {
        return new Frame(new Rendering(JinjaEnvironment.BUILTIN, Map.of()), "", 1, null, Scope.root());
    }

    Rendering rendering() {
        return rendering;
    }

    @Nullable
    MacroDefinition macro() {
        return macro;
    }

    Scope scope() {
        return scope;
    }

    void at(int newLine) {
        line = newLine;
    }

    SourceLocation location() {
        return new SourceLocation(file, line);
    }

    UndefinedPolicy undefinedPolicy() {
        return rendering.env().undefinedPolicy();
    }

    Object lookup(String name) {
        Object value = scope.get(name);
        if (value == null) {
            value = rendering.resolve(name);
        }
        return value != null ? value : Undefined.named(name);
    }

    /** Whether the innermost scope itself has the name. */
    boolean hasOwn(String name) {
        return scope.hasOwn(name);
    }

    <T> T inScope(Supplier<T> action) {
        return inScope(scope, action);
    }

    /** Runs the action in a new scope within {@code outer}. */
    <T> T inScope(Scope outer, Supplier<T> action) {
        Scope before = scope;
        scope = outer.inner();
        try {
            return action.get();
        } finally {
            scope = before;
        }
    }
}
