package dev.freshet.transform.plan;

import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/** Queries with nested operators over some tables. Each gives the same rows whenever it is run on the same tables. */
final class RandomModels {

    enum Kind {
        INT,
        TEXT,
        DECIMAL,
        TIME,
        DOUBLE,
        BOOL
    }

    record Col(String name, Kind kind) {}

    /** A relation that can be read: a table or a model. */
    record Readable(TableId table, List<Col> columns) {}

    /** @param operators what it is made of */
    record Generated(String sql, List<Col> columns, Set<String> operators, Set<TableId> reads, List<String> key) {}

    record Rel(String sql, List<Col> columns) {}

    static final List<Col> SOURCE_COLUMNS = List.of(
            new Col("id", Kind.INT),
            new Col("g", Kind.INT),
            new Col("t", Kind.TEXT),
            new Col("v", Kind.DECIMAL),
            new Col("w", Kind.TIME),
            new Col("x", Kind.DOUBLE),
            new Col("b", Kind.BOOL));

    private final String prefix;
    private final Random random;
    private final List<Readable> readable;
    private Set<String> operators = new LinkedHashSet<>();
    private Set<TableId> reads = new LinkedHashSet<>();
    private int names;

    /** @param prefix of the names that are made up, so that no two columns of different types share a name */
    RandomModels(String prefix, Random random, List<Readable> readable) {
        this.prefix = prefix;
        this.random = random;
        this.readable = readable;
    }

    /** What there is more of. */
    enum Focus {
        NOTHING,
        /** No totals at all. */
        KEYS,
        TOTALS,
        /** Rows of which each follows from one row of a table. */
        ROWS,
        /** Groupings inside of queries. */
        GROUPINGS,
        SUBQUERIES,
        /** Values of tables that are looked up by their keys. */
        LOOKUPS
    }

    Generated next(Focus focus) {
        operators = new LinkedHashSet<>();
        reads = new LinkedHashSet<>();
        int kind = random.nextInt(4);
        Rel rel =
                switch (focus) {
                    case NOTHING -> kind == 0 ? special() : relation(1 + random.nextInt(3));
                    case ROWS -> kind > 0 ? new RandomRows(this, random).next() : relation(1 + random.nextInt(3));
                    case KEYS -> relation(1 + random.nextInt(3));
                    case TOTALS -> kind > 0 ? new RandomTotals(this, random).next() : relation(1 + random.nextInt(3));
                    case GROUPINGS ->
                        kind > 0 ? new RandomGroupings(this, random).next() : relation(1 + random.nextInt(3));
                    case LOOKUPS -> kind > 0 ? new RandomLookups(this, random).next() : relation(1 + random.nextInt(3));
                    case SUBQUERIES ->
                        kind > 0
                                ? new RandomSubqueries(this, random).next(scan(), scan())
                                : relation(1 + random.nextInt(3));
                };
        return new Generated(rel.sql(), rel.columns(), operators, reads, List.of());
    }

    private Rel special() {
        return switch (random.nextInt(4)) {
            case 0 -> new RandomTotals(this, random).next();
            case 2 -> new RandomLookups(this, random).next();
            case 1 -> new RandomGroupings(this, random).next();
            default -> new RandomRows(this, random).next();
        };
    }

    Rel relation(int depth) {
        if (depth == 0) {
            return scan();
        }
        return switch (random.nextInt(15)) {
            case 0 -> filter(relation(depth - 1));
            case 1 -> project(relation(depth - 1));
            case 2, 3 -> join("join", relation(depth - 1), relation(depth - 1));
            case 4, 5 -> join("left join", relation(depth - 1), relation(depth - 1));
            case 6 -> join(random.nextBoolean() ? "right join" : "full join", relation(depth - 1), relation(depth - 1));
            case 7, 8 -> aggregate(relation(depth - 1));
            case 9 -> window(relation(depth - 1));
            case 10 -> set(relation(depth - 1));
            case 11 -> new RandomSubqueries(this, random).semi(relation(depth - 1), relation(depth - 1));
            case 12 -> distinct(relation(depth - 1));
            case 13 -> new RandomSubqueries(this, random).next(relation(depth - 1), relation(random.nextInt(depth)));
            default -> common(relation(depth - 1));
        };
    }

    void operator(String name) {
        operators.add(name);
    }

    String name() {
        return prefix + ++names;
    }

