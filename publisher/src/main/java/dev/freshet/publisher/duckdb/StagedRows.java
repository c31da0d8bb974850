package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table, staged in a temporary table with columns {@code c0, c1, …} and {@code copies}: how many the target shall hold, 0 for a
 * row that left; of a bag's change, how many more or fewer. They are applied by at most one DELETE and then one INSERT: DuckDB 2.0 loses deletes when a transaction goes on
 * deleting rows that it inserted.
 */
final class StagedRows {

    private static final int ROWS_BETWEEN_LOOKS = 4096;

    private final DuckDbSession session;
    private final TableId table;
    private final TableSchema schema;
    private final String name;
    private final List<ColumnWriter> writers;
    private long rows;
    private long refusedRows;
    private @Nullable String refusal;

    private StagedRows(DuckDbSession session, TableId table, TableSchema schema, int number) {
        this.session = session;
        this.table = table;
        this.schema = schema;
        this.name = "freshet_rows_" + number;
        this.writers = schema.columns().stream()
                .map(column -> new ColumnWriter(column.type()))
                .toList();
    }

    /** What changed in a keyed table: the keys of the rows that left, and the rows that came. */
    static StagedRows byKey(DuckDbSession session, TableId table, RowCursor changes, int number) throws SQLException {
        TableSchema schema = changes.schema();
        Set<Integer> key = new HashSet<>();
        schema.key().forEach(column -> key.add(schema.indexOf(column)));
        StagedRows staged = new StagedRows(session, table, schema, number);
        staged.fill(changes, out -> {
            boolean came = changes.weight() > 0;
            if (came && staged.write(out, changes::value, 1)) {
                return;
            }
            // Of a row that left only the key matters; one that can't be written has to make the row that it replaces
            // go.
            staged.write(out, column -> key.contains(column) ? changes.value(column) : null, 0);
            staged.refusedRows += came ? 1 : 0;
        });
        return staged;
    }

    /** Row values with the number of copies to be there: whole contents; or with the number that came or, negative, left: a bag's change. */
    static StagedRows byValue(DuckDbSession session, TableId table, RowCursor rows, int number) throws SQLException {
        StagedRows staged = new StagedRows(session, table, rows.schema(), number);
        staged.fill(rows, out -> {
            if (!staged.write(out, rows::value, rows.weight())) {
                // What can't be written was not there before, either.
                staged.refusedRows += Math.max(rows.weight(), 0);
            }
        });
        return staged;
    }

    private interface RowWriter {
        void write(DuckDBAppender out) throws SQLException;
    }

    private void fill(RowCursor cursor, RowWriter writer) throws SQLException {
        session.execute("CREATE TEMP TABLE " + name + "_as_sent ("
                + join(i -> "c" + i + " " + writers.get(i).stagedType()) + ", copies BIGINT)");
        try (DuckDBAppender out = session.append(name + "_as_sent")) {
            for (long seen = 0; cursor.next(); seen++) {
                if (seen % ROWS_BETWEEN_LOOKS == 0) {
                    session.requireNotCancelled();
                }
                writer.write(out);
            }
            out.flush();
        }
        session.execute("CREATE TEMP VIEW " + name + " AS SELECT "
                + join(i -> writers.get(i).converted("c" + i) + " AS c" + i) + ", copies FROM temp.main." + name
                + "_as_sent");
    }

    private boolean write(DuckDBAppender out, IntFunction<@Nullable Object> values, long copies) throws SQLException {
        for (int i = 0; i < writers.size(); i++) {
            String refused = ColumnWriter.refusal(values.apply(i));
            if (refused != null) {
                if (refusal == null) {
                    refusal = "column '" + column(i).name() + "' of table '" + table + "' has " + refused;
                }
                return false;
            }
        }
        out.beginRow();
        for (int i = 0; i < writers.size(); i++) {
            writers.get(i).write(values.apply(i), out);
        }
        out.append(copies);
        out.endRow();
        rows++;
        return true;
    }

    /** Applies a keyed table's change. */
    TableReceipt applyByKey() throws SQLException {
        if (rows == 0) {
            return receipt(Method.DELTA, 0, 0);
        }
        List<Integer> key = schema.key().stream().map(schema::indexOf).toList();
        String keys = key.stream().map(i -> "c" + i).collect(Collectors.joining(", "));
        boolean exact =
                key.stream().allMatch(i -> Sql.exact("c" + i, column(i).type()).equals("c" + i));
        // DISTINCT would take different intervals for one.
        String staged = exact ? "(SELECT DISTINCT " + keys + " FROM temp.main." + name + ")" : "temp.main." + name;
        long deleted = session.update("DELETE FROM " + session.name(table) + " AS t USING " + staged + " AS s WHERE "
                + key.stream().map(this::same).collect(Collectors.joining(" AND ")));
        return receipt(Method.DELTA, deleted, insert());
    }

