package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.LoadStep;
import dev.freshet.state.Column;
import dev.freshet.state.FreshetException;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.testkit.PostgresServer;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every type, through the log and through COPY, from a server, a database and a role with unusual habits. */
class TypesTest {

    private static final long DAY = 86_400_000_000L;
    private static PostgresServer server;

    @TempDir
    Path scratch;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(Map.of(
                "IntervalStyle", "iso_8601",
                "DateStyle", "'SQL, DMY'",
                "bytea_output", "escape",
                "extra_float_digits", "-15",
                "TimeZone", "Asia/Kathmandu"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** A column, literals for it, and what we make of each of them. */
    private record Case(String type, String declared, String sqlType, List<String> literals, List<Object> values) {

        static Case of(String type, String sqlType, Object... literalsAndValues) {
            return declared(type, "", sqlType, literalsAndValues);
        }

        static Case declared(String type, String declared, String sqlType, Object... literalsAndValues) {
            List<String> literals = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < literalsAndValues.length; i += 2) {
                literals.add((String) literalsAndValues[i]);
                values.add(literalsAndValues[i + 1]);
            }
            return new Case(type, declared, sqlType, literals, values);
        }
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length);
        for (int value : values) {
            buffer.put((byte) value);
        }
        return buffer.flip();
    }

    private static long day(int year, int month, int day) {
        return LocalDate.of(year, month, day).toEpochDay();
    }

    private static final String NINES = "9".repeat(38);