    /** The tables of the source: what else can be read are models. */
    List<Readable> sources() {
        List<Readable> sources = readable.stream()
                .filter(table -> table.columns().equals(SOURCE_COLUMNS)
                        && !table.table().schema().equals("out"))
                .collect(Collectors.toCollection(ArrayList::new));
        sources.forEach(table -> reads.add(table.table()));
        return sources;
    }

    Readable table() {
        Readable table = readable.get(random.nextInt(readable.size()));
        reads.add(table.table());
        return table;
    }

    Rel scan() {
        Readable table = table();
        if (random.nextInt(3) == 0) {
            return new Rel("select * from " + StateNames.relation(table.table()), table.columns());
        }
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        for (Col column : table.columns()) {
            if (columns.isEmpty() || random.nextInt(5) > 0) {
                String alias = name();
                items.add("a." + column.name() + " as " + alias);
                columns.add(new Col(alias, column.kind()));
            }
        }
        return new Rel(
                "select " + String.join(", ", items) + " from " + StateNames.relation(table.table()) + " as a",
                columns);
    }

    static String in(Rel rel, String alias) {
        return "(" + rel.sql() + ") as " + alias;
    }

    Col any(Rel rel) {
        return rel.columns().get(random.nextInt(rel.columns().size()));
    }

    String predicate(Rel rel, String alias) {
        Col column = any(rel);
        String name = alias + "." + column.name();
        return switch (column.kind()) {
            case INT -> name + (random.nextBoolean() ? " > " : " <> ") + random.nextInt(12);
            case TEXT -> random.nextBoolean() ? name + " is not null" : name + " in ('a', '', 'NULL')";
            case DECIMAL -> name + " between 2.5 and 15";
            case TIME -> name + " < timestamp '2026-01-04'";
            case DOUBLE -> name + " >= 2.25 or " + name + " is null";
            case BOOL -> "not " + name;
        };
    }

    Rel filter(Rel rel) {
        operators.add("filter");
        return new Rel("select * from " + in(rel, "q") + " where " + predicate(rel, "q"), rel.columns());
    }

    Rel project(Rel rel) {
        operators.add("project");
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        for (Col column : rel.columns()) {
            String alias = random.nextInt(3) == 0 ? column.name() : name();
            String from = "q." + column.name();
            String value = random.nextInt(3) > 0
                    ? from
                    : switch (column.kind()) {
                        case INT -> "coalesce(" + from + ", -1)";
                        case TEXT -> "upper(" + from + ")";
                        case DECIMAL -> "cast(" + from + " * 2 as decimal(10, 2))";
                        case TIME -> "date_trunc('day', " + from + ")";
                        case DOUBLE -> from + " / 2";
                        case BOOL -> "case when " + from + " then false else null end";
                    };
            items.add(value + " as " + alias);
            columns.add(new Col(alias, column.kind()));
        }
        return new Rel("select " + String.join(", ", items) + " from " + in(rel, "q"), columns);
    }

    Rel join(String type, Rel left, Rel right) {
        operators.add(type);
        String condition = condition(left, right);
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        for (Col column : left.columns()) {
            String alias = name();
            items.add("l." + column.name() + " as " + alias);
            columns.add(new Col(alias, column.kind()));
        }
        for (Col column : right.columns()) {
            if (random.nextInt(2) == 0) {
                String alias = name();
                items.add("r." + column.name() + " as " + alias);
                columns.add(new Col(alias, column.kind()));
            }
        }
        if (type.equals("join") && random.nextInt(4) == 0) {
            return new Rel(
                    "select " + String.join(", ", items) + " from " + in(left, "l") + ", " + in(right, "r") + " where "
                            + condition,
                    columns);
        }
        return new Rel(
                "select " + String.join(", ", items) + " from " + in(left, "l") + " " + type + " " + in(right, "r")
                        + " on " + condition
                        + (random.nextInt(4) == 0 && !type.equals("full join")
                                ? " where l." + left.columns().get(0).name() + " is not null"
                                : ""),
                columns);
    }

    String condition(Rel left, Rel right) {
        List<String> equalities = new ArrayList<>();
        for (Col mine : left.columns()) {
            for (Col other : right.columns()) {
                if (mine.kind() == other.kind() && mine.kind() != Kind.BOOL && mine.kind() != Kind.DOUBLE) {
                    equalities.add("l." + mine.name() + " = r." + other.name());
                }
            }
        }
        if (equalities.isEmpty()) {
            return "l." + any(left).name() + " is not null and r." + any(right).name() + " is null";
        }
        String condition = equalities.get(random.nextInt(equalities.size()));
        if (random.nextInt(4) == 0) {
            condition += " and " + predicate(right, "r").replace(" or ", " and ");
        }
        if (random.nextInt(3) == 0) {
            Col mine = any(right);
            Optional<Col> other = right.columns().stream()
                    .filter(column -> column.kind() == mine.kind() && !column.equals(mine))
                    .findFirst();
            if (other.isPresent()) {
                condition += " and r." + mine.name() + " = r." + other.get().name();
            }
        }
        return condition;
    }

