package dev.freshet.ingest.postgres;

import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which of our types stands for a column of the database, from the database's own catalog of types. */
final class ColumnTypes {

    private static final Pattern DECLARED_NUMERIC = Pattern.compile(
            "(?:numeric|decimal|number)\\s*\\(\\s*(\\d+)\\s*(?:,\\s*(\\d+)\\s*)?\\)", Pattern.CASE_INSENSITIVE);
    private static final Pattern DECLARED_TEXT =
            Pattern.compile("(?:text|string|varchar|character varying)\\s*(?:\\(.*\\))?", Pattern.CASE_INSENSITIVE);

    private static final Map<String, DataType> BY_NAME = Map.ofEntries(
            Map.entry("bool", Simple.BOOLEAN),
            Map.entry("int2", Simple.SMALLINT),
            Map.entry("int4", Simple.INTEGER),
            Map.entry("int8", Simple.BIGINT),
            Map.entry("oid", Simple.BIGINT),
            Map.entry("float4", Simple.REAL),
            Map.entry("float8", Simple.DOUBLE),
            Map.entry("text", Simple.VARCHAR),
            Map.entry("varchar", Simple.VARCHAR),
            Map.entry("bpchar", Simple.VARCHAR),
            Map.entry("name", Simple.VARCHAR),
            Map.entry("char", Simple.VARCHAR),
            Map.entry("citext", Simple.VARCHAR),
            Map.entry("inet", Simple.VARCHAR),
            Map.entry("cidr", Simple.VARCHAR),
            Map.entry("macaddr", Simple.VARCHAR),
            Map.entry("macaddr8", Simple.VARCHAR),
            Map.entry("xml", Simple.VARCHAR),
            Map.entry("timetz", Simple.VARCHAR),
            Map.entry("json", Simple.JSON),
            Map.entry("jsonb", Simple.JSON),
            Map.entry("bytea", Simple.BLOB),
            Map.entry("date", Simple.DATE),
            Map.entry("time", Simple.TIME),
            Map.entry("timestamp", Simple.TIMESTAMP),
            Map.entry("timestamptz", Simple.TIMESTAMPTZ),
            Map.entry("interval", Simple.INTERVAL),
            Map.entry("uuid", Simple.UUID));

    private record Type(String name, char kind, char category, long base, int modifier, long element) {}

    private final Map<Long, Type> types;

    private ColumnTypes(Map<Long, Type> types) {
        this.types = types;
    }

    static ColumnTypes read(Connection connection) throws SQLException {
        Map<Long, Type> types = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select oid::int8, typname, typtype::text, typcategory::text, typbasetype::int8, typtypmod,"
                                + " case when typsubscript = 'array_subscript_handler'::regproc then typelem::int8 else 0 end"
                                + " from pg_catalog.pg_type where typtype <> 'c' and typtype <> 'p'"
                                + " and typname not in ('int2vector', 'oidvector')")) {
            while (row.next()) {
                types.put(
                        row.getLong(1),
                        new Type(
                                row.getString(2),
                                row.getString(3).charAt(0),
                                row.getString(4).charAt(0),
                                row.getLong(5),
                                row.getInt(6),
                                row.getLong(7)));
            }
        }
        return new ColumnTypes(types);
    }

    /**
     * @param declared the {@code data_type} that the project declares: it decides where the database's own type leaves it open
     * @return empty when the column can't be captured as it is
     */
    Optional<DataType> of(long oid, int modifier, Optional<String> declared) {
        Optional<DataType> own = own(oid, modifier);
        return own.isPresent() ? own : declared.flatMap(text -> declared(oid, text.strip()));
    }

    private Optional<DataType> own(long oid, int modifier) {
        Type type = types.get(oid);
        if (type == null) {
            return Optional.empty();
        }
        if (type.kind == 'd') {
            return own(type.base, type.modifier >= 0 ? type.modifier : modifier);
        }
        if (type.kind == 'e' || type.kind == 'r' || type.kind == 'm') {
            return Optional.of(Simple.VARCHAR);
        }
        if (type.category == 'A' && type.element != 0) {
            return own(type.element, modifier)
                    .filter(e -> !(e instanceof DataType.ListOf))
                    .map(DataType.ListOf::new);
        }
        if (type.name.equals("numeric")) {
            return numeric(modifier);
        }
        return Optional.ofNullable(BY_NAME.get(type.name));
    }

    /** A numeric's modifier holds precision and, in 11 signed bits, scale (PostgreSQL source, numeric.c). */
    private static Optional<DataType> numeric(int modifier) {
        if (modifier < 4) {
            return Optional.empty();
        }
        int precision = ((modifier - 4) >> 16) & 0xffff;
        int scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
        int digits = scale < 0 ? precision - scale : Math.max(precision, scale);
        return digits > 38 ? Optional.empty() : Optional.of(new DataType.Decimal(digits, Math.max(scale, 0)));
    }

    private Optional<DataType> declared(long oid, String text) {
        if (DECLARED_TEXT.matcher(text).matches()) {
            return Optional.of(Simple.VARCHAR);
        }
        Matcher numeric = DECLARED_NUMERIC.matcher(text);
        if (!numeric.matches() || !isNumeric(oid)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new DataType.Decimal(
                    Integer.parseInt(numeric.group(1)),
                    numeric.group(2) == null ? 0 : Integer.parseInt(numeric.group(2))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private boolean isNumeric(long oid) {
        Type type = types.get(oid);
        return type != null && (type.kind == 'd' ? isNumeric(type.base) : type.name.equals("numeric"));
    }
}
