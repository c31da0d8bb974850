package dev.freshet.transform.project.render;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads comma separated values as RFC 4180 writes them, with any one character as separator. */
final class SeedFile {

    private final String text;
    private final char separator;
    private int at;

    private SeedFile(String text, char separator) {
        this.text = text;
        this.separator = separator;
    }

    /** The lines of a file, the first its header; a line that is too short is filled with empty values. */
    static List<List<String>> read(Path file, char separator) {
        try {
            String content = Files.readString(file);
            return parse(content.startsWith("\uFEFF") ? content.substring(1) : content, separator, file.toString());
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + file + "' can't be read: " + e.getMessage() + "; it must be UTF-8", e);
        }
    }

    static List<List<String>> parse(String text, char separator, String name) {
        SeedFile file = new SeedFile(text, separator);
        List<List<String>> lines = new ArrayList<>();
        while (file.at < text.length()) {
            List<String> line = file.line();
            if (line.size() > 1 || !line.get(0).isEmpty()) {
                lines.add(line);
            }
        }
        if (lines.isEmpty()) {
            throw new FreshetException(ErrorKind.USER, "'" + name + "' is empty; a seed needs a header line");
        }
        int width = lines.get(0).size();
        for (int i = 1; i < lines.size(); i++) {
            List<String> line = lines.get(i);
            if (line.size() > width) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "row " + i + " of '" + name + "' has " + line.size() + " values, its header " + width
                                + "; put a value that holds the separator in quotes");
            }
            while (line.size() < width) {
                line.add("");
            }
        }
        return lines;
    }

    private List<String> line() {
        List<String> values = new ArrayList<>();
        while (true) {
            values.add(value());
            if (at >= text.length()) {
                return values;
            }
            char end = text.charAt(at++);
            if (end == separator) {
                continue;
            }
            if (end == '\r' && at < text.length() && text.charAt(at) == '\n') {
                at++;
            }
            return values;
        }
    }

    private String value() {
        StringBuilder value = new StringBuilder();
        boolean isQuoted = at < text.length() && text.charAt(at) == '"';
        if (isQuoted) {
            at++;
        }
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isQuoted && c == '"') {
                at++;
                if (at < text.length() && text.charAt(at) == '"') {
                    value.append('"');
                    at++;
                } else {
                    isQuoted = false;
                }
            } else if (!isQuoted && (c == separator || c == '\n' || c == '\r')) {
                break;
            } else {
                value.append(c);
                at++;
            }
        }
        return value.toString();
    }
}
