package dev.freshet.deploy.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/** A PostgreSQL table as the oracle sees it: its columns, and a way to copy all of it into DuckDB as text. */
record PostgresTable(PostgresAddress database, String schema, String name, List<Column> columns)
        implements DeliveredTable {

    /** Stands for an exact number without declared scale; its text is copied, without trailing zeros. */
    static final String ANY_NUMBER = "NUMERIC";

    /** @param type as DuckDB spells it, or {@link #ANY_NUMBER} */
    record Column(String name, String type) {

        private String exported() {
            String column = quote(name);
            return switch (type) {
                case ANY_NUMBER -> "trim_scale(" + column + ")";
                case "BLOB" -> "encode(" + column + ", 'hex')";
                default -> column;
            };
        }

        private String imported() {
            String column = quote(name);
            String value =
                    switch (type) {
                        case ANY_NUMBER, "VARCHAR" -> column;
                        case "BLOB" -> "unhex(" + column + ")";
                        default -> "cast(" + column + " as " + type + ")";
                    };
            return value + " as " + column;
        }
    }

    PostgresTable {
        columns = List.copyOf(columns);
    }

    static PostgresTable read(PostgresAddress database, String schema, String name) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(
                        """
                        select a.attname, t.typname, t.typtype, format_type(a.atttypid, a.atttypmod)
                        from pg_attribute a join pg_type t on t.oid = a.atttypid
                        where a.attrelid = to_regclass(format('%I.%I', ?::text, ?::text)) and a.attnum > 0 and not a.attisdropped
                        order by a.attnum""")) {
            statement.setString(1, schema);
            statement.setString(2, name);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    String type =
                            duckType(result.getString(2), result.getString(3).equals("e"), result.getString(4));
                    if (type.isEmpty()) {
                        throw new IllegalArgumentException("column \"" + result.getString(1) + "\" has type "
                                + result.getString(4) + ", which the oracle does not know");
                    }
                    columns.add(new Column(result.getString(1), type));
                }
            }
        }
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("there is no table \"" + schema + "\".\"" + name + "\" in " + database);
        }
        return new PostgresTable(database, schema, name, columns);
    }

    @Override
    public void copyInto(Statement oracle, String relation) throws SQLException, IOException {
        Path file = Files.createTempFile("freshet-verify", ".csv");
        try {
            export(file);
            String texts = columns.stream()
                    .map(column -> literal(column.name()) + ": 'VARCHAR'")
                    .collect(Collectors.joining(", "));
            String values = columns.stream().map(Column::imported).collect(Collectors.joining(", "));
            // Only an unquoted nothing is NULL; the export quotes everything else, empty text included.
            oracle.execute("create table " + relation + " as select " + values + " from read_csv("
                    + literal(file.toString()) + ", columns = {" + texts
                    + "}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
                    + "allow_quoted_nulls = false, max_line_size = 16000000)");
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void export(Path file) throws SQLException, IOException {
        String list = columns.stream().map(Column::exported).collect(Collectors.joining(", "));
        try (Connection connection = database.connect();
                Statement settings = connection.createStatement();
                OutputStream out = Files.newOutputStream(file)) {
            settings.execute("set TimeZone = 'UTC'");
            settings.execute("set DateStyle = 'ISO, YMD'");
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut(
                            "copy (select " + list + " from " + quote(schema) + "." + quote(name)
                                    + ") to stdout (format csv, force_quote *, encoding 'UTF8')",
                            out);
        }
    }

    private static String duckType(String name, boolean isEnum, String declared) {
        if (isEnum) {
            return "VARCHAR";
        }
        return switch (name) {
            case "bool" -> "BOOLEAN";
            case "int2" -> "SMALLINT";
            case "int4" -> "INTEGER";
            case "int8" -> "BIGINT";
            case "float4" -> "FLOAT";
            case "float8" -> "DOUBLE";
            case "numeric" -> declared.equals("numeric") ? ANY_NUMBER : declared.replace("numeric", "DECIMAL");
            case "text", "varchar", "bpchar", "name" -> "VARCHAR";
            case "json", "jsonb" -> "JSON";
            case "bytea" -> "BLOB";
            case "date" -> "DATE";
            case "time" -> "TIME";
            case "timestamp" -> "TIMESTAMP";
            case "timestamptz" -> "TIMESTAMP WITH TIME ZONE";
            case "interval" -> "INTERVAL";
            case "uuid" -> "UUID";
            default -> "";
        };
    }

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
