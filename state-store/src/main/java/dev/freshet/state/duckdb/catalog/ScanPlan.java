package dev.freshet.state.duckdb.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.Column;
import dev.freshet.state.ColumnCondition;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads from DuckDB's own optimized plans which columns of mirrors queries read, and under which conditions. What a plan does not say clearly is taken as
 * needed: a mirror that no plan names is read whole, and a condition that is not of the simplest form is none.
 */
public final class ScanPlan {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern MIRROR = Pattern.compile("(?:^|\\.)mirror\\.t(\\d+)$");
    private static final Pattern COMPARISON = Pattern.compile("\\((\\w+) (=|<|>|<=|>=) (-?\\d+(?:\\.\\d+)?"
            + "|'(?:[^']|'')*')(?:::(?:DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE|DECIMAL\\(\\d+,\\d+\\)))?\\)");
    private static final Pattern NULLNESS = Pattern.compile("\\((\\w+) (IS NULL|IS NOT NULL)\\)");

    /** How DuckDB marks a time that databases write in ways of their own. */
    private static final String BEFORE_CHRIST = "(BC)";

    private static final class Reads {
        final TreeSet<Integer> columns = new TreeSet<>();
        List<ColumnCondition> conditions = List.of();
        int scans;
    }

    private final Session session;
    private final Map<Long, Mirror> mirrors = new HashMap<>();
    private final Map<Long, Reads> reads = new HashMap<>();

    /** Of no query yet. */
    public ScanPlan(Session session, List<Mirror> mirrors) {
        this.session = session;
        mirrors.forEach(mirror -> this.mirrors.put(mirror.id(), mirror));
    }

    /** Adds what a query reads. The mirrors may be empty: without DuckDB's propagation of statistics the plan does not depend on it. */
    public void add(String query) throws SQLException {
        try {
            for (String plan : session.rows("EXPLAIN (FORMAT JSON) " + query, row -> row.getString(2))) {
                visit(JSON.readTree(plan));
            }
        } catch (JsonProcessingException e) {
            throw new SQLException("a plan is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** What the queries read of each mirror; of one that none reads, all columns. */
    public List<TableScan> scans() {
        List<TableScan> scans = new ArrayList<>();
        mirrors.forEach((id, mirror) -> {
            Reads of = reads.get(id);
            List<Column> columns = mirror.schema().columns();
            if (of == null) {
                scans.add(new TableScan(mirror.table(), names(columns), List.of()));
                return;
            }
            if (of.columns.isEmpty()) {
                of.columns.add(0);
            }
            scans.add(new TableScan(
                    mirror.table(),
                    names(of.columns.stream().map(columns::get).toList()),
                    of.scans == 1 ? of.conditions : List.of()));
        });
        return scans;
    }

    private static List<String> names(List<Column> columns) {
        return columns.stream().map(Column::name).toList();
    }

    private void visit(JsonNode node) {
        if (node.isArray()) {
            node.forEach(this::visit);
            return;
        }
        node.path("children").forEach(this::visit);
        JsonNode info = node.path("extra_info");
        Matcher table = MIRROR.matcher(info.path("Table").asText(""));
        if (table.find()) {
            Mirror mirror = mirrors.get(Long.parseLong(table.group(1)));
            if (mirror != null) {
                scanned(mirror.schema(), reads.computeIfAbsent(mirror.id(), id -> new Reads()), info);
            }
        }
    }

    private static void scanned(TableSchema schema, Reads reads, JsonNode info) {
        reads.scans++;
        List<String> filters = texts(info.path("Filters"));
        List<Column> columns = schema.columns();
        List<String> projected =
                texts(info.path("Projections")).stream().map(ScanPlan::folded).toList();
        boolean isOdd = columns.stream().anyMatch(column -> column.name().contains("\""));
        for (int i = 0; i < columns.size(); i++) {
            String name = folded(columns.get(i).name());
            if (isOdd
                    || projected.contains(name)
                    || projected.contains("\"" + name + "\"")
                    || filters.stream().anyMatch(filter -> folded(filter).contains(name))) {
                reads.columns.add(i);
            }
        }
        reads.conditions = filters.stream()
                .map(filter -> condition(schema, filter))
                .flatMap(Optional::stream)
                .toList();
    }

    private static String folded(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** One text, several, or none. */
    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(each -> texts.add(each.asText()));
        } else if (!node.asText("").isEmpty()) {
            texts.add(node.asText());
        }
        return texts;
    }

    private static Optional<ColumnCondition> condition(TableSchema schema, String filter) {
        Matcher nullness = NULLNESS.matcher(filter);
        if (nullness.matches()) {
            return column(schema, nullness.group(1))
                    .map(column -> new ColumnCondition(column.name(), column.type(), nullness.group(2), ""));
        }
        Matcher comparison = COMPARISON.matcher(filter);
        if (!comparison.matches()) {
            return Optional.empty();
        }
        String literal = comparison.group(3);
        String value = literal.startsWith("'")
                ? literal.substring(1, literal.length() - 1).replace("''", "'")
                : literal;
        return column(schema, comparison.group(1))
                .filter(column -> isComparedAlike(column.type(), comparison.group(2)))
                .filter(column -> Simple.VARCHAR.equals(column.type()) || !value.contains(BEFORE_CHRIST))
                .map(column -> new ColumnCondition(column.name(), column.type(), comparison.group(2), value));
    }

    private static Optional<Column> column(TableSchema schema, String name) {
        return schema.columns().stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst();
    }

    /** The order of texts depends on the database's collation; their equality does not. */
    private static boolean isComparedAlike(DataType type, String operator) {
        if (type instanceof DataType.Decimal) {
            return true;
        }
        return type instanceof Simple simple
                && switch (simple) {
                    case SMALLINT, INTEGER, BIGINT, DATE, TIMESTAMP, TIMESTAMPTZ -> true;
                    case VARCHAR -> operator.equals("=");
                    default -> false;
                };
    }
}
