package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.quote;

import dev.freshet.state.Column;
import dev.freshet.state.RowMaintenance.ChangedValues;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.KnownTables;
import dev.freshet.state.duckdb.session.Planning;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.SqlText;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Rows of large tables that several models of one transaction look for by the same values: one pass over the table finds them for all. DuckDB has no index that
 * would do (docs/incremental.md), so the pass is what such a model costs.
 */
public final class MatchingRows {

    /** With more rows than this the pass is not what costs. */
    private static final long MANY = 20_000;

    private record Lookup(TableId table, String column) {}

    private record Found(Set<ChangedValues> values, List<String> columns) {}

    private final Session session;
    private final Catalog catalog;
    private final KnownTables known;
    private final List<String> cleanups;
    private final Map<Lookup, Found> found = new HashMap<>();

    /** @param cleanups receives the statements that end the transaction */
    MatchingRows(Session session, Catalog catalog, KnownTables known, List<String> cleanups) {
        this.cleanups = cleanups;
        this.known = known;
        this.session = session;
        this.catalog = catalog;
    }

    /** As {@link dev.freshet.state.RowMaintenance#matching} says. */
    public String relation(TableId table, String column, List<ChangedValues> values, List<String> columns)
            throws SQLException {
        String all = StateNames.relation(table);
        if (values.isEmpty()) {
            return all;
        }
        Lookup lookup = new Lookup(table, column);
        String name = "temp." + quote("rows of " + all + " by " + column);
        Found before = found.get(lookup);
        if (before != null
                && before.values().containsAll(values)
                && before.columns().containsAll(columns)) {
            return name;
        }
        if (known.findsMany(name) || changes(values) > MANY) {
            return all;
        }
        TableSchema schema = catalog.schema(table).orElseThrow();
        List<Column> kept = schema.columns().stream()
                .filter(each -> columns.contains(each.name()))
                .toList();
        session.working().empty(name, SqlText.definitions(kept));
        String looked = values.stream()
                .map(value -> "SELECT " + quote(value.column()) + " FROM " + StateNames.delta(value.table()))
                .sorted()
                .collect(Collectors.joining(" UNION ALL "));
        long rows = session.update("INSERT INTO " + name + " SELECT " + SqlText.names(kept) + " FROM " + all + " WHERE "
                + quote(column) + " IN (" + looked + ")");
        if (rows > MANY) {
            known.foundMany(name);
            cleanups.add("DELETE FROM " + name);
        }
        found.put(lookup, new Found(new TreeSet<>(values), columns));
        return name;
    }

    /** The table, or its change, is about to become another. */
    void forget(TableId table) {
        found.entrySet()
                .removeIf(entry -> entry.getKey().table().equals(table)
                        || entry.getValue().values().stream()
                                .anyMatch(value -> value.table().equals(table)));
    }

    private long changes(List<ChangedValues> values) throws SQLException {
        long rows = 0;
        for (TableId table :
                values.stream().map(ChangedValues::table).distinct().toList()) {
            rows += session.number(Planning.AS_WRITTEN, "SELECT count(*) FROM " + StateNames.delta(table));
        }
        return rows;
    }
}
