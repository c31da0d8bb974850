package dev.freshet.transform.project.database;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What is the same for all databases with a JDBC driver and an information schema. */
abstract class JdbcDatabase implements Database, AutoCloseable {

    /** More rows than this are no answer for a template, and would fill the memory. */
    private static final int MOST_ROWS = 1_000_000;

    private final Connection output;
    private final java.sql.Connection session;

    JdbcDatabase(Connection output, java.sql.Connection session) {
        this.output = output;
        this.session = session;
    }

    final java.sql.Connection session() {
        return session;
    }

    static FreshetException unreachable(Connection output, SQLException e) {
        return new FreshetException(
                ErrorKind.TARGET,
                "output '" + output.name() + "' can't be reached: " + e.getMessage()
                        + "; check its settings in profiles.yml",
                e);
    }

    /** A statement as this engine understands it. */
    String adapted(String sql) {
        return sql;
    }

    @Override
    public QueryResult query(String sql) {
        try (Statement statement = session.createStatement()) {
            statement.setMaxRows(MOST_ROWS + 1);
            boolean hasRows = statement.execute(sql);
            if (!hasRows) {
                return new QueryResult("OK", List.of(), List.of(), List.of());
            }
            try (ResultSet found = statement.getResultSet()) {
                return read(found);
            }
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.USER, "a query of this template failed on '" + output.name() + "': " + e.getMessage(), e);
        }
    }

    final QueryResult read(ResultSet found) throws SQLException {
        ResultSetMetaData description = found.getMetaData();
        List<String> columns = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (int i = 1; i <= description.getColumnCount(); i++) {
            columns.add(description.getColumnLabel(i));
            types.add(description.getColumnTypeName(i).toLowerCase(Locale.ROOT));
        }
        List<List<@Nullable Object>> rows = new ArrayList<>();
        while (found.next()) {
            List<@Nullable Object> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                row.add(value(found, i));
            }
            rows.add(row);
        }
        if (rows.size() > MOST_ROWS) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "a query of this template gives more than " + MOST_ROWS + " rows; add a limit to it");
        }
        return new QueryResult("SELECT " + rows.size(), columns, types, rows);
    }

    private static @Nullable Object value(ResultSet found, int column) throws SQLException {
        Object value = found.getObject(column);
        if (value == null
                || value instanceof Boolean
                || value instanceof String
                || value instanceof BigInteger
                || value instanceof BigDecimal
                || value instanceof Double
                || value instanceof LocalDate
                || value instanceof LocalDateTime
                || value instanceof OffsetDateTime) {
            return value;
        }
        if (value instanceof Date) {
            return found.getObject(column, LocalDate.class);
        }
        if (value instanceof Timestamp) {
            String type = found.getMetaData().getColumnTypeName(column).toLowerCase(Locale.ROOT);
            boolean hasZone = type.contains("tz") || type.contains("with time zone");
            return hasZone
                    ? found.getObject(column, OffsetDateTime.class)
                    : found.getObject(column, LocalDateTime.class);
        }
        if (value instanceof Float number) {
            return Double.valueOf(number.toString());
        }
        return value instanceof Number number ? (Object) number.longValue() : found.getString(column);
    }

    /** The rows of a query with texts bound to it. */
    List<List<@Nullable Object>> rows(String sql, String... values) {
        try (PreparedStatement statement = session.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (ResultSet found = statement.executeQuery()) {
                return read(found).rows();
            }
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.TARGET, "output '" + output.name() + "' can't be asked: " + e.getMessage(), e);
        }
    }

    @Override
    public List<FoundColumn> columns(String schema, String table) {
        List<FoundColumn> columns = new ArrayList<>();
        String select = "select column_name, " + type()
                + ", character_maximum_length, numeric_precision, numeric_scale from information_schema.columns where "
                + named("table_name");
        String order = " order by ordinal_position";
        List<List<@Nullable Object>> found = schema.isEmpty()
                ? rows(select + " and " + temporary() + order, table)
                : rows(select + " and " + named("table_schema") + restriction() + order, table, schema);
        for (List<@Nullable Object> row : found) {
            columns.add(new FoundColumn(
                    String.valueOf(row.get(0)),
                    String.valueOf(row.get(1)),
                    number(row.get(2)),
                    number(row.get(3)),
                    number(row.get(4))));
        }
        return columns;
    }

    /** More conditions for the information schema, for engines that see other databases there. */
    String restriction() {
        return "";
    }

    /** The condition that a column of the information schema has a name. */
    String named(String column) {
        return column + " = ?";
    }

    /** What the information schema's row of a column has as the name of its type, by which values can be cast. */
    String type() {
        return "data_type";
    }

    /** Where tables without a schema are found. */
    abstract String temporary();

    private static OptionalInt number(@Nullable Object value) {
        return value instanceof Number number ? OptionalInt.of(number.intValue()) : OptionalInt.empty();
    }

    @Override
    public List<String> schemas() {
        return rows("select distinct schema_name from information_schema.schemata order by 1").stream()
                .map(row -> String.valueOf(row.get(0)))
                .toList();
    }

    static List<FoundRelation> relations(List<List<@Nullable Object>> rows) {
        return rows.stream()
                .map(row -> new FoundRelation(
                        String.valueOf(row.get(0)),
                        String.valueOf(row.get(1)),
                        String.valueOf(row.get(2)),
                        String.valueOf(row.get(3))))
                .toList();
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (SQLException e) {
            throw new FreshetException(
                    ErrorKind.TARGET, "closing output '" + output.name() + "' failed: " + e.getMessage(), e);
        }
    }
}
