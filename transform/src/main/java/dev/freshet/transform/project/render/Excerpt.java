package dev.freshet.transform.project.render;

import dev.freshet.transform.project.event.EventWindow;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a relation a statement reads: all of it, nothing ({@code --empty}), or the rows of a window of time ({@code --sample}, a microbatch). It is
 * printed as dbt prints it, a sub-query with an alias.
 *
 * @param isEmpty nothing is read
 * @param eventTime the column that tells a row's time
 * @param window empty for all times
 */
public record Excerpt(boolean isEmpty, String eventTime, Optional<EventWindow> window) {

    /** No restriction. */
    public static final Excerpt ALL = new Excerpt(false, "", Optional.empty());

    private static final Pattern ALIAS =
            Pattern.compile("\\) _dbt_(?:limit|et_filter)_subq_[\\w$]+(\\s+)(\"|[A-Za-z_]\\w*)");
    /** What may follow a table that has no alias of its own. */
    private static final Set<String> NO_ALIASES = Set.of(
            "where",
            "join",
            "inner",
            "left",
            "right",
            "full",
            "cross",
            "natural",
            "on",
            "using",
            "group",
            "order",
            "having",
            "limit",
            "offset",
            "fetch",
            "union",
            "intersect",
            "except",
            "window",
            "for",
            "tablesample",
            "asof",
            "positional",
            "semi",
            "anti",
            "qualify",
            "returning",
            "set",
            "when",
            "then",
            "end");

    String of(String rendered, String identifier) {
        String text = rendered;
        String name = identifier.replaceAll("\\W", "_");
        if (isEmpty) {
            text = "(select * from " + text + " where false limit 0) _dbt_limit_subq_" + name;
        }
        if (window.isPresent()) {
            text = "(select * from " + text + " where " + eventTime + " >= '"
                    + window.get().startText() + "' and " + eventTime + " < '"
                    + window.get().endText() + "') _dbt_et_filter_subq_" + name;
        }
        return text;
    }

    /** A text without the aliases of sub-queries that the author gives one, where dbt leaves two, which no database takes. */
    public static String withoutDoubleAliases(String sql) {
        if (!sql.contains("_subq_")) {
            return sql;
        }
        Matcher matcher = ALIAS.matcher(sql);
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            String next = matcher.group(2).toLowerCase(java.util.Locale.ROOT);
            String kept = NO_ALIASES.contains(next) ? matcher.group() : ")" + matcher.group(1) + matcher.group(2);
            matcher.appendReplacement(text, Matcher.quoteReplacement(kept));
        }
        return matcher.appendTail(text).toString();
    }
}
