package dev.freshet.transform.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How Python sees values: {@code str()}, {@code repr()}, {@code bool()}, {@code iter()}, {@code len()}, {@code ==}.
 *
 * <p>Python's types are Boolean, Long (BigInteger where it does not fit), Double, BigDecimal (decimal.Decimal), String, List, {@link Tuple}, Map in insertion order, {@link PythonSet},
 * {@link None}, {@link Undefined}, {@link JinjaFunction} and {@link JinjaObject}.
 */
public final class PythonValues {

    private PythonValues() {}

    /** A value of the host in the types above. Collections are taken as they are; their items are converted when they are read. */
    public static Object fromHost(@Nullable Object value) {
        if (value == null) {
            return None.NONE;
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float number) {
            return number.doubleValue();
        }
        if (value instanceof BigInteger big) {
            return Numbers.normalized(big);
        }
        if (value instanceof Character character) {
            return character.toString();
        }
        return value;
    }

    /** {@code str(value)}. */
    public static String text(Object value) {
        return value instanceof String text
                ? text
                : value instanceof JinjaObject object ? object.text() : value instanceof Undefined ? "" : repr(value);
    }

    /** {@code repr(value)}. */
    public static String repr(Object value) {
        return PythonText.repr(value);
    }

    /** What {@code sorted()} goes by. */
    public static int order(Object left, Object right) {
        return Operators.order(left, right);
    }

    /** {@code bool(value)}. */
    public static boolean isTrue(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value == None.NONE || value instanceof Undefined) {
            return false;
        }
        if (value instanceof Number) {
            return !(value instanceof Double number && number.isNaN()) ? Numbers.compare(value, 0L) != 0 : true;
        }
        if (value instanceof Collection<?> items) {
            return !items.isEmpty();
        }
        if (value instanceof Tuple tuple) {
            return tuple.size() > 0;
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        if (value instanceof PythonRange range) {
            return range.size() > 0;
        }
        return !(value instanceof JinjaObject object) || object.isTrue();
    }

    /** {@code left == right}. */
    public static boolean equal(Object left, Object right) {
        return Operators.equal(left, right);
    }

    /** Python's order of {@code <}. @throws PythonError if the two cannot be ordered */
    public static int compare(Object left, Object right) {
        return Operators.order(left, right);
    }

    public static boolean isIterable(Object value) {
        return value instanceof String
                || value instanceof Iterable<?>
                || value instanceof Map<?, ?>
                || value instanceof Undefined;
    }

    /** {@code iter(value)}. A list that grows meanwhile is followed to its new end. @throws PythonError if it cannot be iterated over */
    public static Iterator<Object> iterator(Object value) {
        if (value instanceof List<?> list) {
            return new ListIterator(list);
        }
        if (value instanceof Map<?, ?> map) {
            return new DictionaryView(map, DictionaryView.Part.KEYS).iterator();
        }
        if (value instanceof String text) {
            return CodePoints.list(text).iterator();
        }
        if (value instanceof Undefined) {
            return List.of().iterator();
        }
        if (value instanceof Iterable<?> items) {
            Iterator<?> iterator = items.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return iterator.hasNext();
                }

                @Override
                public Object next() {
                    return fromHost(iterator.next());
                }
            };
        }
        throw new PythonError("'" + typeName(value) + "' object is not iterable");
    }

    /** {@code list(value)}, a new list. */
    public static List<Object> list(Object value) {
        List<Object> items = new ArrayList<>();
        iterator(value).forEachRemaining(items::add);
        return items;
    }

    /** {@code len(value)}. */
    public static int length(Object value) {
        if (value instanceof String text) {
            return CodePoints.length(text);
        }
        if (value instanceof Collection<?> items) {
            return items.size();
        }
        if (value instanceof Tuple tuple) {
            return tuple.size();
        }
        if (value instanceof Map<?, ?> map) {
            return map.size();
        }
        if (value instanceof PythonRange range) {
            return range.size();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        if (value instanceof JinjaObject object && object.itemCount() >= 0) {
            return object.itemCount();
        }
        throw new PythonError("object of type '" + typeName(value) + "' has no len()");
    }

    static boolean hasLength(Object value) {
        return value instanceof String
                || value instanceof Collection<?>
                || value instanceof Tuple
                || value instanceof Map<?, ?>
                || value instanceof PythonRange
                || value instanceof Undefined
                || value instanceof JinjaObject object && object.itemCount() >= 0;
    }

    static boolean isCallable(Object value) {
        return value instanceof JinjaFunction || value instanceof Undefined;
    }

    static Object requireDefined(Object value) {
        if (value instanceof Undefined undefined) {
            throw new UndefinedError(undefined);
        }
        return value;
    }

    /** The name of the value's type, as Python's messages give it. */
    public static String typeName(Object value) {
        if (value instanceof String) {
            return "str";
        }
        if (value instanceof Boolean) {
            return "bool";
        }
        if (value instanceof Long || value instanceof BigInteger) {
            return "int";
        }
        if (value instanceof Double) {
            return "float";
        }
        if (value instanceof BigDecimal) {
            return "Decimal";
        }
        if (value == None.NONE) {
            return "NoneType";
        }
        if (value instanceof JinjaObject object) {
            return object.typeName();
        }
        if (value instanceof List<?>) {
            return "list";
        }
        if (value instanceof Tuple) {
            return "tuple";
        }
        if (value instanceof Map<?, ?>) {
            return "dict";
        }
        if (value instanceof Set<?>) {
            return "set";
        }
        if (value instanceof DictionaryView view) {
            return view.part().typeName();
        }
        if (value instanceof PythonRange) {
            return "range";
        }
        if (value instanceof PythonIterator iterator) {
            return iterator.description();
        }
        if (value instanceof Undefined) {
            return "Undefined";
        }
        return value instanceof JinjaFunction ? "function" : value.getClass().getSimpleName();
    }

    /** Reads by index, so that appending while iterating is no error. */
    private static final class ListIterator implements Iterator<Object> {
        private final List<?> list;
        private int next;

        ListIterator(List<?> list) {
            this.list = list;
        }

        @Override
        public boolean hasNext() {
            return next < list.size();
        }

        @Override
        public Object next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return fromHost(list.get(next++));
        }
    }
}