    Rel aggregate(Rel rel) {
        operators.add("aggregate");
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(2); i++) {
            Col group = any(rel);
            String alias = name();
            items.add("q." + group.name() + " as " + alias);
            groups.add("q." + group.name());
            columns.add(new Col(alias, group.kind()));
        }
        String counted = name();
        items.add("count(*) as " + counted);
        columns.add(new Col(counted, Kind.INT));
        for (Col column : rel.columns()) {
            if (random.nextInt(3) == 0) {
                String alias = name();
                String from = "q." + column.name();
                switch (column.kind()) {
                    case INT -> items.add("cast(sum(" + from + ") as integer) as " + alias);
                    case TEXT -> items.add((random.nextBoolean() ? "min(" : "max(") + from + ") as " + alias);
                    case DECIMAL -> items.add("cast(sum(" + from + ") as decimal(10, 2)) as " + alias);
                    case TIME -> items.add("max(" + from + ") as " + alias);
                    case DOUBLE -> items.add("sum(" + from + ") as " + alias);
                    case BOOL -> items.add("bool_or(" + from + ") as " + alias);
                }
                columns.add(new Col(alias, column.kind()));
            }
        }
        return new Rel(
                "select " + String.join(", ", items) + " from " + in(rel, "q") + " group by "
                        + (random.nextInt(4) == 0 ? "all" : String.join(", ", groups))
                        + (random.nextInt(4) == 0 ? " having count(*) > 1" : ""),
                columns);
    }

    Rel window(Rel rel) {
        operators.add("window");
        Col partition = any(rel);
        String order =
                rel.columns().stream().map(column -> "q." + column.name()).collect(Collectors.joining(", "));
        String ranked = name();
        List<Col> columns = new ArrayList<>(rel.columns());
        columns.add(new Col(ranked, Kind.INT));
        String number = "row_number() over (partition by q." + partition.name() + " order by " + order + ")";
        return new Rel(
                "select q.*, cast(" + number + " as integer) as " + ranked + " from " + in(rel, "q")
                        + (random.nextBoolean() ? " qualify " + number + " <= 3" : ""),
                columns);
    }

    private Rel distinct(Rel rel) {
        operators.add("distinct");
        List<Col> columns =
                rel.columns().stream().filter(column -> random.nextInt(3) > 0).toList();
        if (columns.isEmpty()) {
            columns = List.of(any(rel));
        }
        return new Rel(
                "select distinct " + columns.stream().map(Col::name).collect(Collectors.joining(", ")) + " from "
                        + in(rel, "q"),
                columns);
    }

    private Rel set(Rel rel) {
        String operator = List.of("union all", "union all", "union", "except", "intersect", "except all")
                .get(random.nextInt(6));
        operators.add(operator);
        Rel other = new Rel("select * from " + in(rel, "p") + " where " + predicate(rel, "p"), rel.columns());
        if (rel.columns().stream().noneMatch(column -> column.kind() == Kind.DOUBLE)) {
            List<Readable> fitting = readable.stream()
                    .filter(table -> kinds(table.columns()).equals(kinds(SOURCE_COLUMNS))
                            && rel.columns().equals(SOURCE_COLUMNS))
                    .toList();
            if (!fitting.isEmpty()) {
                Readable table = fitting.get(random.nextInt(fitting.size()));
                reads.add(table.table());
                other = new Rel("select * from " + StateNames.relation(table.table()), table.columns());
            }
        }
        return new Rel("select * from (" + rel.sql() + ") " + operator + " " + other.sql(), rel.columns());
    }

    private static List<Kind> kinds(List<Col> columns) {
        return columns.stream().map(Col::kind).toList();
    }

    private Rel common(Rel rel) {
        operators.add("with");
        String name = name();
        return new Rel(
                "with " + name + " as (" + rel.sql() + ") select one.* from " + name + " as one"
                        + (random.nextBoolean()
                                ? " semi join " + name + " as two on one."
                                        + rel.columns().get(0).name() + " = two."
                                        + rel.columns().get(0).name()
                                : ""),
                rel.columns());
    }
}
