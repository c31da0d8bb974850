package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The methods of Python's own types. */
final class Methods {

    /** One method's body. */
    @FunctionalInterface
    interface Body<T> {
        @Nullable
        Object apply(T self, Signature.Arguments arguments);
    }

    /** One method: its parameters and what it does. */
    record Method<T>(String name, Signature signature, Body<T> body) {}

    /** A method of an object, ready to be called. */
    private record BoundMethod<T>(T self, Method<T> method) implements JinjaFunction {
        @Override
        public @Nullable Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
            try {
                return method.body().apply(self, method.signature().bind(arguments, keywords));
            } catch (UnsupportedOperationException e) {
                throw new PythonError("'" + method.name() + "' is not possible: this " + PythonValues.typeName(self)
                        + " cannot be changed");
            }
        }

        @Override
        public String toString() {
            return "<built-in method " + method.name() + " of " + PythonValues.typeName(self) + " object>";
        }
    }

    /** The methods of one type. */
    static final class Table<T> {
        private final Map<String, Method<T>> methods = new java.util.LinkedHashMap<>();

        Table<T> add(String name, String parameters, Body<T> body) {
            methods.put(name, new Method<>(name, Signature.of(name, parameters), body));
            return this;
        }

        @Nullable
        JinjaFunction bind(T self, String name) {
            Method<T> method = methods.get(name);
            return method == null ? null : new BoundMethod<>(self, method);
        }

        Set<String> names() {
            return methods.keySet();
        }
    }

    private Methods() {}

    /** Null when there is none. */
    @SuppressWarnings("unchecked")
    static @Nullable Object find(Object object, String name) {
        if (object instanceof String text) {
            return StringMethods.TABLE.bind(text, name);
        }
        if (object instanceof Map<?, ?> map) {
            return DictionaryMethods.TABLE.bind((Map<Object, Object>) map, name);
        }
        if (object instanceof List<?> list) {
            return ListMethods.TABLE.bind((List<Object>) list, name);
        }
        if (object instanceof Tuple tuple) {
            return ListMethods.TUPLE_TABLE.bind(tuple, name);
        }
        if (object instanceof PythonSet set) {
            return SetMethods.TABLE.bind(set, name);
        }
        return Numbers.isNumber(object) ? NumberMethods.find(object, name) : null;
    }

    static Set<String> names(Object object) {
        if (object instanceof String) {
            return StringMethods.TABLE.names();
        }
        if (object instanceof Map) {
            return DictionaryMethods.TABLE.names();
        }
        if (object instanceof List) {
            return ListMethods.TABLE.names();
        }
        if (object instanceof Tuple) {
            return ListMethods.TUPLE_TABLE.names();
        }
        return object instanceof PythonSet ? SetMethods.TABLE.names() : Set.of();
    }
}
