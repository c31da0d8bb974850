package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something a template can call: a host's {@code ref}, {@code config}, {@code var}, a method, a macro.
 *
 * <p>Arguments are never Java null. The result may be null (None), any {@code int}, {@code long}, {@code float} or {@code double}, a string, boolean,
 * {@link List}, {@link Map}, {@link Tuple}, {@link java.util.Set}, {@link JinjaObject} or another function.
 */
@FunctionalInterface
public interface JinjaFunction {

    /** What a function does with arguments that fit its parameters. */
    @FunctionalInterface
    interface Body {
        @Nullable
        Object apply(CallContext context, Signature.Arguments arguments);
    }

    /** A function with parameters written as in Python; see {@link Signature}. */
    static JinjaFunction of(String name, String parameters, Body body) {
        return new DeclaredFunction(name, Signature.of(name, parameters), body);
    }

    /** @throws PythonError if the arguments do not fit; the interpreter adds the place */
    @Nullable
    Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords);
}
