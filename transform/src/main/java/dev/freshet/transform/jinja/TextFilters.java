package dev.freshet.transform.jinja;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Filters on text. */
final class TextFilters {

    private static final Pattern WORD_STARTS = Pattern.compile("([-\\s({\\[<]+)", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORDS = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern COMMENTS = Pattern.compile("<!--.*?-->", Pattern.DOTALL);
    private static final Pattern ELEMENTS = Pattern.compile("<.*?>", Pattern.DOTALL);
    private static final Pattern UNFIT_FOR_ATTRIBUTE = Pattern.compile("[\\s/>=]");

    private TextFilters() {}

    static Filters.Table table() {
        return new Filters.Table()
                .add("upper", "", (value, arguments) -> PythonValues.text(value).toUpperCase(Locale.ROOT))
                .add("lower", "", (value, arguments) -> PythonValues.text(value).toLowerCase(Locale.ROOT))
                .add("capitalize", "", (value, arguments) -> StringMethods.capitalize(PythonValues.text(value)))
                .add("title", "", (value, arguments) -> title(PythonValues.text(value)))
                .add("string", "", (value, arguments) -> PythonValues.text(value))
                .add("safe", "", (value, arguments) -> PythonValues.text(value))
                .add("escape", "", (value, arguments) -> escape(PythonValues.text(value)))
                .alias("e", "escape")
                .alias("forceescape", "escape")
                .add("trim", "chars=None", (value, arguments) -> trim(PythonValues.text(value), arguments))
                .add(
                        "replace",
                        "old, new, count=None",
                        (value, arguments) -> StringMethods.replace(
                                PythonValues.text(value),
                                arguments.text(0),
                                arguments.text(1),
                                arguments.isNone(2) ? -1 : arguments.integer(2)))
                .add(
                        "center",
                        "width=80",
                        (value, arguments) -> StringMethods.center(PythonValues.text(value), arguments.integer(0), " "))
                .add("indent", "width=4, first=False, blank=False", TextFilters::indent)
                .add("truncate", "length=255, killwords=False, end='...', leeway=None", TextFilters::truncate)
                .add(
                        "wordwrap",
                        "width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True",
                        (value, arguments) -> WordWrap.wrap(
                                requireText(value, "wordwrap"),
                                arguments.integer(0),
                                arguments.isTrue(1),
                                arguments.isNone(2) ? "\n" : arguments.string(2),
                                arguments.isTrue(3)))
                .add("wordcount", "", (value, arguments) -> WORDS.matcher(PythonValues.text(value))
                        .results()
                        .count())
                .add("striptags", "", (value, arguments) -> stripTags(PythonValues.text(value)))
                .add("format", "*values, **named", TextFilters::format)
                .add("urlencode", "", (value, arguments) -> urlEncode(value))
                .add("xmlattr", "autospace=True", TextFilters::xmlAttributes);
    }

    static String requireText(Object value, String filter) {
        PythonValues.requireDefined(value);
        if (value instanceof String text) {
            return text;
        }
        throw new PythonError("the filter " + filter + " takes text, not " + PythonValues.typeName(value));
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        Matcher separators = WORD_STARTS.matcher(text);
        int from = 0;
        while (separators.find()) {
            out.append(StringMethods.capitalize(text.substring(from, separators.start())))
                    .append(separators.group());
            from = separators.end();
        }
        return out.append(StringMethods.capitalize(text.substring(from))).toString();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static String trim(String text, Signature.Arguments arguments) {
        if (arguments.isNone(0)) {
            return StringMethods.strip(text, CodePoints::isSpace, true, true);
        }
        String characters = arguments.string(0);
        return StringMethods.strip(text, point -> characters.indexOf(point) >= 0, true, true);
    }

    private static Object indent(Object value, Signature.Arguments arguments) {
        String text = requireText(value, "indent");
        String indentation = arguments.value(0) instanceof String given
                ? given
                : " ".repeat(Math.max(0, StringMethods.requireWidth(arguments.integer(0))));
        // Splitting drops one line end, so that this keeps an empty last line.
        List<Object> lines = Splitting.lines(text + "\n", false);
        StringBuilder out = new StringBuilder(arguments.isTrue(1) ? indentation : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            if (i > 0) {
                out.append('\n').append(line.isEmpty() && !arguments.isTrue(2) ? "" : indentation);
            }
            out.append(line);
        }
        return out.toString();
    }

    private static Object truncate(Object value, Signature.Arguments arguments) {
        String text = requireText(value, "truncate");
        int length = arguments.integer(0);
        String end = arguments.string(2);
        int leeway = arguments.isNone(3) ? 5 : arguments.integer(3);
        int endLength = CodePoints.length(end);
        if (length < endLength || leeway < 0) {
            throw new PythonError("truncate: expected a length of at least " + endLength
                    + " and a leeway of at least 0, got " + length + " and " + leeway);
        }
        if (CodePoints.length(text) <= length + leeway) {
            return text;
        }
        String cut = CodePoints.substring(text, 0, length - endLength);
        if (!arguments.isTrue(1)) {
            cut = (String) Splitting.splitFromEnd(cut, " ", 1).get(0);
        }
        return cut + end;
    }

    private static String stripTags(String text) {
        String plain = ELEMENTS.matcher(COMMENTS.matcher(text).replaceAll("")).replaceAll("");
        List<String> words = new ArrayList<>();
        Splitting.words(plain, Integer.MAX_VALUE).forEach(word -> words.add((String) word));
        return String.join(" ", words)
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#39;", "'")
                .replace("&#34;", "\"")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }

    private static Object format(Object value, Signature.Arguments arguments) {
        if (!arguments.rest().isEmpty() && !arguments.keywords().isEmpty()) {
            throw new PythonError("the filter format takes positional or keyword arguments, not both");
        }
        Object values = arguments.keywords().isEmpty() ? new Tuple(arguments.rest()) : arguments.keywords();
        return PercentFormat.format(PythonValues.text(value), values);
    }

    private static Object urlEncode(Object value) {
        if (value instanceof String || !PythonValues.isIterable(value)) {
            return quoted(PythonValues.text(value)).replace("%2F", "/");
        }
        List<String> pairs = new ArrayList<>();
        Object items = value instanceof Map<?, ?> map ? new DictionaryView(map, DictionaryView.Part.ITEMS) : value;
        PythonValues.iterator(items).forEachRemaining(item -> {
            List<Object> pair = PythonValues.list(item);
            if (pair.size() != 2) {
                throw new PythonError("the filter urlencode takes text, a dictionary or pairs");
            }
            pairs.add(quoted(PythonValues.text(pair.get(0))).replace("%20", "+") + "="
                    + quoted(PythonValues.text(pair.get(1))).replace("%20", "+"));
        });
        return String.join("&", pairs);
    }

    private static String quoted(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static Object xmlAttributes(Object value, Signature.Arguments arguments) {
        if (!(PythonValues.requireDefined(value) instanceof Map<?, ?> map)) {
            throw new PythonError("the filter xmlattr takes a dictionary, not " + PythonValues.typeName(value));
        }
        List<String> attributes = new ArrayList<>();
        map.forEach((key, content) -> {
            Object held = PythonValues.fromHost(content);
            if (held == None.NONE || held instanceof Undefined) {
                return;
            }
            String name = PythonValues.text(PythonValues.fromHost(key));
            if (UNFIT_FOR_ATTRIBUTE.matcher(name).find()) {
                throw new PythonError("invalid character in attribute name: " + PythonValues.repr(name));
            }
            attributes.add(escape(name) + "=\"" + escape(PythonValues.text(held)) + "\"");
        });
        String text = String.join(" ", attributes);
        return arguments.isTrue(0) && !text.isEmpty() ? " " + text : text;
    }
}