    /**
     * Applies a bag's change: of the rows that equal one as many go as left, whichever, or as many come.
     *
     * @return empty when rows that are to go are not there; nothing was changed then
     */
    Optional<TableReceipt> applyChange() throws SQLException {
        if (rows == 0) {
            return Optional.of(receipt(Method.DELTA, 0, 0));
        }
        // Values that DuckDB takes for one may have been staged apart.
        String net = name + "_net";
        session.execute("CREATE TEMP TABLE " + net + " AS SELECT " + grouped()
                + ", sum(copies)::BIGINT AS copies, row_number() OVER () AS number FROM temp.main." + name
                + " GROUP BY "
                + exact() + " HAVING sum(copies) <> 0");
        replaceBy(net);
        String leaving = name + "_leaving";
        session.execute("CREATE TEMP TABLE " + leaving + " AS SELECT place FROM (SELECT t.rowid AS place, s.copies,"
                + " row_number() OVER (PARTITION BY s.number) AS copy FROM " + session.name(table)
                + " AS t JOIN temp.main." + net + " AS s ON s.copies < 0 AND " + same() + ") WHERE copy <= -copies");
        long lacking = session.rows(
                        "SELECT coalesce(-sum(copies) FILTER (WHERE copies < 0), 0)::BIGINT - (SELECT count(*) FROM temp.main."
                                + leaving + ") FROM temp.main." + net,
                        row -> row.getLong(1))
                .get(0);
        if (lacking > 0) {
            return Optional.empty();
        }
        long deleted = session.update(
                "DELETE FROM " + session.name(table) + " WHERE rowid IN (SELECT place FROM temp.main." + leaving + ")");
        return Optional.of(receipt(Method.DELTA, deleted, insert()));
    }

    private TableReceipt applyByValue(Method method) throws SQLException {
        long deleted = session.update(
                "DELETE FROM " + session.name(table) + " AS t USING temp.main." + name + " AS s WHERE " + same());
        return receipt(method, deleted, insert());
    }

    /**
     * Takes these rows for the contents and applies what differs from the table's.
     *
     * @param part which rows they are; empty for all
     */
    TableReceipt applyDifference(Optional<RowPart> part) throws SQLException {
        String contents = "temp.main." + name;
        String difference = name + "_difference";
        session.execute("CREATE TEMP TABLE " + difference + " AS SELECT " + grouped()
                + ", sum(desired)::BIGINT AS copies FROM (SELECT "
                + join(i -> "t." + quoted(i) + " AS c" + i) + ", 0::BIGINT AS desired, 1::BIGINT AS present FROM "
                + session.name(table) + " AS t"
                + part.map(chosen -> " WHERE " + condition(chosen)).orElse("") + " UNION ALL SELECT "
                + join(i -> "c" + i) + ", copies, 0 FROM " + contents
                + ") AS both_sides GROUP BY " + exact() + " HAVING sum(desired) <> sum(present)");
        replaceBy(difference);
        return applyByValue(Method.COMPARISON);
    }

    private String condition(RowPart part) {
        if (part instanceof RowPart.Period period) {
            int i = schema.indexOf(period.column());
            DataType type = column(i).type();
            String column = "t." + quoted(i);
            return column + " >= " + time(period.from(), type) + " AND " + column + " < " + time(period.to(), type);
        }
        RowPart.Values chosen = (RowPart.Values) part;
        List<Integer> columns = chosen.columns().stream().map(schema::indexOf).toList();
        return columns.stream().map(i -> "t." + quoted(i)).collect(Collectors.joining(", ", "(", ")")) + " IN ("
                + chosen.values().stream()
                        .map(values -> IntStream.range(0, values.size())
                                .mapToObj(i -> "CAST(" + Sql.literal(values.get(i)) + " AS "
                                        + column(columns.get(i)).type().sql() + ")")
                                .collect(Collectors.joining(", ", "(", ")")))
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private static String time(Instant time, DataType type) {
        return type == DataType.Simple.TIMESTAMPTZ
                ? "TIMESTAMPTZ " + Sql.literal(time.toString())
                : "TIMESTAMP "
                        + Sql.literal(
                                LocalDateTime.ofInstant(time, ZoneOffset.UTC).toString());
    }

    /** Fills a table that holds nothing yet. */
    TableReceipt fillTable(Method method) throws SQLException {
        return receipt(method, 0, insert());
    }

    private long insert() throws SQLException {
        return session.update("INSERT INTO " + session.name(table) + " (" + join(this::quoted) + ") SELECT "
                + join(i -> "c" + i) + " FROM (SELECT " + join(i -> "c" + i)
                + ", unnest(range(copies)) FROM temp.main." + name + " WHERE copies > 0)");
    }

    private TableReceipt receipt(Method method, long deleted, long inserted) {
        return new TableReceipt(
                table,
                method,
                deleted,
                inserted,
                refusedRows,
                refusedRows == 0
                        ? Optional.empty()
                        : Optional.of(refusal + ": " + refusedRows
                                + " rows were left out; correct them at the source or clean the value in the model"));
    }

    /** From here on the rows are those of another table. */
    private void replaceBy(String other) throws SQLException {
        session.execute("DROP VIEW temp.main." + name);
        session.execute("CREATE TEMP VIEW " + name + " AS SELECT * FROM temp.main." + other);
    }

    /** The values, where rows are grouped by {@link #exact} ones. */
    private String grouped() {
        return join(i -> (isExact(i) ? "c" + i : "any_value(c" + i + ")") + " AS c" + i);
    }

    private String exact() {
        return join(i -> Sql.exact("c" + i, column(i).type()));
    }

    private boolean isExact(int i) {
        return Sql.exact("c", column(i).type()).equals("c");
    }

    private String same() {
        return IntStream.range(0, writers.size()).mapToObj(this::same).collect(Collectors.joining(" AND "));
    }

    private String same(int i) {
        return Sql.exact("t." + quoted(i), column(i).type()) + " IS NOT DISTINCT FROM "
                + Sql.exact("s.c" + i, column(i).type());
    }

    private String quoted(int i) {
        return Sql.quote(column(i).name());
    }

    private Column column(int i) {
        return schema.columns().get(i);
    }

    private String join(IntFunction<String> each) {
        return IntStream.range(0, writers.size()).mapToObj(each).collect(Collectors.joining(", "));
    }
}
