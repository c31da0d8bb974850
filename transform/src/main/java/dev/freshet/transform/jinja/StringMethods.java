package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** The methods of str. */
final class StringMethods {

    static final Methods.Table<String> TABLE = new Methods.Table<String>()
            .add("upper", "", (text, arguments) -> text.toUpperCase(Locale.ROOT))
            .add("lower", "", (text, arguments) -> text.toLowerCase(Locale.ROOT))
            .add("casefold", "", (text, arguments) -> text.toUpperCase(Locale.ROOT)
                    .toLowerCase(Locale.ROOT))
            .add("swapcase", "", (text, arguments) -> swapCase(text))
            .add("title", "", (text, arguments) -> title(text))
            .add("capitalize", "", (text, arguments) -> capitalize(text))
            .add("strip", "chars=None", (text, arguments) -> strip(text, arguments, true, true))
            .add("lstrip", "chars=None", (text, arguments) -> strip(text, arguments, true, false))
            .add("rstrip", "chars=None", (text, arguments) -> strip(text, arguments, false, true))
            .add(
                    "removeprefix",
                    "prefix",
                    (text, arguments) -> text.startsWith(arguments.string(0))
                            ? text.substring(arguments.string(0).length())
                            : text)
            .add(
                    "removesuffix",
                    "suffix",
                    (text, arguments) -> text.endsWith(arguments.string(0))
                            ? text.substring(
                                    0, text.length() - arguments.string(0).length())
                            : text)
            .add("split", "sep=None, maxsplit=-1", (text, arguments) -> Splitting.split(text, arguments))
            .add("rsplit", "sep=None, maxsplit=-1", (text, arguments) -> Splitting.splitFromEnd(text, arguments))
            .add("splitlines", "keepends=False", (text, arguments) -> Splitting.lines(text, arguments.isTrue(0)))
            .add("partition", "sep", (text, arguments) -> Splitting.partition(text, arguments.string(0)))
            .add("rpartition", "sep", (text, arguments) -> Splitting.partitionFromEnd(text, arguments.string(0)))
            .add("join", "iterable", (text, arguments) -> join(text, arguments.value(0)))
            .add(
                    "replace",
                    "old, new, count=-1",
                    (text, arguments) -> replace(text, arguments.string(0), arguments.string(1), arguments.integer(2)))
            .add("startswith", "prefix, start=0, end=None", (text, arguments) -> matches(text, arguments, "startswith"))
            .add("endswith", "suffix, start=0, end=None", (text, arguments) -> matches(text, arguments, "endswith"))
            .add("find", "sub, start=0, end=None", (text, arguments) -> find(text, arguments, false))
            .add("rfind", "sub, start=0, end=None", (text, arguments) -> find(text, arguments, true))
            .add("index", "sub, start=0, end=None", (text, arguments) -> found(find(text, arguments, false)))
            .add("rindex", "sub, start=0, end=None", (text, arguments) -> found(find(text, arguments, true)))
            .add(
                    "count",
                    "sub, start=0, end=None",
                    (text, arguments) -> count(within(text, arguments), arguments.string(0)))
            .add("zfill", "width", (text, arguments) -> zeroFilled(text, arguments.integer(0)))
            .add(
                    "ljust",
                    "width, fillchar=' '",
                    (text, arguments) -> justify(text, arguments.integer(0), fill(arguments), '<'))
            .add(
                    "rjust",
                    "width, fillchar=' '",
                    (text, arguments) -> justify(text, arguments.integer(0), fill(arguments), '>'))
            .add(
                    "center",
                    "width, fillchar=' '",
                    (text, arguments) -> center(text, arguments.integer(0), fill(arguments)))
            .add("expandtabs", "tabsize=8", (text, arguments) -> expandTabs(text, arguments.integer(0)))
            .add(
                    "format",
                    "*values, **named",
                    (text, arguments) -> BraceFormat.format(text, arguments.rest(), arguments.keywords()))
            .add(
                    "format_map",
                    "mapping",
                    (text, arguments) -> BraceFormat.format(text, List.of(), named(arguments.value(0))))
            .add("isdigit", "", (text, arguments) -> all(text, Character::isDigit))
            .add("isdecimal", "", (text, arguments) -> all(text, Character::isDigit))
            .add(
                    "isnumeric",
                    "",
                    (text, arguments) -> all(
                            text,
                            point -> Character.isDigit(point)
                                    || Character.getType(point) == Character.OTHER_NUMBER
                                    || Character.getType(point) == Character.LETTER_NUMBER))
            .add("isalpha", "", (text, arguments) -> all(text, Character::isLetter))
            .add("isalnum", "", (text, arguments) -> all(text, Character::isLetterOrDigit))
            .add("isspace", "", (text, arguments) -> all(text, CodePoints::isSpace))
            .add(
                    "isidentifier",
                    "",
                    (text, arguments) -> !text.isEmpty()
                            && (Character.isLetter(text.codePointAt(0)) || text.charAt(0) == '_')
                            && all(text, point -> Character.isLetterOrDigit(point) || point == '_'))
            .add("isascii", "", (text, arguments) -> text.codePoints().allMatch(point -> point < 128))
            .add("isprintable", "", (text, arguments) -> text.codePoints()
                    .allMatch(point -> point >= 32 && point != 127 && PythonText.isPrintable(point)))
            .add("islower", "", (text, arguments) -> isLower(text))
            .add("isupper", "", (text, arguments) -> isUpper(text))
            .add(
                    "istitle",
                    "",
                    (text, arguments) -> text.codePoints().anyMatch(Character::isLetter)
                            && title(text).equals(text));

