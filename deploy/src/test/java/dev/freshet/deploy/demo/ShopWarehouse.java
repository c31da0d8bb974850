package dev.freshet.deploy.demo;

import dev.freshet.deploy.demo.Verifier.ModelCheck;
import dev.freshet.state.TableId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.postgresql.PGConnection;

/** Fills the warehouse without Freshet: copies of the sources, and the models' own SQL run by PostgreSQL instead of DuckDB. */
final class ShopWarehouse {

    private ShopWarehouse() {}

    static void fill(Map<String, PostgresAddress> databases) throws SQLException, IOException {
        try (Connection warehouse = databases.get("warehouse").connect();
                Statement statement = warehouse.createStatement()) {
            statement.execute("drop schema if exists analytics cascade; create schema analytics");
            statement.execute(
                    "drop schema if exists \"warehouse.analytics\" cascade; create schema \"warehouse.analytics\"");
            statement.execute(
                    """
                    create or replace function json_extract_string(value jsonb, path text) returns text language sql
                    as $$ select value ->> substr(path, 3) $$""");
            for (TableId source : ShopProject.SOURCES) {
                copy(databases.get(source.connection()), source, warehouse);
            }
            for (ModelCheck check : ShopProject.checks()) {
                String name = check.table().name();
                statement.execute("create table \"warehouse.analytics\"." + name + " as " + check.sql());
                statement.execute("create table analytics." + name + " as table \"warehouse.analytics\"." + name);
            }
        }
    }

    private static void copy(PostgresAddress from, TableId table, Connection warehouse)
            throws SQLException, IOException {
        String schema = "\"" + table.connection() + "." + table.schema() + "\"";
        try (Connection source = from.connect();
                Statement read = source.createStatement();
                Statement write = warehouse.createStatement();
                ByteArrayOutputStream rows = new ByteArrayOutputStream()) {
            StringBuilder columns = new StringBuilder();
            try (ResultSet result = read.executeQuery(
                    "select attname, format_type(atttypid, atttypmod) from pg_attribute where attnum > 0 and attrelid = '"
                            + table.name() + "'::regclass order by attnum")) {
                while (result.next()) {
                    columns.append(columns.isEmpty() ? "" : ", ")
                            .append(result.getString(1))
                            .append(' ')
                            .append(result.getString(2));
                }
            }
            write.execute("create schema if not exists " + schema);
            write.execute("drop table if exists " + schema + "." + table.name());
            write.execute("create table " + schema + "." + table.name() + " (" + columns + ")");
            source.unwrap(PGConnection.class).getCopyAPI().copyOut("copy " + table.name() + " to stdout", rows);
            warehouse
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "copy " + schema + "." + table.name() + " from stdin",
                            new ByteArrayInputStream(rows.toByteArray()));
        }
    }
}
