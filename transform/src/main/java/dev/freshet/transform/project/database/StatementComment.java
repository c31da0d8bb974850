package dev.freshet.transform.project.database;

/**
 * What stands beside every statement, so that a database's log tells whose it was.
 *
 * @param text empty for nothing
 * @param isAppended whether it stands behind the statement, not before it
 */
public record StatementComment(String text, boolean isAppended) {

    public static final StatementComment NONE = new StatementComment("", false);

    String beside(String sql) {
        if (text.isEmpty()) {
            return sql;
        }
        if (!isAppended) {
            return "/* " + text + " */\n" + sql;
        }
        String bare = sql.stripTrailing();
        if (bare.endsWith(";")) {
            return bare.substring(0, bare.length() - 1) + "\n/* " + text + " */;";
        }
        return bare + "\n/* " + text + " */";
    }
}
