package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.state.FreshetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every source type, from source to target and compared there, loaded and streamed: unchanged, or refused by the column's name. */
class TypesEndToEndTest {

    /** Per type its values as SQL literals; NULL is added to each. */
    private static final Map<String, List<String>> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("boolean", List.of("true", "false"));
        TYPES.put("smallint", List.of("-32768", "32767", "0"));
        TYPES.put("integer", List.of("-2147483648", "2147483647"));
        TYPES.put("bigint", List.of("-9223372036854775808", "9223372036854775807"));
        TYPES.put("numeric(38,0)", List.of("-" + "9".repeat(38), "9".repeat(38), "0"));
        TYPES.put("numeric(12,2)", List.of("-9999999999.99", "9999999999.99", "0.10"));
        TYPES.put("numeric(5)", List.of("-99999", "99999"));
        TYPES.put("real", List.of("'NaN'", "'Infinity'", "'-Infinity'", "3.4028235e38", "1e-45", "-0.5"));
        TYPES.put(
                "double precision",
                List.of("'NaN'", "'Infinity'", "'-Infinity'", "1.7976931348623157e308", "5e-324", "0.1"));
        TYPES.put("text", List.of("''", "'NULL'", "E'a\\tb\\nc\\\\d\\\\N'", "'Zoë ☃ 😀'", "repeat('x', 100000)"));
        TYPES.put("varchar(10)", List.of("'ten chars.'", "' '"));
        TYPES.put("char(5)", List.of("'ab'"));
        TYPES.put("bytea", List.of("''", "'\\x00ff7f80'"));
        TYPES.put("date", List.of("'infinity'", "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'1970-01-01'"));
        TYPES.put("time", List.of("'00:00:00'", "'24:00:00'", "'23:59:59.999999'"));
        TYPES.put(
                "timestamp",
                List.of(
                        "'infinity'",
                        "'-infinity'",
                        "'4713-01-01 00:00:00 BC'",
                        "'294246-12-31 23:59:59.999999'",
                        "'2026-11-21 01:02:03.4'"));
        TYPES.put(
                "timestamptz",
                List.of(
                        "'infinity'",
                        "'-infinity'",
                        "'4713-01-02 00:00:00+00 BC'",
                        "'294246-12-31 23:59:59.999999+00'"));
        TYPES.put(
                "interval",
                List.of(
                        "'0'",
                        "'-178000000 years'",
                        "'178000000 years'",
                        "'1 mon -3 days 04:05:06.789'",
                        "'-00:00:00.000001'"));
        TYPES.put("uuid", List.of("'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"));
        TYPES.put("json", List.of("'{\"a\" : 1,  \"a\": null}'", "'[]'", "'null'"));
        TYPES.put("jsonb", List.of("'{\"b\": [1, 2.50, \"x\"]}'", "'null'", "'\"\"'"));
        TYPES.put("mood", List.of("'sad'", "'very happy'"));
        TYPES.put("inet", List.of("'10.0.0.1/8'", "'fe80::1/64'"));
        TYPES.put("integer[]", List.of("'{}'", "'{1,NULL,-2147483648}'"));
        TYPES.put("text[]", List.of("'{\"\",NULL,\"NULL\",\"a,b\",\"q\\\"x\\\\y\"}'"));
        TYPES.put("numeric(10,3)[]", List.of("'{1.5,-0.001}'"));
        TYPES.put("timestamptz[]", List.of("'{infinity,\"2026-01-01 00:00:00+00\"}'"));
    }

    @TempDir
    Path directory;

    @Test
    void everyValueArrivesUnchanged() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            shop.execute(shop.shop(), "create type mood as enum ('sad', 'very happy')");
            createTable(shop, "loaded");
            createTable(shop, "streamed");
            for (String insert : inserts("loaded")) {
                shop.execute(shop.shop(), insert);
            }
            declare(shop, "loaded", "streamed");
            shop.model("loaded_copy", "{{ config(unique_key='id') }} select * from {{ source('types', 'loaded') }}");
            shop.model(
                    "streamed_copy", "{{ config(unique_key='id') }} select * from {{ source('types', 'streamed') }}");
            shop.model("loaded_bag", "select * exclude (id) from {{ source('types', 'loaded') }}");
            try (Pipeline pipeline = shop.start()) {
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                for (String insert : inserts("streamed")) {
                    shop.execute(shop.shop(), insert);
                }
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                assertThat(pipeline.status().failing()).isEmpty();
            }
            List<List<String>> source = rows(shop.shop(), "public.loaded");
            assertThat(source).hasSize(inserts("loaded").size());
            assertThat(rows(shop.warehouse(), "analytics.loaded_copy")).isEqualTo(source);
            assertThat(rows(shop.warehouse(), "analytics.streamed_copy")).isEqualTo(source);
        }
    }

    @Test
    void whatCantBeHeldIsRefusedByName() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            shop.execute(shop.shop(), "create table odd (id int primary key, amount numeric, place point)");
            declare(shop, "odd");
            shop.model("odd_copy", "select * from {{ source('types', 'odd') }}");
            assertThatThrownBy(shop::start)
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("odd")
                    .hasMessageContaining("amount")
                    .hasMessageContaining("data_type")
                    .hasMessageContaining("place");
        }
    }

    private static void createTable(ShopFixture shop, String name) {
        StringBuilder ddl = new StringBuilder("create table " + name + " (id int primary key");
        int column = 0;
        for (String type : TYPES.keySet()) {
            ddl.append(", c").append(column++).append(' ').append(type);
        }
        shop.execute(shop.shop(), ddl.append(')').toString());
    }

    /** One row for each value, with every other column NULL, and one row of NULLs only. */
    private static List<String> inserts(String table) {
        List<String> inserts = new ArrayList<>();
        inserts.add("insert into " + table + " (id) values (0)");
        int column = 0;
        int id = 1;
        for (Map.Entry<String, List<String>> type : TYPES.entrySet()) {
            for (String value : type.getValue()) {
                inserts.add("insert into " + table + " (id, c" + column + ") values (" + id++ + ", " + value + ")");
            }
            column++;
        }
        return inserts;
    }

    private static void declare(ShopFixture shop, String... tables) throws Exception {
        StringBuilder yaml =
                new StringBuilder("sources:\n  - name: types\n    connection: shop\n    schema: public\n    tables:\n");
        for (String table : tables) {
            yaml.append("      - name: ").append(table).append('\n');
        }
        Files.writeString(shop.project().resolve("models").resolve("types.yml"), yaml);
    }

    /** All values as PostgreSQL's own text. */
    private static List<List<String>> rows(PostgresAddress database, String table) throws SQLException {
        StringBuilder columns = new StringBuilder("id::text");
        int column = 0;
        for (String type : TYPES.keySet()) {
            // Padding is not part of a char's text; floats are compared by their shortest exact text.
            columns.append(", ").append(type.startsWith("char") ? "rpad(c" + column + ", 5)" : "c" + column + "::text");
            column++;
        }
        List<List<String>> rows = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("set timezone = 'UTC'");
            try (ResultSet result = statement.executeQuery("select " + columns + " from " + table + " order by id")) {
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= TYPES.size() + 1; i++) {
                        row.add(String.valueOf(result.getString(i)));
                    }
                    rows.add(row);
                }
            }
        }
        return rows;
    }
}
