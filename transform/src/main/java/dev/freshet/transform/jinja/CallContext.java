package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a host function is called from, valid during the call only.
 *
 * @param location the calling line
 * @param macroStack the lines that called the calling macro, innermost first; empty when called from the template itself
 */
public record CallContext(
        JinjaEnvironment env, SourceLocation location, List<SourceLocation> macroStack, Access access) {

    /** The rendering that the call is part of. */
    public sealed interface Access permits Rendering {

        /** The value the name has at the calling line. */
        Object lookup(String name);

        /** The macro whose body is being rendered, innermost. */
        Optional<MacroDefinition> currentMacro();

        Object call(Object callable, List<Object> arguments, Map<String, Object> keywords);

        JinjaException error(String what);
    }

    /** The value the name has at the calling line, or {@link Undefined}. */
    public Object lookup(String name) {
        return access.lookup(name);
    }

    public Optional<MacroDefinition> currentMacro() {
        return access.currentMacro();
    }

    /** Calls a macro, function or callable object. */
    public Object call(Object callable, List<Object> arguments, Map<String, Object> keywords) {
        return access.call(callable, arguments, keywords);
    }

    /** Calls the macro or function that the name has at the calling line. */
    public Object callMacro(String name, List<Object> arguments, Map<String, Object> keywords) {
        return access.call(access.lookup(name), arguments, keywords);
    }

    /** A user error at the calling line, for the function to throw. */
    public JinjaException error(String what) {
        return access.error(what);
    }
}
