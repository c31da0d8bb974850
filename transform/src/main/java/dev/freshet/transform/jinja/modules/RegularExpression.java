package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonIterator;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.jinja.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** A compiled pattern of {@code re}, translated from Python's dialect. */
final class RegularExpression implements JinjaObject {

    static final int IGNORECASE = 2;
    static final int MULTILINE = 8;
    static final int DOTALL = 16;
    static final int VERBOSE = 64;
    static final int ASCII = 256;

    private static final Pattern INLINE_FLAGS = Pattern.compile("\\(\\?([aiLmsux]+)\\)");
    /** Any other brace is a brace. */
    private static final Pattern QUANTIFIER = Pattern.compile("\\{(\\d+(,\\d*)?|,\\d+)\\}");

    private final String source;
    private final Pattern pattern;
    /** Python's group names, which may hold underscores, and the numbers of their groups. */
    private final Map<String, Integer> names;

    private RegularExpression(String source, Pattern pattern, Map<String, Integer> names) {
        this.source = source;
        this.pattern = pattern;
        this.names = names;
    }

    /** The text after a substitution, and how many were made. */
    record Substitution(String text, long count) {
        Tuple pair() {
            return Tuple.of(text, count);
        }
    }

    static RegularExpression compile(String source, int given) {
        Map<String, Integer> names = new LinkedHashMap<>();
        Matcher inline = INLINE_FLAGS.matcher(source);
        String body = source;
        int flags = given;
        if (inline.lookingAt()) {
            body = source.substring(inline.end());
            flags |= flags(inline.group(1));
        }
        String translated = translate((flags & VERBOSE) != 0 ? withoutComments(body) : body, names);
        int options = (flags & ASCII) != 0 ? 0 : Pattern.UNICODE_CHARACTER_CLASS;
        options |= Pattern.UNIX_LINES;
        options |= (flags & IGNORECASE) != 0 ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
        options |= (flags & MULTILINE) != 0 ? Pattern.MULTILINE : 0;
        options |= (flags & DOTALL) != 0 ? Pattern.DOTALL : 0;
        try {
            return new RegularExpression(source, Pattern.compile(translated, options), names);
        } catch (PatternSyntaxException e) {
            throw new PythonError(
                    "the regular expression " + PythonValues.repr(source) + " is invalid: " + e.getDescription());
        }
    }

    private static int flags(String letters) {
        int flags = 0;
        for (char letter : letters.toCharArray()) {
            flags |= switch (letter) {
                case 'i' -> IGNORECASE;
                case 'm' -> MULTILINE;
                case 's' -> DOTALL;
                case 'x' -> VERBOSE;
                case 'a' -> ASCII;
                default -> 0;
            };
        }
        return flags;
    }

    /** A verbose pattern without its space and comments. Java's own mode drops the space in classes too. */
    private static String withoutComments(String source) {
        StringBuilder out = new StringBuilder();
        boolean inClass = false;
        for (int i = 0; i < source.length(); i++) {
            char character = source.charAt(i);
            if (character == '\\' && i + 1 < source.length()) {
                out.append(character).append(source.charAt(++i));
            } else if (inClass) {
                inClass = character != ']';
                out.append(character);
            } else if (character == '#') {
                int end = source.indexOf('\n', i);
                i = end < 0 ? source.length() : end;
            } else if (!Character.isWhitespace(character)) {
                inClass = character == '[';
                out.append(character);
            }
        }
        return out.toString();
    }

    /** Named groups become numbered ones; {@code \Z} and brackets inside classes are written differently in Java. */
    private static String translate(String source, Map<String, Integer> names) {
        StringBuilder out = new StringBuilder();
        int groups = 0;
        boolean inClass = false;
        for (int i = 0; i < source.length(); i++) {
            char character = source.charAt(i);
            if (character == '\\' && i + 1 < source.length()) {
                char escaped = source.charAt(++i);
                out.append(escaped == 'Z' ? "\\z" : "\\" + escaped);
            } else if (inClass) {
                inClass = character != ']';
                out.append(
                        character == '[' || (character == '&' && source.startsWith("&&", i))
                                ? "\\" + character
                                : String.valueOf(character));
            } else if (character == '[') {
                inClass = true;
                boolean negated = source.startsWith("^", i + 1);
                i += negated ? 1 : 0;
                boolean bracket = source.startsWith("]", i + 1);
                i += bracket ? 1 : 0;
                out.append(negated ? "[^" : "[").append(bracket ? "\\]" : "");
            } else if (source.startsWith("(?P<", i)) {
                int end = source.indexOf('>', i);
                groups++;
                names.put(end < 0 ? "" : source.substring(i + 4, end), groups);
                out.append('(');
                i = end < 0 ? source.length() : end;
            } else if (source.startsWith("(?P=", i)) {
                int end = source.indexOf(')', i);
                Integer number = end < 0 ? null : names.get(source.substring(i + 4, end));
                if (number == null) {
                    throw new PythonError(
                            "the regular expression " + PythonValues.repr(source) + " refers to an unknown group");
                }
                out.append("(?:\\").append(number).append(')');
                i = end;
            } else if (character == '{'
                    && !QUANTIFIER.matcher(source).region(i, source.length()).lookingAt()) {
                out.append("\\{");
            } else if (source.startsWith("{,", i)) {
                out.append("{0");
            } else {
                groups += character == '(' && !source.startsWith("(?", i) ? 1 : 0;
                out.append(character);
            }
        }
        return out.toString();
    }

