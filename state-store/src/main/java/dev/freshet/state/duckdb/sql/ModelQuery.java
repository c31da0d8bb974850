package dev.freshet.state.duckdb.sql;

import java.util.Optional;

/**
 * The text of a model or of a person's query, made safe to stand inside a statement of ours: exactly one query, without the semicolon at its
 * end. That it reads only is then DuckDB's own rule, which allows nothing that writes inside a subquery.
 */
public final class ModelQuery {

    private ModelQuery() {}

    /**
     * The query without what follows it, or empty when more than one statement, or none, is there. Strings, quoted names, dollar quotes and
     * comments are passed over.
     */
    public static Optional<String> single(String sql) {
        int end = end(sql, 0);
        boolean nothingFollows = end == sql.length() || isBlank(sql, end);
        boolean somethingPrecedes = !isBlank(sql.substring(0, end), 0);
        return nothingFollows && somethingPrecedes ? Optional.of(sql.substring(0, end)) : Optional.empty();
    }

    /** The index of the first semicolon outside of everything quoted, or the length. */
    private static int end(String sql, int from) {
        int i = from;
        while (i < sql.length()) {
            if (sql.charAt(i) == ';') {
                return i;
            }
            i = next(sql, i);
        }
        return sql.length();
    }

    private static boolean isBlank(String sql, int from) {
        int i = from;
        while (i < sql.length()) {
            char c = sql.charAt(i);
            if (c != ';' && !Character.isWhitespace(c) && !isComment(sql, i)) {
                return false;
            }
            i = next(sql, i);
        }
        return true;
    }

    private static boolean isComment(String sql, int i) {
        return sql.startsWith("--", i) || sql.startsWith("/*", i);
    }

    /** The index after the token part that begins at {@code i}. */
    private static int next(String sql, int i) {
        char c = sql.charAt(i);
        if (c == '\'' || c == '"') {
            boolean escapes = c == '\''
                    && i > 0
                    && (sql.charAt(i - 1) == 'e' || sql.charAt(i - 1) == 'E')
                    && !isNamePart(sql, i - 2);
            return afterQuoted(sql, i, c, escapes);
        }
        if (sql.startsWith("--", i)) {
            int line = sql.indexOf('\n', i);
            return line < 0 ? sql.length() : line + 1;
        }
        if (sql.startsWith("/*", i)) {
            return afterBlockComment(sql, i);
        }
        if (c == '$' && !isNamePart(sql, i - 1)) {
            return afterDollarQuoted(sql, i);
        }
        return i + 1;
    }

    private static int afterQuoted(String sql, int i, char quote, boolean escapes) {
        int at = i + 1;
        while (at < sql.length()) {
            if (escapes && sql.charAt(at) == '\\') {
                at += 2;
            } else if (sql.charAt(at) == quote) {
                return at + 1;
            } else {
                at++;
            }
        }
        return sql.length();
    }

    private static int afterBlockComment(String sql, int i) {
        int depth = 0;
        int at = i;
        while (at < sql.length()) {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
                if (depth == 0) {
                    return at;
                }
            } else {
                at++;
            }
        }
        return sql.length();
    }

    private static int afterDollarQuoted(String sql, int i) {
        int at = i + 1;
        while (at < sql.length() && isNamePart(sql, at) && sql.charAt(at) != '$') {
            at++;
        }
        if (at >= sql.length() || sql.charAt(at) != '$') {
            return i + 1;
        }
        String tag = sql.substring(i, at + 1);
        int close = sql.indexOf(tag, at + 1);
        return close < 0 ? sql.length() : close + tag.length();
    }

    private static boolean isNamePart(String sql, int i) {
        return i >= 0 && (Character.isLetterOrDigit(sql.charAt(i)) || sql.charAt(i) == '_' || sql.charAt(i) == '$');
    }
}