    private static final List<Case> CASES = List.of(
            Case.of("boolean", "BOOLEAN", "true", true, "false", false),
            Case.of("smallint", "SMALLINT", "-32768", -32768, "32767", 32767),
            Case.of("integer", "INTEGER", "-2147483648", Integer.MIN_VALUE, "2147483647", Integer.MAX_VALUE),
            Case.of("bigint", "BIGINT", "-9223372036854775808", Long.MIN_VALUE, "9223372036854775807", Long.MAX_VALUE),
            Case.of(
                    "real",
                    "FLOAT",
                    "3.4028235e38",
                    Float.MAX_VALUE,
                    "1e-45",
                    Float.MIN_VALUE,
                    "NaN",
                    Float.NaN,
                    "-Infinity",
                    Float.NEGATIVE_INFINITY,
                    "0.1",
                    0.1f),
            Case.of(
                    "double precision",
                    "DOUBLE",
                    "1.7976931348623157e308",
                    Double.MAX_VALUE,
                    "4.9e-324",
                    Double.MIN_VALUE,
                    "NaN",
                    Double.NaN,
                    "Infinity",
                    Double.POSITIVE_INFINITY,
                    "0.1",
                    0.1,
                    "-0",
                    -0.0),
            Case.of(
                    "numeric(38,10)",
                    "DECIMAL(38,10)",
                    "-" + NINES.substring(10) + "." + NINES.substring(0, 10),
                    new BigDecimal("-" + NINES.substring(10) + "." + NINES.substring(0, 10)),
                    "0",
                    new BigDecimal("0.0000000000"),
                    "1.5",
                    new BigDecimal("1.5000000000")),
            Case.of("numeric(38)", "DECIMAL(38,0)", NINES, new BigDecimal(NINES)),
            Case.of("numeric(3,5)", "DECIMAL(5,5)", "0.00999", new BigDecimal("0.00999")),
            Case.of("numeric(3,-2)", "DECIMAL(5,0)", "99900", new BigDecimal("99900")),
            Case.declared("numeric", "numeric(38,10)", "DECIMAL(38,10)", "12.25", new BigDecimal("12.2500000000")),
            Case.declared("numeric", "text", "VARCHAR", "NaN", "NaN", "1e60", "1" + "0".repeat(60), "-0.10", "-0.10"),
            Case.declared("money", "text", "VARCHAR"),
            Case.of(
                    "text",
                    "VARCHAR",
                    "",
                    "",
                    "a\tb\\c\r\nd\"'é\uD83D\uDE00{},NULL\\N",
                    "a\tb\\c\r\nd\"'é\uD83D\uDE00{},NULL\\N"),
            Case.of("varchar(5)", "VARCHAR", "abcde", "abcde"),
            Case.of("char(4)", "VARCHAR", "a", "a   "),
            Case.of("name", "VARCHAR", "n", "n"),
            Case.of("mood", "VARCHAR", "sad", "sad"),
            Case.of("inet", "VARCHAR", "10.0.0.1/8", "10.0.0.1/8"),
            Case.of("cidr", "VARCHAR", "10.0.0.0/8", "10.0.0.0/8"),
            Case.of("macaddr", "VARCHAR", "08:00:2b:01:02:03", "08:00:2b:01:02:03"),
            Case.of("int4range", "VARCHAR", "[1,5]", "[1,6)"),
            Case.of("json", "JSON", "{ \"a\" : [1, null]}", "{ \"a\" : [1, null]}"),
            Case.of("jsonb", "JSON", "{ \"b\" : 1.50, \"a\":\"x\\ny\"}", "{\"a\": \"x\\ny\", \"b\": 1.50}"),
            Case.of("bytea", "BLOB", "\\x00ff5c27", bytes(0, 255, 0x5c, 0x27), "\\x", bytes()),
            Case.of(
                    "date",
                    "DATE",
                    "infinity",
                    Integer.MAX_VALUE,
                    "-infinity",
                    -Integer.MAX_VALUE,
                    "4713-01-01 BC",
                    (int) day(-4712, 1, 1),
                    "5874897-12-31",
                    (int) day(5874897, 12, 31),
                    "2024-02-29",
                    (int) day(2024, 2, 29)),
            Case.of("time", "TIME", "00:00:00", 0L, "24:00:00", DAY, "23:59:59.999999", DAY - 1),
            Case.of("timetz", "VARCHAR", "24:00:00-15:59", "24:00:00-15:59", "10:00:00.5+05:45", "10:00:00.5+05:45"),
            Case.of(
                    "timestamp",
                    "TIMESTAMP",
                    "infinity",
                    Long.MAX_VALUE,
                    "-infinity",
                    -Long.MAX_VALUE,
                    "4713-01-01 00:00:00 BC",
                    day(-4712, 1, 1) * DAY,
                    "294246-12-31 23:59:59.999999",
                    (day(294246, 12, 31) + 1) * DAY - 1,
                    "1970-01-01 00:00:00.000001",
                    1L),
            Case.of(
                    "timestamptz",
                    "TIMESTAMPTZ",
                    "infinity",
                    Long.MAX_VALUE,
                    "-infinity",
                    -Long.MAX_VALUE,
                    "4713-01-01 12:00:00+00 BC",
                    day(-4712, 1, 1) * DAY + DAY / 2,
                    "1900-01-01 00:00:00+00",
                    day(1900, 1, 1) * DAY,
                    "2024-06-01 12:00:00.25+02",
                    day(2024, 6, 1) * DAY + 36_000_250_000L),
            Case.of(
                    "interval",
                    "INTERVAL",
                    "178000000 years -1 mons 5 days -04:05:06.789",
                    new IntervalValue(2_135_999_999, 5, -14_706_789_000L),
                    "-9223372036854775807 us",
                    new IntervalValue(0, 0, -Long.MAX_VALUE),
                    "2147483647 days",
                    new IntervalValue(0, Integer.MAX_VALUE, 0),
                    "-13 mons 1 us",
                    new IntervalValue(-13, 0, 1),
                    "0",
                    new IntervalValue(0, 0, 0)),
            Case.of(
                    "uuid",
                    "UUID",
                    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                    UUID.fromString("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
            Case.of(
                    "integer[]",
                    "INTEGER[]",
                    "{}",
                    List.of(),
                    "{1,NULL,-3}",
                    Arrays.asList(1, null, -3),
                    "[5:6]={7,8}",
                    List.of(7, 8)),
            Case.of(
                    "text[]",
                    "VARCHAR[]",
                    "{\"a,b\",\"NULL\",NULL,\"q\\\"\\\\\",\"\"}",
                    Arrays.asList("a,b", "NULL", null, "q\"\\", "")),
            Case.of(
                    "timestamptz[]",
                    "TIMESTAMPTZ[]",
                    "{\"2024-01-01 00:00:00+00\",infinity}",
                    List.of(day(2024, 1, 1) * DAY, Long.MAX_VALUE)),
            Case.of(
                    "numeric(6,2)[]",
                    "DECIMAL(6,2)[]",
                    "{1,2.50}",
                    List.of(new BigDecimal("1.00"), new BigDecimal("2.50"))),
            Case.of("bytea[]", "BLOB[]", "{\"\\\\x01\"}", List.of(bytes(1))),
            Case.of("mood[]", "VARCHAR[]", "{ok}", List.of("ok")),
            Case.of("price", "DECIMAL(10,2)", "1.5", new BigDecimal("1.50")));

    private static void createTypes(String database) {
        server.createDatabase(database);
        server.execute(
                database,
                "create type mood as enum ('sad', 'ok')",
                "create domain amount as numeric(10,2)",
                "create domain price as amount check (value > 0)");
    }

    @Test
    void everyTypeIsTheSameThroughTheLogAndThroughCopy() throws Exception {
        createTypes("types");
        StringBuilder table = new StringBuilder("create table v (id int primary key");
        Map<String, String> declared = new java.util.HashMap<>();
        int rows = 1;
        for (int c = 0; c < CASES.size(); c++) {
            table.append(", c").append(c).append(' ').append(CASES.get(c).type());
            if (!CASES.get(c).declared().isEmpty()) {
                declared.put("c" + c, CASES.get(c).declared());
            }
            rows = Math.max(rows, CASES.get(c).values().size());
        }
        server.execute("types", table.append(")").toString());
        // Row 0 is all NULL; row r holds each column's literal r - 1, or NULL.
        List<String> inserts = new ArrayList<>();
        List<Row> expected = new ArrayList<>();
        for (int r = 0; r <= rows; r++) {
            StringBuilder insert = new StringBuilder("insert into v values (").append(r);
            Object[] values = new Object[CASES.size() + 1];
            values[0] = r;
            for (int c = 0; c < CASES.size(); c++) {
                Case column = CASES.get(c);
                boolean has = r > 0 && r <= column.values().size();
                insert.append(", ")
                        .append(has ? Database.literal(column.literals().get(r - 1)) + "::" + column.type() : "null");
                values[c + 1] = has ? column.values().get(r - 1) : null;
            }
            inserts.add(insert.append(")").toString());
            expected.add(Row.of(values));
        }
        // The server reads dates as day, month, year; ours are ISO.
        inserts.add(0, "set datestyle = ISO; set intervalstyle = postgres");
        server.execute("types", inserts.toArray(new String[0]));
        try (CaptureFixture capture = new CaptureFixture(server, "types", scratch, "v").declare("v", declared)) {
            capture.start();
            capture.drain();
            assertThat(capture.staged.get(CaptureFixture.table("v")).schema.columns().stream()
                            .skip(1)
                            .map(Column::type)
                            .map(type -> type.sql()))
                    .containsExactlyElementsOf(CASES.stream().map(Case::sqlType).toList());
            assertThat(capture.staged.get(CaptureFixture.table("v")).rows)
                    .extracting(LoadStep.LoadedRow::poison)
                    .allMatch(java.util.Optional::isEmpty);
            assertThat(capture.contents("v")).containsExactlyElementsOf(expected);
            capture.execute(
                    "create table w as select * from v", "delete from v", "insert into v select * from w order by id");
            capture.drain();
            List<Row> streamed = capture.changes("v").stream()
                    .filter(change -> change.change() instanceof RowChange.Insert)
                    .peek(change -> assertThat(change.poison()).isEmpty())
                    .map(change -> ((RowChange.Insert) change.change()).after())
                    .toList();
            assertThat(streamed).containsExactlyElementsOf(expected);
            assertThat(capture.now("v")).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void valuesThatDoNotFitPoisonTheirRowAndNoOther() throws Exception {
        createTypes("poison");
        server.execute(
                "poison",
                "create table v (id int primary key, n numeric(10,2), d numeric, t timestamp, a int[], i interval)",
                "insert into v values (1, 'NaN'), (2, 1)");
        try (CaptureFixture capture =
                new CaptureFixture(server, "poison", scratch, "v").declare("v", Map.of("d", "numeric(5,2)"))) {
            capture.start();
            capture.drain();
            assertThat(capture.staged.get(CaptureFixture.table("v")).rows.get(0).poison())
                    .contains("column \"n\" is NaN, which DECIMAL(10,2) can't hold");
            assertThat(capture.staged.get(CaptureFixture.table("v")).rows.get(1).poison())
                    .isEmpty();
            capture.execute(
                    "insert into v values (3, 1, 1.234)",
                    "insert into v values (4, 1, 12345)",
                    "insert into v values (5, 1, 1, '294276-01-01')",
                    "insert into v values (6, 1, 1, null, '{{1,2},{3,4}}')",
                    "insert into v values (7, 1, 1, null, null, 'infinity')",
                    "insert into v values (8, 1, 1, null, '{1}', '1 day')",
                    "update v set n = 'NaN' where id = 8");
            capture.drain();
            assertThat(capture.changes("v").stream().map(CapturedChange::poison).map(reason -> reason.orElse("")))
                    .containsExactly(
                            "column \"d\" has more digits behind the point than DECIMAL(5,2)",
                            "column \"d\" has more digits than DECIMAL(5,2)",
                            "column \"t\" is a timestamp out of range",
                            "column \"a\" has more than one dimension",
                            "column \"i\" is an infinite interval",
                            "",
                            "column \"n\" is NaN, which DECIMAL(10,2) can't hold");
            assertThat(capture.changes("v").get(0).change())
                    .isEqualTo(new RowChange.Insert(Row.of(3, new BigDecimal("1.00"), null, null, null, null), false));
        }
    }

    @Test
    void unmappableColumnsAreRefusedByName() {
        createTypes("refused");
        server.execute(
                "refused",
                "create table v (id int primary key, n numeric, w numeric(60,2), m money, p point, h numeric[], ok text)",
                "create table r (id int primary key, \"_Op\" text)",
                "create table c (id int primary key, a text, \"A\" text)");
        try (CaptureFixture capture = new CaptureFixture(server, "refused", scratch, "v", "r", "c")) {
            assertThatThrownBy(capture::start)
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("column \"n\" of table \"public.v\" has type numeric,")
                    .hasMessageContaining("declare 'data_type: numeric(38,10)' or 'data_type: text'")
                    .hasMessageContaining("column \"w\" of table \"public.v\" has type numeric(60,2)")
                    .hasMessageContaining("column \"m\" of table \"public.v\" has type money")
                    .hasMessageContaining("column \"p\" of table \"public.v\" has type point")
                    .hasMessageContaining("column \"h\" of table \"public.v\" has type numeric[]")
                    .hasMessageContaining(
                            "column \"_Op\" of table \"public.r\" has a name that Freshet keeps for itself")
                    .hasMessageContaining("column \"A\" of table \"public.c\" differs from another one only in case")
                    .hasMessageNotContaining("\"ok\"");
        }
    }
}