    private Object found(Matcher matcher, boolean matched, String text) {
        return matched ? new Match(this, text, matcher.toMatchResult(), names) : None.NONE;
    }

    Object match(String text) {
        Matcher matcher = pattern.matcher(text);
        return found(matcher, matcher.lookingAt(), text);
    }

    Object fullMatch(String text) {
        Matcher matcher = pattern.matcher(text);
        return found(matcher, matcher.matches(), text);
    }

    Object search(String text) {
        Matcher matcher = pattern.matcher(text);
        return found(matcher, matcher.find(), text);
    }

    List<Object> matches(String text) {
        List<Object> matches = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            matches.add(found(matcher, true, text));
        }
        return matches;
    }

    /** The whole match, its only group, or a tuple of its groups. */
    List<Object> findAll(String text) {
        List<Object> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            List<Object> groups = new ArrayList<>();
            for (int group = matcher.groupCount() > 0 ? 1 : 0; group <= matcher.groupCount(); group++) {
                groups.add(matcher.group(group) == null ? "" : matcher.group(group));
            }
            found.add(groups.size() == 1 ? groups.get(0) : new Tuple(groups));
        }
        return found;
    }

    List<Object> split(String text, int limit) {
        List<Object> parts = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        int from = 0;
        for (int splits = 0; (limit <= 0 || splits < limit) && matcher.find(); splits++) {
            parts.add(text.substring(from, matcher.start()));
            for (int group = 1; group <= matcher.groupCount(); group++) {
                parts.add(matcher.group(group) == null ? None.NONE : matcher.group(group));
            }
            from = matcher.end();
        }
        parts.add(text.substring(from));
        return parts;
    }

    Substitution substitute(CallContext context, Object replacement, String text, int limit) {
        StringBuilder out = new StringBuilder();
        Matcher matcher = pattern.matcher(text);
        int from = 0;
        long count = 0;
        while ((limit <= 0 || count < limit) && matcher.find()) {
            out.append(text, from, matcher.start());
            if (replacement instanceof String template) {
                out.append(expanded(template, matcher));
            } else {
                out.append(PythonValues.text(context.call(replacement, List.of(found(matcher, true, text)), Map.of())));
            }
            from = matcher.end();
            count++;
        }
        return new Substitution(out.append(text.substring(from)).toString(), count);
    }

    private String expanded(String template, Matcher matcher) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < template.length(); i++) {
            char character = template.charAt(i);
            if (character != '\\' || i + 1 == template.length()) {
                out.append(character);
                continue;
            }
            char code = template.charAt(++i);
            int end = template.indexOf('>', i);
            if (code == 'g' && template.startsWith("<", i + 1) && end > 0) {
                out.append(group(matcher, template.substring(i + 2, end)));
                i = end;
            } else if (code >= '1' && code <= '9') {
                boolean two = i + 1 < template.length() && Character.isDigit(template.charAt(i + 1));
                out.append(group(matcher, template.substring(i, i + (two ? 2 : 1))));
                i += two ? 1 : 0;
            } else if (code == 'n' || code == 't' || code == 'r' || code == '\\') {
                out.append(code == 'n' ? '\n' : code == 't' ? '\t' : code == 'r' ? '\r' : '\\');
            } else if (Character.isLetter(code)) {
                throw new PythonError("bad escape \\" + code + " in a replacement");
            } else {
                out.append('\\').append(code);
            }
        }
        return out.toString();
    }

    private String group(Matcher matcher, String reference) {
        Integer number = names.get(reference);
        int group = number != null
                ? number
                : reference.chars().allMatch(Character::isDigit) && reference.length() < 4
                        ? Integer.parseInt(reference)
                        : -1;
        if (group < 0 || group > matcher.groupCount()) {
            throw new PythonError("invalid group reference '" + reference + "' in a replacement");
        }
        return matcher.group(group) == null ? "" : matcher.group(group);
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "pattern" -> source;
            case "groups" -> pattern.matcher("").groupCount();
            case "match" -> JinjaFunction.of(name, "string", (context, arguments) -> match(arguments.string(0)));
            case "fullmatch" ->
                JinjaFunction.of(name, "string", (context, arguments) -> fullMatch(arguments.string(0)));
            case "search" -> JinjaFunction.of(name, "string", (context, arguments) -> search(arguments.string(0)));
            case "findall" -> JinjaFunction.of(name, "string", (context, arguments) -> findAll(arguments.string(0)));
            case "finditer" ->
                JinjaFunction.of(
                        name,
                        "string",
                        (context, arguments) -> new PythonIterator(
                                "callable_iterator",
                                matches(arguments.string(0)).iterator()));
            case "split" ->
                JinjaFunction.of(
                        name,
                        "string, maxsplit=0",
                        (context, arguments) -> split(arguments.string(0), arguments.integer(1)));
            case "sub" ->
                JinjaFunction.of(name, "repl, string, count=0", (context, arguments) -> substitute(
                                context, arguments.value(0), arguments.string(1), arguments.integer(2))
                        .text());
            case "subn" ->
                JinjaFunction.of(name, "repl, string, count=0", (context, arguments) -> substitute(
                                context, arguments.value(0), arguments.string(1), arguments.integer(2))
                        .pair());
            default -> Undefined.UNDEFINED;
        };
    }

    @Override
    public String text() {
        return "re.compile(" + PythonValues.repr(source) + ")";
    }

    @Override
    public String typeName() {
        return "re.Pattern";
    }
}
