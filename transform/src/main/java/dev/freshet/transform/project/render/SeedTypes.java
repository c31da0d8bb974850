package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.project.database.Session;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a column of a seed's file holds, by dbt's rules: the first of these kinds that all its values are of. */
enum SeedTypes {
    NUMBER {
        @Override
        @Nullable
        Object read(String text) {
            String digits = CURRENCY.matcher(text.replace(",", "")).replaceAll("");
            boolean isPercent = digits.endsWith("%");
            if (isPercent) {
                digits = digits.substring(0, digits.length() - 1);
            }
            if (!NUMBERS.matcher(digits).matches()) {
                return null;
            }
            BigDecimal number = new BigDecimal(digits);
            return isPercent ? number.movePointLeft(2) : number;
        }
    },
    DATE {
        @Override
        @Nullable
        Object read(String text) {
            return DATES.matcher(text).matches() ? text : null;
        }
    },
    DATETIME {
        @Override
        @Nullable
        Object read(String text) {
            return DATETIMES.matcher(text).matches() ? text : null;
        }
    },
    BOOLEAN {
        @Override
        @Nullable
        Object read(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> null;
            };
        }
    },
    TEXT {
        @Override
        Object read(String text) {
            return text;
        }
    };

    private static final Pattern CURRENCY = Pattern.compile("\\p{Sc}");
    private static final Pattern NUMBERS = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?");
    private static final Pattern DATES = Pattern.compile("\\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\\d|3[01])");
    private static final Pattern DATETIMES = Pattern.compile("\\d{4}-\\d{1,2}-\\d{1,2} \\d{1,2}:\\d{1,2}:\\d{1,2}"
            + "|\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}([.,]\\d+)?)?(Z|[+-]\\d{2}(:?\\d{2})?)?");
    private static final Set<String> NULLS = Set.of("", "null");
    /** The protocol numbers parameters with 16 bits. */
    private static final int MOST_PARAMETERS = 32_000;

    /** The value of a text that is not null, null when it is not of this kind. */
    abstract @Nullable Object read(String text);

    static boolean isNull(String text) {
        return NULLS.contains(text.strip().toLowerCase(Locale.ROOT));
    }

    /** @param texts columns that are texts whatever they look like */
    static ResultTable table(List<String> names, List<List<String>> rows, Set<String> texts) {
        List<SeedTypes> kinds = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            kinds.add(texts.contains(names.get(i)) ? TEXT : kind(rows, i));
        }
        List<Tuple> read = new ArrayList<>();
        for (List<String> row : rows) {
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                values.add(value(row.get(i), kinds.get(i)));
            }
            read.add(new Tuple(values));
        }
        return new ResultTable(
                names, read, kinds.stream().map(kind -> kind.name()).toList());
    }

    private static Object value(String text, SeedTypes kind) {
        Object value = isNull(text) ? null : kind.read(kind == TEXT ? text : text.strip());
        return value == null ? None.NONE : value;
    }

    private static SeedTypes kind(List<List<String>> rows, int column) {
        for (SeedTypes kind : values()) {
            if (rows.stream()
                    .map(row -> row.get(column))
                    .allMatch(text -> isNull(text) || kind.read(text.strip()) != null)) {
                return kind;
            }
        }
        return TEXT;
    }

    /** The database type of a column. */
    static String type(ResultTable table, int column, String adapter) {
        SeedTypes kind = table.types().isEmpty() ? TEXT : valueOf(table.types().get(column));
        return switch (kind) {
            case NUMBER ->
                table.rows().stream()
                                .map(row -> row.get(column))
                                .anyMatch(value -> value instanceof BigDecimal number
                                        && number.stripTrailingZeros().scale() > 0)
                        ? "float8"
                        : "integer";
            case DATE -> "date";
            case DATETIME -> adapter.equals("duckdb") ? "timestamp" : "timestamp without time zone";
            case BOOLEAN -> "boolean";
            case TEXT -> "text";
        };
    }

    /** Values to bind. */
    static List<@Nullable Object> bindings(List<?> row) {
        List<@Nullable Object> values = new ArrayList<>();
        row.forEach(value ->
                values.add(value == None.NONE ? null : value instanceof JinjaObject object ? object.text() : value));
        return values;
    }

    /** Inserts a table's rows, many at a time. */
    static void load(Session session, String insert, ResultTable table, int batchSize) {
        int columns = Math.max(1, table.names().size());
        int most = Math.max(1, Math.min(batchSize, MOST_PARAMETERS / columns));
        String one = "(" + String.join(", ", Collections.nCopies(columns, "?")) + ")";
        List<List<@Nullable Object>> rows = new ArrayList<>();
        table.rows().forEach(row -> {
            List<Object> values = new ArrayList<>();
            row.forEach(values::add);
            rows.add(bindings(values));
        });
        for (int from = 0; from < rows.size(); from += most) {
            List<List<@Nullable Object>> some = rows.subList(from, Math.min(from + most, rows.size()));
            session.load(insert + String.join(", ", Collections.nCopies(some.size(), one)), some);
        }
    }
}
