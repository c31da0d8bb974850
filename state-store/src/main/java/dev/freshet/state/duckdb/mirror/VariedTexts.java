package dev.freshet.state.duckdb.mirror;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ColumnTypes;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Columns of many different texts, which are stored without compression. DuckDB packs few different texts with a dictionary, which is small and quick to read;
 * many it packs by what they have in common, and unpacks by the vector of 2,048 rows. Reading a few hundred rows of a large table, which each cycle does, then
 * unpacks most of a column: of two million texts 15 to 25 ms for 800 rows, 5 to 10 ms where they lie as they are.
 */
public final class VariedTexts {

    /** So many rows are looked at. */
    private static final int SAMPLE = 20_000;

    /** Up to so many a dictionary is quick, and a table of no more rows as well. */
    private static final long FEW = 1_000;

    private static final double VARIED = 0.4;

    private static final String COPY = "temp.freshet_copied";

    private static final Set<DataType> TEXTS =
            Set.of(DataType.Simple.VARCHAR, DataType.Simple.JSON, DataType.Simple.BLOB);

    private final Session session;

    /** In the transaction of a session. */
    public VariedTexts(Session session) {
        this.session = session;
    }

    /**
     * Those of many different values, by the first rows.
     *
     * @param texts columns by their names
     * @param rows a relation, or a query in parentheses
     */
    private Set<String> among(List<String> texts, String rows) throws SQLException {
        if (texts.isEmpty()) {
            return Set.of();
        }
        String names = SqlText.quoted(texts);
        long[] counts = session.numbers(
                "SELECT "
                        + texts.stream()
                                .map(SqlText::quote)
                                .map(name -> "count(" + name + "), count(DISTINCT " + name + ")")
                                .collect(Collectors.joining(", "))
                        + " FROM (SELECT " + names + " FROM " + rows + " LIMIT " + SAMPLE + ")",
                2 * texts.size());
        Set<String> varied = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            long values = counts[2 * i];
            long different = counts[2 * i + 1];
            if (different > FEW && different > VARIED * values) {
                varied.add(texts.get(i));
            }
        }
        return varied;
    }

    /** The definition of a table's column. */
    static String definition(String name, String type, Set<String> varied) {
        return quote(name) + " " + type + (varied.contains(name) ? " USING COMPRESSION uncompressed" : "");
    }

    /** Before a mirror gets its first rows. */
    void prepare(Mirror mirror, String rows) throws SQLException {
        List<String> texts = mirror.schema().columns().stream()
                .filter(column -> TEXTS.contains(column.type()))
                .map(Column::name)
                .toList();
        Set<String> varied = among(texts, rows);
        if (!varied.isEmpty()) {
            session.execute("DROP TABLE " + mirror.physical());
            session.execute(MirrorTable.creation(mirror, varied));
        }
    }

    /** Once a table was made of a query's result. */
    public void settle(String table) throws SQLException {
        List<Session.ResultColumn> columns = session.describe("SELECT * FROM " + table);
        List<String> texts = columns.stream()
                .filter(column ->
                        ColumnTypes.of(column.type()).filter(TEXTS::contains).isPresent())
                .map(Session.ResultColumn::name)
                .toList();
        Set<String> varied = among(texts, table);
        if (!varied.isEmpty()) {
            session.execute("CREATE OR REPLACE TEMP TABLE " + COPY + " AS SELECT * FROM " + table);
            session.execute("DROP TABLE " + table);
            session.execute("CREATE TABLE " + table + " ("
                    + columns.stream()
                            .map(column -> definition(column.name(), column.type(), varied))
                            .collect(Collectors.joining(", "))
                    + ")");
            session.execute("INSERT INTO " + table + " SELECT * FROM " + COPY);
            session.execute("DROP TABLE " + COPY);
        }
    }
}
