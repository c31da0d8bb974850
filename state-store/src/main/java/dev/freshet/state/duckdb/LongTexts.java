package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Columns of long texts, which are stored without compression. DuckDB unpacks texts by the vector of 2,048 rows, so that reading a few hundred rows of a large
 * table, which each cycle does, unpacks most of a column: of a million texts of 66 bytes 13 ms for 500 rows, and nothing where they lie as they are. Short texts
 * are better compressed: a few milliseconds at most, and what computes all rows reads them faster.
 */
final class LongTexts {

    /** Bytes on the average, counting NULL as none. */
    private static final int LONG = 32;

    /** So many rows are looked at. */
    private static final int SAMPLE = 20_000;

    private static final String COPY = "temp.freshet_copied";

    private static final Set<DataType> TEXTS =
            Set.of(DataType.Simple.VARCHAR, DataType.Simple.JSON, DataType.Simple.BLOB);

    private final Session session;

    LongTexts(Session session) {
        this.session = session;
    }

    /**
     * The columns whose values are long, by the first rows.
     *
     * @param rows a relation, or a query in parentheses
     */
    Set<Column> in(List<Column> columns, String rows) throws SQLException {
        List<Column> texts =
                columns.stream().filter(column -> TEXTS.contains(column.type())).toList();
        if (texts.isEmpty()) {
            return Set.of();
        }
        long[] lengths = session.numbers(
                "SELECT "
                        + SqlText.list(
                                texts,
                                column -> "avg(coalesce("
                                        + (column.type() == DataType.Simple.BLOB ? "octet_length" : "strlen") + "("
                                        + quote(column.name()) + "), 0))::BIGINT")
                        + " FROM (SELECT " + SqlText.names(texts) + " FROM " + rows + " LIMIT " + SAMPLE + ")",
                texts.size());
        Set<Column> found = new HashSet<>();
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] >= LONG) {
                found.add(texts.get(i));
            }
        }
        return found;
    }

    /** The definitions of a table's columns. */
    static String definitions(List<Column> columns, Set<Column> longTexts) {
        return SqlText.list(
                columns,
                column -> quote(column.name()) + " " + column.type().sql()
                        + (longTexts.contains(column) ? " USING COMPRESSION uncompressed" : ""));
    }

    /** Before a mirror gets its first rows. */
    void prepare(Mirror mirror, String rows) throws SQLException {
        Set<Column> texts = in(mirror.schema().columns(), rows);
        if (!texts.isEmpty()) {
            session.execute("DROP TABLE " + mirror.physical());
            session.execute(MirrorTable.creation(mirror, texts));
        }
    }

    /** Once a table was made of a query's result. */
    void settle(String table, List<Column> columns) throws SQLException {
        Set<Column> texts = in(columns, table);
        if (!texts.isEmpty()) {
            session.execute("CREATE OR REPLACE TEMP TABLE " + COPY + " AS SELECT * FROM " + table);
            session.execute("DROP TABLE " + table);
            session.execute("CREATE TABLE " + table + " (" + definitions(columns, texts) + ")");
            session.execute("INSERT INTO " + table + " SELECT * FROM " + COPY);
            session.execute("DROP TABLE " + COPY);
        }
    }
}
