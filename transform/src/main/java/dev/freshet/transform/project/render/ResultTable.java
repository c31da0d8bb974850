package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.jinja.modules.DbtModules;
import dev.freshet.transform.project.database.QueryResult;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The result of a query as templates handle it: the parts of an agate table that dbt's documentation and packages use.
 *
 * @param rows None, Boolean, whole numbers, decimals, texts, dates and datetimes
 * @param types what the columns of a seed hold, see {@link SeedTypes}; empty for others
 */
record ResultTable(List<String> names, List<Tuple> rows, List<String> types) implements JinjaObject, Iterable<Object> {

    private static final Set<String> ATTRIBUTES = Set.of(
            "columns",
            "rows",
            "column_names",
            "print_table",
            "print_csv",
            "select",
            "exclude",
            "limit",
            "rename",
            "order_by",
            "distinct");

    ResultTable(List<String> names, List<Tuple> rows) {
        this(names, rows, List.of());
    }

    /** Values as dbt's tables hold them: numbers that are not whole are decimals. Unlike in a seed's file, the texts '' and 'null' are what they are. */
    static ResultTable of(QueryResult result) {
        List<Tuple> rows = new ArrayList<>();
        for (List<@Nullable Object> row : result.rows()) {
            rows.add(new Tuple(row.stream().map(ResultTable::value).toList()));
        }
        return new ResultTable(result.columns(), rows);
    }

    private static Object value(@Nullable Object value) {
        if (value == null) {
            return None.NONE;
        }
        if (value instanceof Double number) {
            return number.isNaN() || number.isInfinite() ? number : new BigDecimal(PythonValues.repr(number));
        }
        return DbtModules.fromJava(value);
    }

    @Override
    public Iterator<Object> iterator() {
        return rowViews().iterator();
    }

    private List<Object> rowViews() {
        List<Object> views = new ArrayList<>();
        rows.forEach(row -> views.add(new RowView(names, row)));
        return views;
    }

