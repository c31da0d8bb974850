package dev.freshet.transform.jinja;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Jinja2's own tests. */
final class Tests {

    static final Map<String, JinjaTest> BUILTIN = builtin();

    private Tests() {}

    private static Map<String, JinjaTest> builtin() {
        Map<String, JinjaTest> tests = new HashMap<>();
        plain(tests, "defined", value -> !(value instanceof Undefined));
        plain(tests, "undefined", value -> value instanceof Undefined);
        plain(tests, "none", value -> value == None.NONE);
        plain(tests, "boolean", value -> value instanceof Boolean);
        plain(tests, "true", value -> value.equals(true));
        plain(tests, "false", value -> value.equals(false));
        plain(tests, "string", value -> value instanceof String);
        plain(tests, "number", Numbers::isNumber);
        plain(tests, "integer", value -> value instanceof Long || value instanceof BigInteger);
        plain(tests, "float", value -> value instanceof Double);
        plain(
                tests,
                "mapping",
                value -> (value instanceof Map<?, ?> || (value instanceof JinjaObject object && object.isMapping())));
        plain(tests, "sequence", Tests::isSequence);
        plain(tests, "iterable", PythonValues::isIterable);
        plain(tests, "callable", PythonValues::isCallable);
        plain(tests, "escaped", value -> false);
        plain(tests, "lower", value -> StringMethods.isLower(PythonValues.text(value)));
        plain(tests, "upper", value -> StringMethods.isUpper(PythonValues.text(value)));
        plain(tests, "odd", value -> Operators.equal(Operators.binary("%", value, 2L), 1L));
        plain(tests, "even", value -> Operators.equal(Operators.binary("%", value, 2L), 0L));
        tests.put(
                "divisibleby",
                test(
                        "divisibleby",
                        "num",
                        (value, arguments) -> Operators.equal(Operators.binary("%", value, arguments.value(0)), 0L)));
        tests.put("sameas", test("sameas", "other", (value, arguments) -> isSame(value, arguments.value(0))));
        tests.put("in", test("in", "seq", (value, arguments) -> Operators.contains(arguments.value(0), value)));
        tests.put(
                "filter",
                (context, value, arguments, keywords) ->
                        value instanceof String name && context.env().filter(name) != null);
        tests.put(
                "test",
                (context, value, arguments, keywords) ->
                        value instanceof String name && context.env().test(name) != null);
        comparison(tests, "==", "==", "eq", "equalto");
        comparison(tests, "!=", "!=", "ne");
        comparison(tests, ">", ">", "gt", "greaterthan");
        comparison(tests, ">=", ">=", "ge");
        comparison(tests, "<", "<", "lt", "lessthan");
        comparison(tests, "<=", "<=", "le");
        return tests;
    }

    private interface Body {
        boolean holds(Object value, Signature.Arguments arguments);
    }

    private static JinjaTest test(String name, String parameters, Body body) {
        Signature signature = Signature.of(name, parameters);
        return (context, value, arguments, keywords) -> body.holds(value, signature.bind(arguments, keywords));
    }

    private static void plain(Map<String, JinjaTest> tests, String name, Predicate<Object> test) {
        tests.put(name, test(name, "", (value, arguments) -> test.test(value)));
    }

    private static void comparison(Map<String, JinjaTest> tests, String operator, String... names) {
        for (String name : names) {
            tests.put(
                    name,
                    test(name, "other", (value, arguments) -> Operators.compare(operator, value, arguments.value(0))));
        }
    }

    private static boolean isSequence(Object value) {
        return value instanceof String
                || value instanceof List
                || value instanceof Tuple
                || value instanceof Map
                || value instanceof PythonRange
                || (value instanceof Undefined);
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(Object value, Object other) {
        // Python keeps one object per small integer and per literal string; which other values share one is an
        // accident.
        boolean isPlain =
                value instanceof Boolean || value instanceof String || value instanceof Long || value == None.NONE;
        return isPlain ? value.equals(other) : value == other;
    }
}
