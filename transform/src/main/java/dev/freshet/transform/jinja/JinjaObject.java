package dev.freshet.transform.jinja;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of the host: {@code adapter}, {@code target}, {@code this}. One that is also {@link Iterable} can be looped over, one that is also {@link JinjaFunction} can be called, and
 * {@link Comparable} ones of the same class can be ordered. Equality is {@link Object#equals}.
 */
public interface JinjaObject {

    /** The attribute's value, or {@link Undefined#UNDEFINED}. */
    @Nullable
    Object attribute(String name);

    /** {@code object[key]}: an attribute is found there too, without the object's doing. */
    default @Nullable Object item(Object key) {
        return Undefined.UNDEFINED;
    }

    /** What {@code {{ object }}} prints. */
    String text();

    /** How the object prints inside a list or dictionary. */
    default String representation() {
        return text();
    }

    /** What {@code {% if object %}} sees. */
    default boolean isTrue() {
        return true;
    }

    /** {@code len(object)}, negative when it has none. */
    default int itemCount() {
        return -1;
    }

    /** What {@code object is mapping} says. */
    default boolean isMapping() {
        return false;
    }

    /** The name of its type for error messages. */
    default String typeName() {
        return getClass().getSimpleName();
    }

    /** The names a misspelt attribute is compared with. */
    default Set<String> attributeNames() {
        return Set.of();
    }

    /** {@code '{:spec}'.format(object)}. */
    default String format(String specification) {
        if (!specification.isEmpty()) {
            throw new PythonError("unsupported format string passed to " + typeName() + ".__format__");
        }
        return text();
    }

    /**
     * {@code object operator other}, with {@code +}, {@code -}, {@code *}, {@code /}, {@code //}, {@code %}, {@code **}, or {@link Undefined#UNDEFINED} if it knows no such operation.
     */
    default @Nullable Object operate(String operator, Object other) {
        return Undefined.UNDEFINED;
    }

    /** {@code other operator object}, asked when {@code other} knew no such operation. */
    default @Nullable Object operateReflected(String operator, Object other) {
        return Undefined.UNDEFINED;
    }
}
