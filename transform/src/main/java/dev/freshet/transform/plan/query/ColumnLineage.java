package dev.freshet.transform.plan.query;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which columns of the tables that a query reads its result depends on. In doubt more than it does, never less.
 *
 * @param columns for each column of the result, by the name in the query's text, the columns that its values are made of
 * @param rows the columns that decide which rows there are: filters, joins, groups, limits
 */
public record ColumnLineage(Map<String, Set<Origin>> columns, Set<Origin> rows) {

    /** A column of a table. */
    public record Origin(TableId table, String column) implements Comparable<Origin> {
        @Override
        public int compareTo(Origin other) {
            int byTable = table.compareTo(other.table);
            return byTable != 0 ? byTable : column.compareTo(other.column);
        }

        @Override
        public String toString() {
            return table + "." + column;
        }
    }

    /**
     * @param tables what the text may read
     * @return empty when the query can't be taken apart, or a name in it may mean several things
     */
    public static Optional<ColumnLineage> of(
            RowMaintenance state, RowMaintenance.Functions functions, String sql, Map<TableId, TableSchema> tables) {
        try {
            ParsedQuery parsed = ParsedQuery.of(state, functions, sql, tables);
            LineageReader.Origins origins = new LineageReader().of(parsed);
            List<String> names = parsed.query().names();
            Map<String, Set<Origin>> columns = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                columns.computeIfAbsent(names.get(i), name -> new LinkedHashSet<>())
                        .addAll(new TreeSet<>(origins.columns().get(i)));
            }
            return Optional.of(new ColumnLineage(columns, new TreeSet<>(origins.rows())));
        } catch (UnsupportedQueryException e) {
            return Optional.empty();
        }
    }

    /** The columns of a table that the result depends on. As long as only others change it stays as it is. */
    public SortedSet<String> needed(TableId table) {
        SortedSet<String> needed = new TreeSet<>();
        columns.values().forEach(origins -> origins.forEach(origin -> add(origin, table, needed)));
        rows.forEach(origin -> add(origin, table, needed));
        return needed;
    }

    private static void add(Origin origin, TableId table, Set<String> needed) {
        if (origin.table().equals(table)) {
            needed.add(origin.column());
        }
    }
}
