package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.CUT;
import static dev.freshet.state.duckdb.sql.SqlText.WEIGHT;
import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.Cut;
import dev.freshet.state.RowCursor;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.session.ResultCursor;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ColumnTypes;
import dev.freshet.state.duckdb.sql.ShapeText;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/** The queries by which changes are told as images: what rows were before and what they are after, see {@code StateSnapshot.images}. */
public final class Images {

    private Images() {}

    /** Signed rows of some cuts, those that cancel out left out. */
    public static String net(Output output, String cuts) {
        List<Column> columns = output.schema().columns();
        return "SELECT sum(" + WEIGHT + ")::BIGINT AS " + WEIGHT + ", " + SqlText.list(columns, BagDifference::shown)
                + " FROM " + output.logTable() + " WHERE " + cuts + " GROUP BY " + BagDifference.grouping(columns)
                + " HAVING sum(" + WEIGHT + ") <> 0";
    }

    /** The cuts after this one that changed a model, the oldest first; of those long gone only the number is known. */
    public static List<Cut> changedCuts(Session session, Output output, long afterCut) throws SQLException {
        return session.rows(
                "SELECT l.number, c.clock, c.positions FROM (SELECT DISTINCT " + CUT + " AS number FROM "
                        + output.logTable() + " WHERE " + CUT + " > " + afterCut
                        + ") l LEFT JOIN freshet.cut c USING (number) ORDER BY l.number",
                row -> {
                    String clock = row.getString(2);
                    return clock == null
                            ? new Cut(row.getLong(1), Cut.NONE.positions(), Cut.NONE.clock())
                            : new Cut(row.getLong(1), ShapeText.positions(row.getString(3)), Instant.parse(clock));
                });
    }

    /** The net changes between two cuts. */
    public static RowCursor between(Session session, Output output, long afterCut, long throughCut)
            throws SQLException {
        List<Column> columns = output.schema().columns();
        String changed = net(output, CUT + " > " + afterCut + " AND " + CUT + " <= " + throughCut);
        if (output.schema().isKeyed()) {
            return ResultCursor.ordered(session, output.schema(), changed, order(output) + ", " + WEIGHT);
        }
        String names = SqlText.names(columns);
        String value = SqlText.list(columns, BagDifference::shown);
        // Copies at the later cut: those of today without what came since.
        String counted = "WITH changed AS MATERIALIZED (" + changed + ") SELECT sum(copies)::BIGINT AS copies, sum("
                + WEIGHT + ")::BIGINT AS change, " + value + " FROM (SELECT 0 AS copies, " + WEIGHT + ", " + names
                + " FROM changed UNION ALL SELECT 1, 0, " + names + " FROM " + output.physical()
                + " o SEMI JOIN changed c ON " + BagDifference.same("o", "c", columns) + " UNION ALL SELECT -" + WEIGHT
                + ", 0, " + names + " FROM (SELECT * FROM " + output.logTable() + " WHERE " + CUT + " > " + throughCut
                + ") o SEMI JOIN changed c ON " + BagDifference.same("o", "c", columns) + ") GROUP BY "
                + BagDifference.grouping(columns);
        return ResultCursor.ordered(
                session,
                output.schema(),
                "SELECT * FROM (SELECT " + names + ", unnest([change - copies, copies]) AS " + WEIGHT + " FROM ("
                        + counted + ")) WHERE " + WEIGHT + " <> 0",
                order(output) + ", " + WEIGHT);
    }

    /** All columns that tell rows apart. */
    static String order(Output output) {
        return output.schema().columns().stream()
                .filter(column ->
                        !output.schema().isKeyed() || output.schema().key().contains(column.name()))
                .map(column -> ColumnTypes.equalsTooMuch(column.type())
                        ? quote(column.name()) + "::VARCHAR"
                        : quote(column.name()))
                .collect(Collectors.joining(", "));
    }

    /** The rows at a cut with their numbers of copies. */
    static String rowsAt(Output output, long cut) {
        List<Column> columns = output.schema().columns();
        String names = SqlText.names(columns);
        boolean unchanged = output.changedAt() <= cut;
        if (unchanged && output.schema().isKeyed()) {
            return "SELECT 1::BIGINT AS " + WEIGHT + ", " + names + " FROM " + output.physical();
        }
        String later = unchanged
                ? ""
                : " UNION ALL SELECT -" + WEIGHT + ", " + names + " FROM " + output.logTable() + " WHERE " + CUT + " > "
                        + cut;
        return "SELECT sum(" + WEIGHT + ")::BIGINT AS " + WEIGHT + ", " + SqlText.list(columns, BagDifference::shown)
                + " FROM (SELECT 1 AS " + WEIGHT + ", " + names + " FROM " + output.physical() + later + ") GROUP BY "
                + BagDifference.grouping(columns) + " HAVING sum(" + WEIGHT + ") <> 0";
    }
}
