package dev.freshet.publisher.duckdb;

import dev.freshet.state.Column;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The file's tables and views as they are when a delivery begins. DuckDB's names are the same whatever their case. */
final class DuckDbCatalog {

    /**
     * An existing relation.
     *
     * @param comment the table's, by which a table of ours is known: object ids change when the file is opened anew
     */
    record Relation(boolean isTable, String comment, List<String> columns, List<String> types) {

        /** Whether rows of this shape go into it as they are. */
        boolean holds(TableSchema schema) {
            if (!isTable || columns.size() != schema.columns().size()) {
                return false;
            }
            for (int i = 0; i < columns.size(); i++) {
                Column column = schema.columns().get(i);
                if (!columns.get(i).equals(column.name())
                        || !types.get(i).equals(column.type().sql())) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A name as DuckDB compares it. */
    record Name(String schema, String table) {
        static Name of(TableId table) {
            return of(table.schema(), table.name());
        }

        static Name of(String schema, String table) {
            return new Name(schema.toLowerCase(Locale.ROOT), table.toLowerCase(Locale.ROOT));
        }
    }

    private final Map<Name, Relation> relations = new HashMap<>();

    private DuckDbCatalog() {}

    static DuckDbCatalog read(DuckDbSession session) throws SQLException {
        DuckDbCatalog catalog = new DuckDbCatalog();
        session.rows(
                "SELECT schema_name, table_name, true, coalesce(comment, '') FROM duckdb_tables()"
                        + " WHERE database_name = current_database() UNION ALL"
                        + " SELECT schema_name, view_name, false, '' FROM duckdb_views()"
                        + " WHERE database_name = current_database() AND NOT internal",
                row -> catalog.relations.put(
                        Name.of(row.getString(1), row.getString(2)),
                        new Relation(row.getBoolean(3), row.getString(4), new ArrayList<>(), new ArrayList<>())));
        session.rows(
                "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()"
                        + " WHERE database_name = current_database() AND NOT internal ORDER BY column_index",
                row -> {
                    Relation relation = catalog.relations.get(Name.of(row.getString(1), row.getString(2)));
                    return relation != null
                            && relation.columns.add(row.getString(3))
                            && relation.types.add(row.getString(4).replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"));
                });
        return catalog;
    }

    Optional<Relation> relation(TableId table) {
        return Optional.ofNullable(relations.get(Name.of(table)));
    }

    boolean holds(String schema, String table) {
        return relations.containsKey(Name.of(schema, table));
    }

    /** What someone added to a table and a new table would not have: indexes and constraints. */
    static List<String> additions(DuckDbSession session, TableId table) throws SQLException {
        return session.rows(
                "SELECT 'index ' || index_name FROM duckdb_indexes() WHERE database_name = current_database()"
                        + " AND lower(schema_name) = lower(?) AND lower(table_name) = lower(?)"
                        + " UNION ALL SELECT 'constraint ' || constraint_text FROM duckdb_constraints()"
                        + " WHERE database_name = current_database()"
                        + " AND lower(schema_name) = lower(?) AND lower(table_name) = lower(?)",
                row -> row.getString(1),
                table.schema(),
                table.name(),
                table.schema(),
                table.name());
    }
}
