package dev.freshet.ingest.postgres;

import dev.freshet.state.ColumnCondition;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.TableScan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The part of a table that queries need, for COPY's CSV format. Only types whose texts DuckDB reads as {@link ValueReaders} does; a value beyond its range or form
 * (a year before Christ) fails there, and is then read the careful way.
 */
final class CsvCopy {

    private static final Set<DataType> READ_ALIKE = Set.of(
            Simple.BOOLEAN,
            Simple.SMALLINT,
            Simple.INTEGER,
            Simple.BIGINT,
            Simple.REAL,
            Simple.DOUBLE,
            Simple.VARCHAR,
            Simple.JSON,
            Simple.DATE,
            Simple.TIMESTAMP,
            Simple.TIMESTAMPTZ,
            Simple.UUID);

    /** What a constant is compared as, by the first words of the column's own type. */
    private static final Map<String, String> COMPARED_AS = Map.ofEntries(
            Map.entry("smallint", "numeric"),
            Map.entry("integer", "numeric"),
            Map.entry("bigint", "numeric"),
            Map.entry("numeric", "numeric"),
            Map.entry("date", "date"),
            Map.entry("timestamp without time zone", "timestamp without time zone"),
            Map.entry("timestamp with time zone", "timestamp with time zone"),
            Map.entry("text", "text"),
            Map.entry("character varying", "text"));

    private final CapturedTable table;

    CsvCopy(CapturedTable table) {
        this.table = table;
    }

    /** The statement; empty when what is needed has other types. */
    Optional<String> statement(TableScan scan) {
        return select(scan)
                .map(select -> "copy (" + select + ") to stdout (format csv"
                        + quotes(scan.columns().get(0)) + ")");
    }

    /** A file that begins with a byte order mark would lose it: a text at its beginning is quoted. */
    private String quotes(String first) {
        CapturedColumn column = column(first);
        return column != null && Simple.VARCHAR.equals(column.type())
                ? ", force_quote (" + Database.identifier(column.name()) + ")"
                : "";
    }

    private Optional<String> select(TableScan scan) {
        List<String> columns = new ArrayList<>();
        for (String name : scan.columns()) {
            CapturedColumn column = column(name);
            if (column == null || !column.present() || !isReadAlike(column)) {
                return Optional.empty();
            }
            columns.add(text(column));
        }
        String conditions = scan.conditions().stream()
                .map(this::condition)
                .flatMap(Optional::stream)
                .collect(Collectors.joining(" and "));
        return Optional.of("select " + String.join(", ", columns) + " from " + Database.relation(table.id())
                + (conditions.isEmpty() ? "" : " where " + conditions));
    }

    /** DuckDB takes the number of a year before Christ for one after, where a text is read for a date; this is a text that it refuses. */
    private static String text(CapturedColumn column) {
        String name = Database.identifier(column.name());
        String first =
                switch (column.type() instanceof Simple simple ? simple : Simple.VARCHAR) {
                    case DATE -> "date '0001-01-01'";
                    case TIMESTAMP -> "timestamp '0001-01-01'";
                    case TIMESTAMPTZ -> "timestamptz '0001-01-01 00:00:00+00'";
                    default -> "";
                };
        return first.isEmpty()
                ? name
                : "case when " + name + " < " + first + " and isfinite(" + name + ") then 'before Christ' else " + name
                        + "::text end";
    }

    /** A number whose scale only the project declares may have more digits, and would be rounded. */
    private static boolean isReadAlike(CapturedColumn column) {
        return column.type() instanceof DataType.Decimal
                ? column.sourceType().startsWith("numeric(")
                : READ_ALIKE.contains(column.type());
    }

    private @Nullable CapturedColumn column(String name) {
        int index = table.schema().indexOf(name);
        return index < 0 ? null : table.columns().get(index);
    }

    private Optional<String> condition(ColumnCondition condition) {
        CapturedColumn column = column(condition.column());
        if (column == null) {
            return Optional.empty();
        }
        String name = Database.identifier(condition.column());
        if (condition.operator().startsWith("IS ")) {
            return Optional.of(name + " " + condition.operator().toLowerCase(Locale.ROOT));
        }
        String type = COMPARED_AS.get(column.sourceType().replaceFirst("\\(\\d+(,\\d+)?\\)", ""));
        return type == null
                ? Optional.empty()
                : Optional.of(
                        name + " " + condition.operator() + " " + Database.literal(condition.value()) + "::" + type);
    }
}