    /** Wider than any text meant to be read. */
    private static final int MAX_WIDTH = 1_000_000;

    private StringMethods() {}

    /** @throws PythonError if the width is larger than 1,000,000 */
    static int requireWidth(int width) {
        if (width > MAX_WIDTH) {
            throw new PythonError("a width is larger than " + MAX_WIDTH);
        }
        return width;
    }

    private static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    static boolean isLower(String text) {
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(point -> Character.isUpperCase(point) || Character.isTitleCase(point));
    }

    static boolean isUpper(String text) {
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(point -> Character.isLowerCase(point) || Character.isTitleCase(point));
    }

    private static String swapCase(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(point -> {
            String character = Character.toString(point);
            out.append(
                    Character.isUpperCase(point)
                            ? character.toLowerCase(Locale.ROOT)
                            : character.toUpperCase(Locale.ROOT));
        });
        return out.toString();
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int point : text.codePoints().toArray()) {
            String character = Character.toString(point);
            out.append(inWord ? character.toLowerCase(Locale.ROOT) : character.toUpperCase(Locale.ROOT));
            inWord = Character.isLetter(point);
        }
        return out.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String strip(String text, Signature.Arguments arguments, boolean left, boolean right) {
        if (arguments.isNone(0)) {
            return strip(text, CodePoints::isSpace, left, right);
        }
        String characters = arguments.string(0);
        return strip(text, point -> characters.indexOf(point) >= 0, left, right);
    }

