package dev.freshet.deploy.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.pipeline.Plugins;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.Connection;
import dev.freshet.state.PipelineId;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table comes in as a file or row by row: its rows are the same. */
class ExtractTest {

    private static PostgresServer server;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Never writes a file. */
    private record RowByRow(TableReader reader) implements TableReader {

        @Override
        public Set<TableId> existing(List<TableId> tables) {
            return reader.existing(tables);
        }

        @Override
        public Map<TableId, TableSchema> describe(
                List<TableId> tables, Map<TableId, Map<String, String>> declaredTypes) {
            return reader.describe(tables, declaredTypes);
        }

        @Override
        public void read(TableId table, Consumer<LoadStep.LoadedRow> rows) {
            reader.read(table, rows);
        }

        @Override
        public void close() {
            reader.close();
        }
    }

    /** Rows of one column. A value that a file can't carry sends the whole table the other way, so such values have tables of their own. */
    private record Column(String type, String... values) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("boolean", "true", "false"),
            new Column("smallint", "-32768"),
            new Column("bigint", "-9223372036854775808"),
            new Column("oid", "4294967295"),
            new Column("real", "'NaN'", "'-Infinity'", "3.4028235e38", "1e-45", "-0.0", "0.1"),
            new Column("double precision", "'NaN'", "'Infinity'", "1.7976931348623157e308", "5e-324", "-0.0"),
            new Column("numeric(38,10)", "1234567890123456789012345678.0123456789", "-0.0000000001"),
            new Column("numeric(5,2)", "'NaN'", "1.5"),
            new Column(
                    "text",
                    "''",
                    "' '",
                    "' a '",
                    "'\"'",
                    "'\"\"'",
                    "'a,b'",
                    "','",
                    "E'\\n'",
                    "E'a\\r\\nb'",
                    "E'\\r'",
                    "E'\\t'",
                    "E'\\\\N'",
                    "E'\\\\.'",
                    "E'\\\\'",
                    "E'\\\\\"'",
                    "'NULL'",
                    "'#x'",
                    "'--'",
                    "' \"a\" '",
                    "E'\\u00a0'",
                    "E'\\U0001F600'",
                    "E'\\u0001'",
                    "E'\\u2028'",
                    "repeat('\"', 70000)",
                    "repeat(E'x\\n', 300000)"),
            // A mark that a file may begin with.
            new Column("text", "E'\\ufeffx'", "E'\\ufeff'"),
            new Column("character(5)", "'ab'", "''"),
            new Column("inet", "'10.0.0.1/8'"),
            new Column("json", "'{\"a\" : 1,  \"a\":2}'", "'\" \"'", "'null'", "'1e999'", "E'[\\n]'"),
            new Column("json", "'\"\\ud800\"'"),
            new Column("jsonb", "'{\"a\": \"\\\"\"}'", "'\"\"'", "'12345678901234567890.10'"),
            new Column("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"),
            new Column("date", "'infinity'", "'-infinity'", "'0001-01-01'", "'10000-01-01'"),
            new Column("date", "'0044-03-15 BC'"),
            new Column("date", "'5874897-12-31'"),
            new Column(
                    "timestamp",
                    "'infinity'",
                    "'-infinity'",
                    "'0001-01-01'",
                    "'10000-01-01'",
                    "'1969-12-31 23:59:59.999999'"),
            new Column("timestamp", "'0001-12-31 BC'"),
            new Column("timestamp", "'294246-12-31'"),
            new Column(
                    "timestamptz",
                    "'infinity'",
                    "'-infinity'",
                    "'0001-01-02 12:00:00+00'",
                    "'10000-01-01 00:00:00+00'",
                    "'2026-03-29 01:30:00+00'"),
            // Before Christ in some zones, with seconds in the offset in others.
            new Column("timestamptz", "'0001-01-01 00:00:00+00'"),
            new Column("timestamptz", "'0001-12-31 23:00:00+00 BC'"),
            new Column("timestamptz", "'1900-01-01 00:00:00.5+00'"),
            new Column("time", "'24:00:00'", "'00:00:00.000001'"),
            new Column("bytea", "'\\x'", "'\\x00ff'"),
            new Column("interval", "'-1 mon 2 days -00:00:00.5'"),
            new Column("int[]", "'{}'", "'{1,null}'"),
            new Column("text[]", "'{}'", "'{\"NULL\",NULL,\"\",\"a,\\\"b\"}'"));

    @Test
    void oddValuesAreReadAlike() throws Exception {
        TimeZone own = TimeZone.getDefault();
        String database = server.createDatabase("odd_values");
        List<TableId> tables = new ArrayList<>();
        List<String> statements = new ArrayList<>();
        for (Column column : COLUMNS) {
            String name = "t" + tables.size();
            statements.add("create table " + name + " (v " + column.type() + ")");
            // The first row of a file and one without a value are special.
            statements.add("insert into " + name + " values (" + String.join("), (", column.values()) + "), (null), ("
                    + column.values()[0] + ")");
            tables.add(new TableId("crm", "public", name));
        }
        server.execute(database, statements.toArray(String[]::new));
        Map<String, List<String>> byRow = read(database, tables, "rows", true);
        try {
            for (String zone : List.of("Etc/GMT+5", "Europe/Amsterdam")) {
                TimeZone.setDefault(TimeZone.getTimeZone(zone));
                Map<String, List<String>> asFile = read(database, tables, zone.replace('/', '-'), false);
                for (int i = 0; i < COLUMNS.size(); i++) {
                    assertThat(asFile.get("t" + i))
                            .as("%s in %s", COLUMNS.get(i).type(), zone)
                            .isNotEmpty()
                            .isEqualTo(byRow.get("t" + i));
                }
            }
        } finally {
            TimeZone.setDefault(own);
        }
    }

    private Map<String, List<String>> read(String database, List<TableId> tables, String name, boolean rowByRow)
            throws Exception {
        ServiceSettings settings = ServiceSettings.defaults(Files.createDirectories(directory.resolve(name)));
        Files.createDirectories(settings.stateFile().getParent());
        Files.createDirectories(settings.stagingDirectory());
        Plugins plugins = new Plugins();
        Connection connection = new Connection(
                "crm",
                "postgres",
                Map.of(
                        "host", server.host(),
                        "port", String.valueOf(server.port()),
                        "dbname", database,
                        "user", server.user(),
                        "password", server.password()));
        try (StateStore state = plugins.state(settings);
                TableReader opened = plugins.source(connection).reader(connection)) {
            TableReader reader = rowByRow ? new RowByRow(opened) : opened;
            Map<TableId, TableSchema> schemas = reader.describe(tables, Map.of());
            Extract extract = new Extract(state, plugins, settings, new PipelineId("odd", "dev"), Clock.systemUTC());
            for (TableId table : tables) {
                extract.take(reader, new TableScan(table, List.of("v"), List.of()), schemas.get(table));
            }
            Map<String, List<String>> found = new TreeMap<>();
            try (StateSnapshot snapshot = state.read()) {
                for (TableId table : tables) {
                    List<String> values = new ArrayList<>();
                    try (RowCursor rows = snapshot.query("select coalesce(v::varchar, 'no value') from "
                            + StateNames.relation(table) + " order by 1")) {
                        while (rows.next()) {
                            values.add(String.valueOf(rows.value(0)));
                        }
                    }
                    found.put(table.name(), values);
                }
            }
            return found;
        }
    }
}
