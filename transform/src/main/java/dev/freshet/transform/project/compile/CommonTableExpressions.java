package dev.freshet.transform.project.compile;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Puts ephemeral parents into the SQL that reads them, laid out character for character as dbt lays them out. */
public final class CommonTableExpressions {

    private static final String PREFIX = "__dbt__cte__";

    private CommonTableExpressions() {}

    /** What an ephemeral model is called in the SQL of its readers. */
    public static String name(String model) {
        return PREFIX + model;
    }

    /**
     * @param bodies the SQL of the ephemeral parents by model name, parents before children
     * @return the SQL with the parents in front, merged into a WITH clause that it may begin with
     */
    public static String prepend(Map<String, String> bodies, String sql) {
        if (bodies.isEmpty()) {
            return sql;
        }
        String expressions = bodies.entrySet().stream()
                .map(body -> " " + name(body.getKey()) + " as (\n" + body.getValue() + "\n)")
                .collect(Collectors.joining(", "));
        int first = afterSpace(sql, 0);
        int word = afterSpaceAndComments(sql, first);
        int after = endOfWith(sql, word);
        if (after < 0) {
            return sql.substring(0, first) + "with" + expressions + " " + sql.substring(first);
        }
        int next = afterSpace(sql, after);
        return sql.substring(0, next) + expressions + ", " + sql.substring(next);
    }

    /** The index behind {@code with} or {@code with recursive} at {@code at}, or -1. */
    private static int endOfWith(String sql, int at) {
        if (!isWord(sql, at, "with")) {
            return -1;
        }
        int after = at + 4;
        int second = afterSpaceAndComments(sql, after);
        return isWord(sql, second, "recursive") ? second + 9 : after;
    }

    private static boolean isWord(String sql, int at, String word) {
        int end = at + word.length();
        return end <= sql.length()
                && sql.substring(at, end).toLowerCase(Locale.ROOT).equals(word)
                && (end == sql.length() || !Character.isLetterOrDigit(sql.charAt(end)) && sql.charAt(end) != '_');
    }

    private static int afterSpace(String sql, int from) {
        int at = from;
        while (at < sql.length() && Character.isWhitespace(sql.charAt(at))) {
            at++;
        }
        return at;
    }

    private static int afterSpaceAndComments(String sql, int from) {
        int at = afterSpace(sql, from);
        while (at < sql.length()) {
            int end;
            if (sql.startsWith("--", at)) {
                end = sql.indexOf('\n', at);
            } else if (sql.startsWith("/*", at)) {
                int close = sql.indexOf("*/", at + 2);
                end = close < 0 ? -1 : close + 2;
            } else {
                return at;
            }
            at = end < 0 ? sql.length() : afterSpace(sql, end);
        }
        return at;
    }
}
