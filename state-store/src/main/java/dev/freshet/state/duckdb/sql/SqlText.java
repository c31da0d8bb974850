package dev.freshet.state.duckdb.sql;

import dev.freshet.state.Column;
import dev.freshet.state.StateNames;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Pieces of SQL. Identifiers are always quoted; literals only ever come from us or from file names. */
public final class SqlText {

    /** Every column of ours that stands beside a table's own starts like this, and no column of a table may. */
    public static final String RESERVED = "_freshet_";

    /** The column with a row's hash. */
    public static final String ROW_HASH = "_freshet_row_hash";
    /** The column that says how many copies of a row came, or, negative, went. */
    public static final String WEIGHT = StateNames.WEIGHT;
    /** A physical row's number, under a name that no column has. */
    public static final String ROW = "_freshet_rowid";

    /** The column of delta logs with the number of the cut. */
    public static final String CUT = "_freshet_cut";

    /** What DuckDB calls a physical row's number; a column of that name would hide it. */
    private static final String ROW_NUMBER = "rowid";

    private SqlText() {}

    /** Whether a column may not be called so. */
    public static boolean isReserved(String name) {
        String folded = name.toLowerCase(Locale.ROOT);
        return folded.startsWith(RESERVED) || folded.equals(ROW_NUMBER);
    }

    /** An identifier, quoted. */
    public static String quote(String identifier) {
        return StateNames.quote(identifier);
    }

    /** A text as a string literal. */
    public static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** {@code "a", "b"}. */
    public static String names(Collection<Column> columns) {
        return list(columns, column -> quote(column.name()));
    }

    /** {@code x."a", x."b"}. */
    public static String names(String qualifier, Collection<Column> columns) {
        return list(columns, column -> qualifier + "." + quote(column.name()));
    }

    /** {@code "a", "b"}. */
    public static String quoted(Collection<String> identifiers) {
        return identifiers.stream().map(SqlText::quote).collect(Collectors.joining(", "));
    }

    /** {@code x."a", x."b"}. */
    public static String quoted(String qualifier, Collection<String> identifiers) {
        return identifiers.stream().map(name -> qualifier + "." + quote(name)).collect(Collectors.joining(", "));
    }

    /** A text for each column, separated by commas. */
    public static String list(Collection<Column> columns, Function<Column, String> text) {
        return columns.stream().map(text).collect(Collectors.joining(", "));
    }

    /** Equal in these columns, NULL being equal to NULL. */
    public static String same(String left, String right, Collection<String> columns) {
        return columns.stream()
                .map(name -> left + "." + quote(name) + " IS NOT DISTINCT FROM " + right + "." + quote(name))
                .collect(Collectors.joining(" AND "));
    }

    /**
     * Equal in the columns of a source table's key, which hold no NULL. DuckDB looks the few keys of a small side up while it scans the large one,
     * which it does not do for a comparison that lets NULL match.
     */
    public static String sameKey(String left, String right, Collection<String> key) {
        return key.stream()
                .map(name -> left + "." + quote(name) + " = " + right + "." + quote(name))
                .collect(Collectors.joining(" AND "));
    }

    /** Column definitions. */
    public static String definitions(Collection<Column> columns) {
        return list(
                columns, column -> quote(column.name()) + " " + column.type().sql());
    }

    /** A call of read_parquet on exactly these files: characters that mean something in a pattern mean themselves. */
    public static String readParquet(List<Path> files) {
        return "read_parquet(["
                + files.stream()
                        .map(file -> literal(
                                file.toAbsolutePath().normalize().toString().replaceAll("[\\[*?]", "[$0]")))
                        .collect(Collectors.joining(", "))
                + "], union_by_name = true)";
    }
}
