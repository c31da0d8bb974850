package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code str.format}: {@code {}}, {@code {0}}, {@code {name.attribute[key]!r:specification}}, and braces written twice. */
final class BraceFormat {

    private static final int MAX_NESTING = 2;

    private final List<Object> values;
    private final Map<String, Object> named;
    private int automatic;

    private BraceFormat(List<Object> values, Map<String, Object> named) {
        this.values = values;
        this.named = named;
    }

    static String format(String template, List<Object> values, Map<String, Object> named) {
        return new BraceFormat(values, named).format(template, MAX_NESTING);
    }

    private String format(String template, int nesting) {
        if (nesting == 0) {
            throw new PythonError("max string recursion exceeded in format()");
        }
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < template.length()) {
            char character = template.charAt(at);
            boolean doubled = at + 1 < template.length() && template.charAt(at + 1) == character;
            if ((character == '{' || character == '}') && doubled) {
                out.append(character);
                at += 2;
            } else if (character == '}') {
                throw new PythonError("single '}' encountered in format string");
            } else if (character == '{') {
                int end = closing(template, at);
                out.append(field(template.substring(at + 1, end), nesting));
                at = end + 1;
            } else {
                out.append(character);
                at++;
            }
        }
        return out.toString();
    }

    private static int closing(String template, int open) {
        int depth = 0;
        for (int at = open; at < template.length(); at++) {
            char character = template.charAt(at);
            depth += character == '{' ? 1 : character == '}' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        throw new PythonError(
                open + 1 == template.length()
                        ? "single '{' encountered in format string"
                        : "expected '}' before end of string");
    }

    private String field(String field, int nesting) {
        int end = 0;
        boolean inBrackets = false;
        while (end < field.length() && (inBrackets || (field.charAt(end) != ':' && field.charAt(end) != '!'))) {
            inBrackets = field.charAt(end) == '[' || (inBrackets && field.charAt(end) != ']');
            end++;
        }
        Object value = value(field.substring(0, end));
        if (end < field.length() && field.charAt(end) == '!') {
            if (end + 1 >= field.length()) {
                throw new PythonError("end of string while looking for conversion specifier");
            }
            value = converted(value, field.charAt(end + 1));
            end += 2;
        }
        String specification =
                end < field.length() ? format(field.substring(end + 1), nesting - 1 == 0 ? 1 : nesting - 1) : "";
        return FormatSpecification.format(value, specification);
    }

    private static Object converted(Object value, char conversion) {
        return switch (conversion) {
            case 'r', 'a' -> PythonValues.repr(value);
            case 's' -> PythonValues.text(value);
            default -> throw new PythonError("unknown conversion specifier '" + conversion + "'");
        };
    }

    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Object value = argument(path.substring(0, end));
        while (end < path.length()) {
            if (path.charAt(end) == '[') {
                int close = path.indexOf(']', end);
                if (close < 0) {
                    throw new PythonError("missing ']' in format string");
                }
                String key = path.substring(end + 1, close);
                value = Members.item(value, isNumber(key) ? Long.valueOf(key) : key, UndefinedPolicy.RENDER);
                end = close + 1;
            } else {
                int next = end + 1;
                while (next < path.length() && path.charAt(next) != '.' && path.charAt(next) != '[') {
                    next++;
                }
                value = Members.attribute(value, path.substring(end + 1, next), UndefinedPolicy.RENDER);
                end = next;
            }
        }
        return value;
    }

    private Object argument(String name) {
        if (name.isEmpty() || isNumber(name)) {
            int index = name.isEmpty() ? automatic++ : Integer.parseInt(name);
            if (index >= values.size()) {
                throw new PythonError(
                        "format(): replacement index " + index + " out of range for positional args tuple");
            }
            return values.get(index);
        }
        @Nullable Object value = named.get(name);
        if (value == null) {
            throw new PythonError(
                    "format(): no value for the name '" + name + "'" + Suggestions.among(name, named.keySet()));
        }
        return value;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() < 10 && text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
    }
}
