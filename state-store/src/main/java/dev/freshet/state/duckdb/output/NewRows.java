package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Accumulation.OnSchemaChange;
import dev.freshet.state.Accumulation.Strategy;
import dev.freshet.state.Column;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What another run of a history-keeping model brings to its stored output, and which stored rows it replaces. */
final class NewRows {

    private final Session session;
    private final Output stored;
    private final Accumulation accumulation;
    private final Map<String, Column> given = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Column> held = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final TableSchema schema;

    /** @param given the columns of the run's result */
    NewRows(Session session, Output stored, Accumulation accumulation, List<Column> given) {
        this.session = session;
        this.stored = stored;
        this.accumulation = accumulation;
        given.forEach(column -> this.given.put(column.name(), column));
        stored.schema().columns().forEach(column -> held.put(column.name(), column));
        List<Column> columns = columns(given);
        this.schema = new TableSchema(
                columns,
                accumulation.uniqueKey().stream()
                        .map(name -> named(columns, name))
                        .toList());
    }

    /** The columns and the key after this run. */
    TableSchema schema() {
        return schema;
    }

    private List<Column> columns(List<Column> result) {
        List<Column> before = stored.schema().columns();
        List<Column> added = result.stream()
                .filter(column -> !held.containsKey(column.name()))
                .toList();
        Optional<Column> missing = before.stream()
                .filter(column -> !given.containsKey(column.name()))
                .findFirst();
        OnSchemaChange rule = accumulation.onSchemaChange();
        if (rule == OnSchemaChange.SYNC_ALL_COLUMNS) {
            List<Column> columns = new ArrayList<>();
            before.stream()
                    .filter(column -> given.containsKey(column.name()))
                    .forEach(column -> columns.add(
                            new Column(column.name(), given.get(column.name()).type())));
            columns.addAll(added);
            return columns;
        }
        if (missing.isPresent() && rule != OnSchemaChange.APPEND_NEW_COLUMNS) {
            throw failed("its result has no column \"" + missing.get().name()
                    + "\", which its table has: give it back, or rebuild the table with --full-refresh");
        }
        if (!added.isEmpty() && rule == OnSchemaChange.FAIL) {
            throw failed(
                    "its result has the new column \"" + added.get(0).name()
                            + "\" and on_schema_change is 'fail': rebuild the table with --full-refresh, or choose another on_schema_change");
        }
        if (rule != OnSchemaChange.APPEND_NEW_COLUMNS || added.isEmpty()) {
            return before;
        }
        List<Column> columns = new ArrayList<>(before);
        columns.addAll(added);
        return columns;
    }

    /** Runs the query into a temporary table with the columns in their types. */
    void compute(String into, String query) throws SQLException {
        session.execute("CREATE OR REPLACE TEMP TABLE " + into + " AS SELECT "
                + SqlText.list(schema.columns(), column -> typed(column, given)) + " FROM (" + query + "\n)");
        if (accumulation.strategy() == Strategy.MERGE) {
            requireOneRowOfAKey(into);
            keepWhatIsNotUpdated(into);
        }
    }

    private static String typed(Column column, Map<String, Column> from) {
        String name = quote(column.name());
        String value = from.containsKey(column.name()) ? name : "NULL";
        return value + "::" + column.type().sql() + " AS " + name;
    }

    private void requireOneRowOfAKey(String rows) throws SQLException {
        String known =
                key().stream().map(column -> quote(column) + " IS NOT NULL").collect(Collectors.joining(" AND "));
        long twice = session.number("SELECT count(*) FROM (SELECT 1 FROM " + rows + " WHERE " + known + " GROUP BY "
                + SqlText.quoted(key()) + " HAVING count(*) > 1)");
        if (twice > 0) {
            throw failed("its result has several rows for " + (twice == 1 ? "one value" : twice + " values")
                    + " of unique_key (" + String.join(", ", key())
                    + "), so that a merge can't tell which of them to keep: remove the duplicates in its SQL");
        }
    }

    /** The columns that a merge does not update keep their values in rows that are there. */
    private void keepWhatIsNotUpdated(String rows) throws SQLException {
        List<String> only = names(accumulation.merged().only());
        List<String> except = names(accumulation.merged().except());
        if (only.isEmpty() && except.isEmpty()) {
            return;
        }
        session.execute("CREATE OR REPLACE TEMP TABLE " + rows + " AS SELECT "
                + SqlText.list(schema.columns(), column -> {
                    boolean updated = only.isEmpty() ? !except.contains(column.name()) : only.contains(column.name());
                    String name = quote(column.name());
                    return updated || !held.containsKey(column.name())
                            ? "r." + name
                            : "CASE WHEN s.rowid IS NULL THEN r." + name + " ELSE s." + name + " END AS " + name;
                })
                + " FROM " + rows + " r LEFT JOIN " + stored.physical() + " s ON " + SqlText.sameKey("s", "r", key()));
    }

    /** FROM clauses for the stored rows that go. */
    List<String> leaving(String rows) {
        return accumulation.strategy() == Strategy.APPEND
                ? List.of()
                : List.of(stored.physical() + " s WHERE EXISTS " + sameKey(rows));
    }

    /** A query for all rows after this run, in the columns of {@link #schema}. */
    String all(String rows) {
        String staying = accumulation.strategy() == Strategy.APPEND ? "" : " s WHERE NOT EXISTS " + sameKey(rows);
        return "SELECT " + SqlText.list(schema.columns(), column -> typed(column, held)) + " FROM " + stored.physical()
                + staying + " UNION ALL SELECT " + SqlText.names(schema.columns()) + " FROM " + rows;
    }

    private String sameKey(String rows) {
        return "(SELECT 1 FROM " + rows + " r WHERE " + SqlText.sameKey("s", "r", key()) + ")";
    }

    private List<String> key() {
        return names(accumulation.key());
    }

    private List<String> names(List<String> written) {
        return written.stream().map(name -> named(schema.columns(), name)).toList();
    }

    private String named(List<Column> columns, String written) {
        return columns.stream()
                .map(Column::name)
                .filter(name -> name.toLowerCase(Locale.ROOT).equals(written.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> failed("its configuration names column \"" + written
                        + "\", which its table does not have: correct either"));
    }

    private RuntimeException failed(String why) {
        return ModelShapes.failed(stored.model(), why, null);
    }
}
