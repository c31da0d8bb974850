package dev.freshet.transform.jinja;

import org.jspecify.annotations.Nullable;

/** The value of a name, attribute or item that does not exist. It renders as nothing, is false and iterates over nothing; any other use of it is an error. */
public final class Undefined {

    /** What a {@link JinjaObject} answers for an attribute or item that it lacks. */
    public static final Undefined UNDEFINED = new Undefined("", null, null);

    private final String name;
    private final @Nullable Object holder;
    private final @Nullable String hint;

    private Undefined(String name, @Nullable Object holder, @Nullable String hint) {
        this.name = name;
        this.holder = holder;
        this.hint = hint;
    }

    static Undefined named(String name) {
        return new Undefined(name, null, null);
    }

    static Undefined memberOf(Object holder, Object key) {
        return new Undefined(key instanceof String text ? text : PythonValues.repr(key), holder, null);
    }

    static Undefined because(String hint) {
        return new Undefined("", null, hint);
    }

    /** The name, attribute or item that was asked for. */
    public String name() {
        return name;
    }

    @Nullable
    Object holder() {
        return holder;
    }

    boolean isPlainName() {
        return holder == null && hint == null;
    }

    String message() {
        if (hint != null) {
            return hint;
        }
        if (holder == null) {
            return "'" + name + "' is undefined";
        }
        return "'" + PythonValues.typeName(holder) + " object' has no attribute '" + name + "'";
    }

    /** All undefined values are equal, as in Jinja2. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }

    @Override
    public String toString() {
        return "";
    }
}
