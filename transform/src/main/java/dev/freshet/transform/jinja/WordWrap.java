package dev.freshet.transform.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filter {@code wordwrap}: Python's {@code textwrap} on each line of its own. */
final class WordWrap {

    /** Whitespace, or the pieces a line may be broken into: after hyphens between letters, or only at whitespace. */
    private static final Pattern WITH_HYPHENS = Pattern.compile(
            "\\s+|(?<=[\\w!\"'&.,?])-{2,}(?=\\w)|\\S+?(?:-(?:(?<=[^\\d\\W]{2}-)|(?<=[^\\d\\W]-[^\\d\\W]-))(?=[^\\d\\W]-?[^\\d\\W])|(?=\\s|$)|(?<=[\\w!\"'&.,?])(?=-{2,}\\w))",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final Pattern AT_SPACES = Pattern.compile("\\s+|\\S+", Pattern.UNICODE_CHARACTER_CLASS);

    private WordWrap() {}

    static String wrap(String text, int width, boolean breakLongWords, String separator, boolean breakOnHyphens) {
        if (width <= 0) {
            throw new PythonError("wordwrap: invalid width " + width + " (must be > 0)");
        }
        List<String> wrapped = new ArrayList<>();
        for (Object line : Splitting.lines(text, false)) {
            wrapped.add(String.join(separator, paragraph((String) line, width, breakLongWords, breakOnHyphens)));
        }
        return String.join(separator, wrapped);
    }

    private static List<String> paragraph(String text, int width, boolean breakLongWords, boolean breakOnHyphens) {
        Deque<String> chunks = new ArrayDeque<>();
        Matcher matcher = (breakOnHyphens ? WITH_HYPHENS : AT_SPACES).matcher(text);
        while (matcher.find()) {
            chunks.add(matcher.group());
        }
        List<String> lines = new ArrayList<>();
        while (!chunks.isEmpty()) {
            if (chunks.peek().isBlank() && !lines.isEmpty()) {
                chunks.pop();
            }
            Deque<String> line = new ArrayDeque<>();
            int length = 0;
            while (!chunks.isEmpty() && length + CodePoints.length(chunks.peek()) <= width) {
                length += CodePoints.length(chunks.peek());
                line.addLast(chunks.pop());
            }
            if (!chunks.isEmpty() && CodePoints.length(chunks.peek()) > width) {
                breakLong(chunks, line, width - length, breakLongWords, breakOnHyphens);
            }
            if (!line.isEmpty() && line.peekLast().isBlank()) {
                line.removeLast();
            }
            if (!line.isEmpty()) {
                lines.add(String.join("", line));
            }
        }
        return lines;
    }

    private static void breakLong(
            Deque<String> chunks, Deque<String> line, int room, boolean breakLongWords, boolean breakOnHyphens) {
        if (breakLongWords) {
            String chunk = chunks.pop();
            int cut = Math.max(1, room);
            if (breakOnHyphens && CodePoints.length(chunk) > cut) {
                int hyphen = CodePoints.substring(chunk, 0, cut).lastIndexOf('-');
                if (hyphen > 0 && chunk.substring(0, hyphen).chars().anyMatch(character -> character != '-')) {
                    cut = hyphen + 1;
                }
            }
            line.addLast(CodePoints.substring(chunk, 0, cut));
            chunks.push(CodePoints.substring(chunk, cut, CodePoints.length(chunk)));
        } else if (line.isEmpty()) {
            line.addLast(chunks.pop());
        }
    }
}
