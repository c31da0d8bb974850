package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonIterator;
import dev.freshet.transform.jinja.Signature;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code modules.re}. */
final class RegularExpressionModule {

    private RegularExpressionModule() {}

    /** What is done with a compiled pattern; the arguments after it start at index 1. */
    private interface Use {
        Object apply(CallContext context, RegularExpression expression, Signature.Arguments arguments);
    }

    static JinjaObject create() {
        Map<String, Object> members = new LinkedHashMap<>();
        use(
                members,
                "match",
                "string, flags=0",
                (context, expression, arguments) -> expression.match(arguments.string(1)));
        use(
                members,
                "fullmatch",
                "string, flags=0",
                (context, expression, arguments) -> expression.fullMatch(arguments.string(1)));
        use(
                members,
                "search",
                "string, flags=0",
                (context, expression, arguments) -> expression.search(arguments.string(1)));
        use(
                members,
                "findall",
                "string, flags=0",
                (context, expression, arguments) -> expression.findAll(arguments.string(1)));
        use(
                members,
                "finditer",
                "string, flags=0",
                (context, expression, arguments) -> new PythonIterator(
                        "callable_iterator",
                        expression.matches(arguments.string(1)).iterator()));
        use(
                members,
                "split",
                "string, maxsplit=0, flags=0",
                (context, expression, arguments) -> expression.split(arguments.string(1), arguments.integer(2)));
        use(members, "sub", "repl, string, count=0, flags=0", (context, expression, arguments) -> expression
                .substitute(context, arguments.value(1), arguments.string(2), arguments.integer(3))
                .text());
        use(members, "subn", "repl, string, count=0, flags=0", (context, expression, arguments) -> expression
                .substitute(context, arguments.value(1), arguments.string(2), arguments.integer(3))
                .pair());
        members.put(
                "compile",
                JinjaFunction.of(
                        "compile",
                        "pattern, flags=0",
                        (context, arguments) -> expression(arguments.value(0), arguments.integer(1))));
        members.put(
                "escape", JinjaFunction.of("escape", "pattern", (context, arguments) -> escaped(arguments.string(0))));
        flag(members, "IGNORECASE", "I", RegularExpression.IGNORECASE);
        flag(members, "MULTILINE", "M", RegularExpression.MULTILINE);
        flag(members, "DOTALL", "S", RegularExpression.DOTALL);
        flag(members, "VERBOSE", "X", RegularExpression.VERBOSE);
        flag(members, "ASCII", "A", RegularExpression.ASCII);
        flag(members, "UNICODE", "U", 32);
        return new ModuleObject("re", members);
    }

    private static void use(Map<String, Object> members, String name, String parameters, Use use) {
        // The flags come last; the pattern before them all.
        int flags =
                (int) parameters.chars().filter(character -> character == ',').count() + 1;
        members.put(
                name,
                JinjaFunction.of(
                        name,
                        "pattern, " + parameters,
                        (context, arguments) -> use.apply(
                                context, expression(arguments.value(0), arguments.integer(flags)), arguments)));
    }

    private static void flag(Map<String, Object> members, String name, String shortName, int value) {
        members.put(name, (long) value);
        members.put(shortName, (long) value);
    }

    private static RegularExpression expression(Object pattern, int flags) {
        if (pattern instanceof RegularExpression compiled) {
            return compiled;
        }
        if (pattern instanceof String text) {
            return RegularExpression.compile(text, flags);
        }
        throw new PythonError("first argument must be string or compiled pattern");
    }

    private static String escaped(String text) {
        return Pattern.compile("[-\\[\\](){}?*+|^$\\\\.&~# \\t\\n\\r\\x0b\\f]")
                .matcher(text)
                .replaceAll("\\\\$0");
    }
}
