package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to take a string apart. */
final class Splitting {

    private Splitting() {}

    static List<Object> split(String text, Signature.Arguments arguments) {
        int limit = arguments.integer(1) < 0 ? Integer.MAX_VALUE : arguments.integer(1);
        return arguments.isNone(0) ? words(text, limit) : split(text, arguments.string(0), limit);
    }

    static List<Object> split(String text, String separator, int limit) {
        requireSeparator(separator);
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && parts.size() < limit; at = text.indexOf(separator, from)) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    static List<Object> words(String text, int limit) {
        List<Object> words = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < text.length() && CodePoints.isSpace(text.charAt(at))) {
                at++;
            }
            if (at >= text.length()) {
                return words;
            }
            if (words.size() >= limit) {
                words.add(text.substring(at));
                return words;
            }
            int start = at;
            while (at < text.length() && !CodePoints.isSpace(text.charAt(at))) {
                at++;
            }
            words.add(text.substring(start, at));
        }
    }

    static List<Object> splitFromEnd(String text, Signature.Arguments arguments) {
        int limit = arguments.integer(1) < 0 ? Integer.MAX_VALUE : arguments.integer(1);
        return arguments.isNone(0) ? wordsFromEnd(text, limit) : splitFromEnd(text, arguments.string(0), limit);
    }

    static List<Object> splitFromEnd(String text, String separator, int limit) {
        requireSeparator(separator);
        List<Object> parts = new ArrayList<>();
        int end = text.length();
        while (parts.size() < limit && end - separator.length() >= 0) {
            int at = text.lastIndexOf(separator, end - separator.length());
            if (at < 0) {
                break;
            }
            parts.add(text.substring(at + separator.length(), end));
            end = at;
        }
        parts.add(text.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    private static List<Object> wordsFromEnd(String text, int limit) {
        List<Object> words = new ArrayList<>();
        int end = text.length();
        while (true) {
            while (end > 0 && CodePoints.isSpace(text.charAt(end - 1))) {
                end--;
            }
            if (end == 0) {
                break;
            }
            if (words.size() >= limit) {
                words.add(text.substring(0, end));
                break;
            }
            int stop = end;
            while (end > 0 && !CodePoints.isSpace(text.charAt(end - 1))) {
                end--;
            }
            words.add(text.substring(end, stop));
        }
        Collections.reverse(words);
        return words;
    }

    static List<Object> lines(String text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        int start = 0;
        int at = 0;
        while (at < text.length()) {
            char character = text.charAt(at);
            int end = at++;
            if (character == '\r' && at < text.length() && text.charAt(at) == '\n') {
                at++;
            } else if (!(character >= '\n' && character <= '\r')
                    && !(character >= 0x1c && character <= 0x1e)
                    && character != 0x85
                    && character != 0x2028
                    && character != 0x2029) {
                continue;
            }
            lines.add(text.substring(start, keepEnds ? at : end));
            start = at;
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    static Tuple partition(String text, String separator) {
        requireSeparator(separator);
        int at = text.indexOf(separator);
        return at < 0
                ? Tuple.of(text, "", "")
                : Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    static Tuple partitionFromEnd(String text, String separator) {
        requireSeparator(separator);
        int at = text.lastIndexOf(separator);
        return at < 0
                ? Tuple.of("", "", text)
                : Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static void requireSeparator(String separator) {
        if (separator.isEmpty()) {
            throw new PythonError("empty separator");
        }
    }
}