    private List<Object> columnViews() {
        List<Object> views = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int index = i;
            views.add(new ColumnView(
                    index,
                    names.get(index),
                    new Tuple(rows.stream().map(row -> row.get(index)).toList())));
        }
        return views;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "rows" -> new Mapped("MappedSequence", rowViews(), List.of());
            case "columns" -> new Mapped("MappedSequence", columnViews(), names);
            case "column_names" -> new Tuple(new ArrayList<>(names));
            case "select" ->
                JinjaFunction.of("select", "key", (context, arguments) -> keep(keys(arguments.value(0))::contains));
            case "exclude" ->
                JinjaFunction.of("exclude", "key", (context, arguments) -> {
                    List<Object> left = keys(arguments.value(0));
                    return keep(column -> !left.contains(column));
                });
            case "limit" ->
                JinjaFunction.of("limit", "count", (context, arguments) -> {
                    int count = arguments.value(0) instanceof Number number ? number.intValue() : rows.size();
                    return new ResultTable(names, rows.subList(0, Math.min(count, rows.size())));
                });
            case "rename" ->
                JinjaFunction.of(
                        "rename",
                        "column_names=None, row_names=None",
                        (context, arguments) -> renamed(arguments.value(0)));
            case "order_by" ->
                JinjaFunction.of(
                        "order_by",
                        "key, reverse=False",
                        (context, arguments) -> ordered(keys(arguments.value(0)), arguments.isTrue(1)));
            case "distinct" ->
                JinjaFunction.of(
                        "distinct",
                        "key=None",
                        (context, arguments) ->
                                distinct(arguments.isNone(0) ? new ArrayList<>(names) : keys(arguments.value(0))));
            case "print_table", "print_csv" -> (JinjaFunction) (context, arguments, keywords) -> None.NONE;
            default -> Undefined.UNDEFINED;
        };
    }

    private static List<Object> keys(Object keys) {
        List<Object> all = new ArrayList<>();
        if (keys instanceof String) {
            all.add(keys);
        } else {
            PythonValues.iterator(keys).forEachRemaining(all::add);
        }
        return all;
    }

    private ResultTable keep(Function<Object, Boolean> wanted) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (wanted.apply(names.get(i))) {
                kept.add(i);
            }
        }
        return new ResultTable(
                kept.stream().map(names::get).toList(),
                rows.stream()
                        .map(row -> new Tuple(kept.stream().map(row::get).toList()))
                        .toList());
    }

    /** @param to the new names in order, or a dictionary from old to new ones */
    private ResultTable renamed(Object to) {
        List<String> renamed = new ArrayList<>(names);
        if (to instanceof Map<?, ?> changes) {
            renamed.replaceAll(name -> changes.containsKey(name) ? String.valueOf(changes.get(name)) : name);
        } else if (to != None.NONE) {
            List<Object> given = keys(to);
            for (int i = 0; i < Math.min(given.size(), renamed.size()); i++) {
                renamed.set(i, PythonValues.text(given.get(i)));
            }
        }
        return new ResultTable(renamed, rows);
    }

    /** None comes last, as in agate. */
    private ResultTable ordered(List<Object> keys, boolean isReversed) {
        List<Integer> positions = positions(keys);
        Comparator<Tuple> order = (first, second) -> positions.stream()
                .mapToInt(index -> compare(first.get(index), second.get(index)))
                .filter(different -> different != 0)
                .findFirst()
                .orElse(0);
        return new ResultTable(
                names,
                rows.stream().sorted(isReversed ? order.reversed() : order).toList());
    }

    private static int compare(Object first, Object second) {
        if (first == None.NONE || second == None.NONE) {
            return Boolean.compare(first == None.NONE, second == None.NONE);
        }
        return PythonValues.order(first, second);
    }

    private ResultTable distinct(List<Object> keys) {
        List<Integer> positions = positions(keys);
        Set<List<Object>> seen = new HashSet<>();
        return new ResultTable(
                names,
                rows.stream()
                        .filter(row -> seen.add(positions.stream().map(row::get).toList()))
                        .toList());
    }

    private List<Integer> positions(List<Object> keys) {
        List<Integer> positions = new ArrayList<>();
        for (Object key : keys) {
            int position = key instanceof Number number ? number.intValue() : names.indexOf(key.toString());
            if (position < 0 || position >= names.size()) {
                throw new PythonError("the table has no column " + PythonValues.repr(key));
            }
            positions.add(position);
        }
        return positions;
    }

    @Override
    public int itemCount() {
        return rows.size();
    }

    /** {@code load_result('x').data}. */
    List<Object> matrix() {
        return new ArrayList<>(rows);
    }

    @Override
    public String text() {
        return "<agate.table.Table object>";
    }

    @Override
    public String typeName() {
        return "Table";
    }

    @Override
    public Set<String> attributeNames() {
        return ATTRIBUTES;
    }

    /** Items by position or name. */
    private record Mapped(String typeName, List<Object> items, List<String> keys)
            implements JinjaObject, Iterable<Object> {

        @Override
        public Iterator<Object> iterator() {
            return items.iterator();
        }

        @Override
        public @Nullable Object item(Object key) {
            return find(items, keys, key);
        }

        @Override
        public @Nullable Object attribute(String name) {
            return sequenceAttribute(name, items, keys);
        }

        @Override
        public boolean isTrue() {
            return !items.isEmpty();
        }

        @Override
        public int itemCount() {
            return items.size();
        }

        @Override
        public String text() {
            return "<agate.MappedSequence: " + PythonValues.repr(items) + ">";
        }
    }

    private record RowView(List<String> names, Tuple values) implements JinjaObject, Iterable<Object> {

        @Override
        public Iterator<Object> iterator() {
            return values.iterator();
        }

        @Override
        public @Nullable Object item(Object key) {
            return find(values.items(), names, key);
        }

        @Override
        public @Nullable Object attribute(String name) {
            return sequenceAttribute(name, values.items(), names);
        }

        @Override
        public int itemCount() {
            return values.size();
        }

        @Override
        public String text() {
            return "<agate.Row: " + PythonValues.repr(values) + ">";
        }

        @Override
        public String typeName() {
            return "Row";
        }

        @Override
        public Set<String> attributeNames() {
            return Set.copyOf(names);
        }
    }

    private record ColumnView(int index, String name, Tuple values) implements JinjaObject, Iterable<Object> {

        @Override
        public Iterator<Object> iterator() {
            return values.iterator();
        }

        @Override
        public @Nullable Object item(Object key) {
            return find(values.items(), List.of(), key);
        }

        @Override
        public @Nullable Object attribute(String attribute) {
            return switch (attribute) {
                case "name" -> name;
                case "index" -> index;
                case "data_type" ->
                    new HostObject(
                            "DataType",
                            Map.of(
                                    "jsonify",
                                    JinjaFunction.of(
                                            "jsonify", "d", (context, arguments) -> json(arguments.value(0)))));
                case "values_distinct" ->
                    (JinjaFunction) (context, arguments, keywords) ->
                            new Tuple(values.items().stream().distinct().toList());
                case "values_without_nulls" ->
                    (JinjaFunction) (context, arguments, keywords) -> new Tuple(values.items().stream()
                            .filter(value -> value != None.NONE)
                            .toList());
                default -> sequenceAttribute(attribute, values.items(), List.of());
            };
        }

        /** Numbers as floats, moments as texts, as agate writes them. */
        private static Object json(Object value) {
            if (value instanceof Number number) {
                return number.doubleValue();
            }
            return value == None.NONE || value instanceof Boolean ? value : PythonValues.text(value);
        }

        @Override
        public int itemCount() {
            return values.size();
        }

        @Override
        public String text() {
            return "<agate.Column: " + PythonValues.repr(values) + ">";
        }

        @Override
        public String typeName() {
            return "Column";
        }
    }

    private static @Nullable Object sequenceAttribute(String name, List<Object> items, List<String> keys) {
        return switch (name) {
            case "values" -> (JinjaFunction) (context, arguments, keywords) -> new Tuple(items);
            case "keys" -> (JinjaFunction) (context, arguments, keywords) -> new Tuple(new ArrayList<>(keys));
            case "items" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    List<Object> pairs = new ArrayList<>();
                    for (int i = 0; i < keys.size(); i++) {
                        pairs.add(Tuple.of(keys.get(i), items.get(i)));
                    }
                    return pairs;
                };
            case "dict" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    Map<Object, Object> values = new LinkedHashMap<>();
                    for (int i = 0; i < keys.size(); i++) {
                        values.put(keys.get(i), items.get(i));
                    }
                    return values;
                };
            case "get" ->
                JinjaFunction.of("get", "key, default=None", (context, arguments) -> {
                    int found = arguments.value(0) instanceof String key ? keys.indexOf(key) : -1;
                    return found < 0 ? arguments.value(1) : items.get(found);
                });
            default -> Undefined.UNDEFINED;
        };
    }

    private static @Nullable Object find(List<Object> items, List<String> keys, Object key) {
        if (key instanceof String name) {
            int found = keys.indexOf(name);
            return found < 0 ? Undefined.UNDEFINED : items.get(found);
        }
        if (key instanceof Number number) {
            int index = number.intValue() < 0 ? items.size() + number.intValue() : number.intValue();
            if (index < 0 || index >= items.size()) {
                throw new PythonError("index out of range");
            }
            return items.get(index);
        }
        return Undefined.UNDEFINED;
    }
}
