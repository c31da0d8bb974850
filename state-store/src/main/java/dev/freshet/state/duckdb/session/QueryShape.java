package dev.freshet.state.duckdb.session;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.duckdb.sql.ColumnTypes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The columns of a query's result in types of ours, and the projection that brings them there.
 *
 * @param columns the result's columns
 * @param projection casts to their types, where DuckDB's differ
 */
public record QueryShape(List<Column> columns, String projection) {

    /** Why a query's result has no shape, in words for its author. */
    public static final class Unfit extends Exception {
        Unfit(String message) {
            super(message);
        }
    }

    /** @param query one query, see {@link ModelQuery} */
    public static QueryShape of(Session session, String query) throws SQLException, Unfit {
        // Inside a subquery nothing may write; only then is the bare text asked, because a subquery renames columns
        // that share a name.
        session.describe(inner(query));
        List<Column> columns = new ArrayList<>();
        List<String> projection = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Session.ResultColumn found : session.describe(query)) {
            String name = found.name();
            String folded = name.toLowerCase(Locale.ROOT);
            if (!names.add(folded)) {
                throw new Unfit("has two columns named \"" + name + "\": give one of them another alias");
            }
            Optional<DataType> type = ColumnTypes.of(found.type());
            if (type.isEmpty()) {
                throw new Unfit("column \"" + name + "\" has type " + found.type()
                        + ", which can't be delivered: cast it, to VARCHAR for example");
            }
            columns.add(new Column(name, type.get()));
            projection.add(
                    ColumnTypes.isCalled(type.get(), found.type())
                            ? quote(name)
                            : quote(name) + "::" + type.get().sql() + " AS " + quote(name));
        }
        return new QueryShape(List.copyOf(columns), String.join(", ", projection));
    }

    /** The query as a source of rows. On the first line, so that DuckDB's line numbers are the author's. */
    public static String inner(String query) {
        return "SELECT * FROM (" + query + "\n)";
    }

    /** The query with its columns in their types. */
    public String select(String query) {
        return "SELECT " + projection + " FROM (" + query + "\n)";
    }
}