    static String strip(String text, IntPredicate stripped, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && stripped.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && end > start && stripped.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    private static String join(String separator, Object items) {
        List<String> parts = new ArrayList<>();
        PythonValues.iterator(items).forEachRemaining(item -> {
            PythonValues.requireDefined(item);
            if (!(item instanceof String part)) {
                throw new PythonError("join(): item " + parts.size() + " is " + PythonValues.typeName(item)
                        + ", not str; the filter join takes any values");
            }
            parts.add(part);
        });
        return String.join(separator, parts);
    }

    static String replace(String text, String old, String replacement, int count) {
        if (count < 0) {
            if (!old.isEmpty()) {
                return text.replace(old, replacement);
            }
            count = Integer.MAX_VALUE;
        }
        StringBuilder out = new StringBuilder();
        int from = 0;
        for (int done = 0; done < count; done++) {
            int at = text.indexOf(old, old.isEmpty() && done > 0 ? from + 1 : from);
            if (at < 0 || (old.isEmpty() && done > text.length())) {
                break;
            }
            out.append(text, from, at).append(replacement);
            from = at + old.length();
            if (old.isEmpty() && at >= text.length()) {
                break;
            }
        }
        return out.append(text.substring(from)).toString();
    }

    private static boolean matches(String text, Signature.Arguments arguments, String method) {
        String part = within(text, arguments);
        Object wanted = PythonValues.requireDefined(arguments.value(0));
        Iterable<Object> candidates = wanted instanceof Tuple tuple ? tuple : List.of(wanted);
        for (Object candidate : candidates) {
            if (!(candidate instanceof String affix)) {
                throw new PythonError(
                        method + " first arg must be str or a tuple of str, not " + PythonValues.typeName(wanted));
            }
            if (method.equals("startswith") ? part.startsWith(affix) : part.endsWith(affix)) {
                return true;
            }
        }
        return false;
    }

    private static String within(String text, Signature.Arguments arguments) {
        if (arguments.value(1).equals(0L) && arguments.isNone(2)) {
            return text;
        }
        return (String) Slices.slice(text, arguments.value(1), arguments.value(2), None.NONE, UndefinedPolicy.RENDER);
    }

    private static int find(String text, Signature.Arguments arguments, boolean fromEnd) {
        String part = within(text, arguments);
        int found = fromEnd ? part.lastIndexOf(arguments.string(0)) : part.indexOf(arguments.string(0));
        int start = arguments.isNone(1) ? 0 : arguments.integer(1);
        int offset = start < 0 ? Math.max(0, start + CodePoints.length(text)) : start;
        return found < 0 ? -1 : CodePoints.index(part, found) + offset;
    }

    private static int found(int index) {
        if (index < 0) {
            throw new PythonError("substring not found");
        }
        return index;
    }

    private static int count(String text, String part) {
        if (part.isEmpty()) {
            return CodePoints.length(text) + 1;
        }
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static String zeroFilled(String text, int width) {
        int missing = requireWidth(width) - CodePoints.length(text);
        if (missing <= 0) {
            return text;
        }
        boolean signed = text.startsWith("+") || text.startsWith("-");
        return (signed ? text.substring(0, 1) : "") + "0".repeat(missing) + (signed ? text.substring(1) : text);
    }

    private static String fill(Signature.Arguments arguments) {
        String fill = arguments.string(1);
        if (CodePoints.length(fill) != 1) {
            throw new PythonError("the fill character must be exactly one character long");
        }
        return fill;
    }

    static String justify(String text, int width, String fill, char alignment) {
        int missing = Math.max(0, requireWidth(width) - CodePoints.length(text));
        int left = alignment == '<' ? 0 : alignment == '>' ? missing : missing / 2;
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    /** {@code str.center} puts an odd space left of a text when the width is odd; format's {@code ^} always puts it right. */
    static String center(String text, int width, String fill) {
        int missing = Math.max(0, requireWidth(width) - CodePoints.length(text));
        int left = missing / 2 + (missing & width & 1);
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private static String expandTabs(String text, int size) {
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (int point : text.codePoints().toArray()) {
            if (point == '\t') {
                int spaces = requireWidth(size) <= 0 ? 0 : size - column % size;
                out.append(" ".repeat(spaces));
                column += spaces;
            } else {
                out.appendCodePoint(point);
                column = point == '\n' || point == '\r' ? 0 : column + 1;
            }
        }
        return out.toString();
    }

    private static Map<String, Object> named(Object mapping) {
        Map<String, Object> named = new java.util.LinkedHashMap<>();
        DictionaryMethods.dictionary("format_map", List.of(mapping), Map.of())
                .forEach((key, value) -> named.put(PythonValues.text(key), value));
        return named;
    }
}
