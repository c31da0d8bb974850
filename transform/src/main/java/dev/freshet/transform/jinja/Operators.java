package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Python's binary operators, comparisons and membership. */
final class Operators {

    /** A limit against runaway repetition such as {@code 'x' * 10 ** 9}. */
    private static final long MAX_REPEATED = 50_000_000;

    private Operators() {}

    static PythonError unsupported(String operator, Object left, Object right) {
        return new PythonError("unsupported operand type(s) for " + operator + ": '" + PythonValues.typeName(left)
                + "' and '" + PythonValues.typeName(right) + "'");
    }

    static Object binary(String operator, Object left, Object right) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.arithmetic(operator, left, right);
        }
        PythonValues.requireDefined(left);
        if (operator.equals("%") && left instanceof String text) {
            return PercentFormat.format(text, right);
        }
        PythonValues.requireDefined(right);
        Object result = Undefined.UNDEFINED;
        if (left instanceof JinjaObject object) {
            result = PythonValues.fromHost(object.operate(operator, right));
        }
        if (result instanceof Undefined && right instanceof JinjaObject object) {
            result = PythonValues.fromHost(object.operateReflected(operator, left));
        }
        if (!(result instanceof Undefined)) {
            return result;
        }
        return switch (operator) {
            case "+" -> add(left, right);
            case "*" ->
                Numbers.isInteger(left)
                        ? repeat(right, left, operator, left, right)
                        : repeat(left, right, operator, left, right);
            case "-" -> subtract(left, right);
            default -> throw unsupported(operator, left, right);
        };
    }

    private static Object add(Object left, Object right) {
        if (left instanceof String a) {
            if (right instanceof String b) {
                return a.concat(b);
            }
            throw new PythonError("can only concatenate str (not \"" + PythonValues.typeName(right)
                    + "\") to str; use ~ to join any values as text");
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return concatenated(a, b);
        }
        if (left instanceof Tuple a && right instanceof Tuple b) {
            return new Tuple(concatenated(a.items(), b.items()));
        }
        throw unsupported("+", left, right);
    }

    private static List<Object> concatenated(Collection<?> left, Collection<?> right) {
        List<Object> all = new ArrayList<>(left.size() + right.size());
        left.forEach(item -> all.add(PythonValues.fromHost(item)));
        right.forEach(item -> all.add(PythonValues.fromHost(item)));
        return all;
    }

    private static Object subtract(Object left, Object right) {
        if (left instanceof Set<?> a && right instanceof Set<?> b) {
            PythonSet rest = new PythonSet(a);
            b.forEach(rest::remove);
            return rest;
        }
        throw unsupported("-", left, right);
    }

    private static Object repeat(Object sequence, Object times, String operator, Object left, Object right) {
        if (!Numbers.isInteger(times)) {
            throw unsupported(operator, left, right);
        }
        int count = Math.max(0, Numbers.toIndex(times));
        if (sequence instanceof String text) {
            requireSmall((long) text.length() * count);
            return text.repeat(count);
        }
        if (sequence instanceof List<?> || sequence instanceof Tuple) {
            List<Object> once = PythonValues.list(sequence);
            requireSmall((long) once.size() * count);
            List<Object> all = new ArrayList<>(once.size() * count);
            for (int i = 0; i < count; i++) {
                all.addAll(once);
            }
            return sequence instanceof Tuple ? new Tuple(all) : all;
        }
        throw unsupported(operator, left, right);
    }

    private static void requireSmall(long size) {
        if (size > MAX_REPEATED) {
            throw new PythonError("the result would have more than " + MAX_REPEATED + " elements");
        }
    }

    static boolean equal(Object left, Object right) {
        if (left == right) {
            return !(left instanceof Double number && number.isNaN());
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right) == 0;
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return equalItems(a, b);
        }
        if (left instanceof Tuple a && right instanceof Tuple b) {
            return equalItems(a.items(), b.items());
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.size() == b.size()
                    && a.entrySet().stream().allMatch(entry -> {
                        Object other = Keys.get(b, PythonValues.fromHost(entry.getKey()));
                        return other != null && equal(PythonValues.fromHost(entry.getValue()), other);
                    });
        }
        if (left instanceof Set<?> a && right instanceof Set<?> b) {
            return a.size() == b.size() && a.stream().allMatch(item -> contains(b, PythonValues.fromHost(item)));
        }
        return Objects.equals(left, right);
    }

    private static boolean equalItems(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(PythonValues.fromHost(left.get(i)), PythonValues.fromHost(right.get(i)))) {
                return false;
            }
        }
        return true;
    }

    static boolean compare(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            default -> ordered(operator, left, right);
        };
    }

    private static boolean ordered(String operator, Object left, Object right) {
        if (left instanceof Double a && a.isNaN() || right instanceof Double b && b.isNaN()) {
            return false;
        }
        if (left instanceof Set<?> a && right instanceof Set<?> b) {
            boolean within = a.stream().allMatch(item -> contains(b, PythonValues.fromHost(item)));
            boolean around = b.stream().allMatch(item -> contains(a, PythonValues.fromHost(item)));
            return switch (operator) {
                case "<" -> within && !around;
                case "<=" -> within;
                case ">" -> around && !within;
                default -> around;
            };
        }
        int order = order(operator, left, right);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /** For sorting: refuses what Python's {@code <} refuses. */
    static int order(Object left, Object right) {
        return order("<", left, right);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static int order(String operator, Object left, Object right) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        if (left instanceof String a && right instanceof String b) {
            return CodePoints.compare(a, b);
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return orderItems(operator, a, b);
        }
        if (left instanceof Tuple a && right instanceof Tuple b) {
            return orderItems(operator, a.items(), b.items());
        }
        PythonValues.requireDefined(left);
        PythonValues.requireDefined(right);
        if (left instanceof JinjaObject && left instanceof Comparable a && left.getClass() == right.getClass()) {
            return a.compareTo(right);
        }
        throw new PythonError("'" + operator + "' not supported between instances of '" + PythonValues.typeName(left)
                + "' and '" + PythonValues.typeName(right) + "'");
    }

    private static int orderItems(String operator, List<?> left, List<?> right) {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            Object a = PythonValues.fromHost(left.get(i));
            Object b = PythonValues.fromHost(right.get(i));
            if (!equal(a, b)) {
                return order(operator, a, b);
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    static boolean contains(Object container, Object wanted) {
        if (container instanceof String text) {
            if (wanted instanceof String part) {
                return text.contains(part);
            }
            PythonValues.requireDefined(wanted);
            throw new PythonError(
                    "'in <string>' requires string as left operand, not " + PythonValues.typeName(wanted));
        }
        if (container instanceof Map<?, ?> map) {
            return Keys.contains(map, wanted);
        }
        if (container instanceof PythonSet set) {
            return set.contains(Keys.hashable(wanted));
        }
        if (container instanceof PythonRange range) {
            return range.contains(wanted);
        }
        if (!PythonValues.isIterable(container)) {
            throw new PythonError("argument of type '" + PythonValues.typeName(container) + "' is not iterable");
        }
        for (Iterator<Object> items = PythonValues.iterator(container); items.hasNext(); ) {
            if (equal(items.next(), wanted)) {
                return true;
            }
        }
        return false;
    }
}
