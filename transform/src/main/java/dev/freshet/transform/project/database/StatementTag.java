package dev.freshet.transform.project.database;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** PostgreSQL's command tag of a statement, which its driver keeps to itself: {@code CREATE TABLE}, {@code INSERT 0 5}, {@code SELECT 3}. */
final class StatementTag {

    private static final Pattern COMMENTS = Pattern.compile("(?s)/\\*.*?\\*/|--[^\\n]*");
    private static final Set<String> COUNTED = Set.of("UPDATE", "DELETE", "MERGE", "COPY", "FETCH", "MOVE");
    private static final Set<String> OBJECTS =
            Set.of("TABLE", "VIEW", "SCHEMA", "INDEX", "FUNCTION", "SEQUENCE", "TYPE", "DATABASE", "ROLE", "EXTENSION");

    private StatementTag() {}

    /** The words of the last statement of a text, in capitals. */
    static List<String> words(String sql) {
        String text = COMMENTS.matcher(sql).replaceAll(" ").strip();
        while (text.endsWith(";")) {
            text = text.substring(0, text.length() - 1).stripTrailing();
        }
        int from = text.lastIndexOf(';') + 1;
        List<String> words = new ArrayList<>();
        for (String word : text.substring(from).strip().toUpperCase(Locale.ROOT).split("[\\s(]+", 12)) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /**
     * The tag without its count.
     *
     * @param count negative when the statement counted nothing
     */
    static String code(List<String> words, long count) {
        if (words.isEmpty()) {
            return "";
        }
        String first = words.get(0);
        return switch (first) {
            case "WITH", "SELECT", "VALUES", "TABLE" -> "SELECT";
            case "CREATE" -> count >= 0 && words.contains("TABLE") && words.contains("AS") ? "SELECT" : object(words);
            case "DROP", "ALTER" -> object(words);
            case "TRUNCATE" -> "TRUNCATE TABLE";
            case "REFRESH" -> "REFRESH MATERIALIZED VIEW";
            case "START" -> "START TRANSACTION";
            default -> first;
        };
    }

    private static String object(List<String> words) {
        String materialized = words.contains("MATERIALIZED") ? " MATERIALIZED" : "";
        for (String word : words) {
            if (OBJECTS.contains(word)) {
                return words.get(0) + materialized + " " + word;
            }
        }
        return words.get(0);
    }

    static String message(String code, long count) {
        if (count < 0) {
            return code;
        }
        return code.equals("INSERT")
                ? "INSERT 0 " + count
                : code.equals("SELECT") || COUNTED.contains(code) ? code + " " + count : code;
    }
}
