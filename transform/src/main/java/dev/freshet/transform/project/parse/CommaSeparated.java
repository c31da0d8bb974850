package dev.freshet.transform.project.parse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Comma separated values, as Python reads the fixtures of unit tests: quotes may hold commas and line breaks. */
public final class CommaSeparated {

    private static final char QUOTE = '"';

    private final String text;
    private int at;

    private CommaSeparated(String text) {
        this.text = text;
    }

    /** Those of the first line. */
    public static List<String> values(String text) {
        return new CommaSeparated(text).record();
    }

    /** Rows by column, which the first line names; every value is a text, an empty one is null. */
    static List<Map<String, @Nullable Object>> rows(String text) {
        List<List<String>> records = new CommaSeparated(text).records();
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        if (records.isEmpty()) {
            return rows;
        }
        List<String> header = records.get(0);
        for (List<String> values : records.subList(1, records.size())) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            for (int i = 0; i < header.size(); i++) {
                row.put(header.get(i), i < values.size() && !values.get(i).isEmpty() ? values.get(i) : null);
            }
            rows.add(row);
        }
        return rows;
    }

    private List<List<String>> records() {
        List<List<String>> records = new ArrayList<>();
        while (at < text.length()) {
            List<String> record = record();
            if (!record.equals(List.of(""))) {
                records.add(record);
            }
        }
        return records;
    }

    private List<String> record() {
        List<String> values = new ArrayList<>();
        values.add(value());
        while (at < text.length() && text.charAt(at) == ',') {
            at++;
            values.add(value());
        }
        if (at < text.length() && text.charAt(at) == '\r') {
            at++;
        }
        if (at < text.length() && text.charAt(at) == '\n') {
            at++;
        }
        return values;
    }

    private String value() {
        StringBuilder value = new StringBuilder();
        boolean isQuoted = at < text.length() && text.charAt(at) == QUOTE;
        if (isQuoted) {
            at++;
            readQuoted(value);
        }
        while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
            value.append(text.charAt(at++));
        }
        return value.toString();
    }

    private void readQuoted(StringBuilder value) {
        while (at < text.length()) {
            char letter = text.charAt(at++);
            if (letter == QUOTE) {
                boolean isDoubled = at < text.length() && text.charAt(at) == QUOTE;
                if (!isDoubled) {
                    return;
                }
                at++;
            }
            value.append(letter);
        }
    }
}
