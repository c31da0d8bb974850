package dev.freshet.transform.plan;

import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.RandomModels.Col;
import dev.freshet.transform.plan.RandomModels.Kind;
import dev.freshet.transform.plan.RandomModels.Readable;
import dev.freshet.transform.plan.RandomModels.Rel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** Queries that make rows of a table's rows each by itself, some of them with what they look up in another table. */
final class RandomRows {

    private final RandomModels models;
    private final Random random;

    RandomRows(RandomModels models, Random random) {
        this.models = models;
        this.random = random;
    }

    Rel next() {
        return next(1 + random.nextInt(3));
    }

    private Rel next(int depth) {
        if (depth == 0) {
            return models.scan();
        }
        Rel rel = next(depth - 1);
        return switch (random.nextInt(7)) {
            case 0 -> models.filter(rel);
            case 1 -> models.project(rel);
            case 2, 3 -> union(rel);
            case 4 -> unnest(rel);
            default -> lookup(rel);
        };
    }

    private Rel union(Rel rel) {
        models.operator("union all of rows");
        boolean constant = random.nextInt(4) == 0;
        Readable table = constant ? null : models.table();
        String items = rel.columns().stream()
                .map(column ->
                        (constant ? missing(column.kind()) : same(table, column.kind())) + " as " + column.name())
                .collect(Collectors.joining(", "));
        String other = "select " + items
                + (constant
                        ? ""
                        : " from " + StateNames.relation(table.table()) + " as a where "
                                + models.predicate(new Rel("", table.columns()), "a"));
        // A relation may have columns that are not to be compared.
        String own = "select " + rel.columns().stream().map(Col::name).collect(Collectors.joining(", ")) + " from ("
                + rel.sql() + ")";
        return new Rel(
                random.nextBoolean() || constant
                        ? own + " union all " + other
                        : other.replace("select ", "select * from (select ") + ") union all (" + own + ")",
                rel.columns());
    }

    private String same(Readable table, Kind kind) {
        List<Col> fitting =
                table.columns().stream().filter(column -> column.kind() == kind).toList();
        return fitting.isEmpty()
                ? missing(kind)
                : "a." + fitting.get(random.nextInt(fitting.size())).name();
    }

    private static String missing(Kind kind) {
        return switch (kind) {
            case INT -> "7";
            case TEXT -> "null::varchar";
            case DECIMAL -> "null::decimal(10, 2)";
            case TIME -> "timestamp '2026-01-02'";
            case DOUBLE -> "0.5::double";
            case BOOL -> "true";
        };
    }

    private Rel unnest(Rel rel) {
        models.operator("unnest of rows");
        List<Col> columns = new ArrayList<>(rel.columns());
        String alias = models.name();
        columns.add(new Col(alias, Kind.INT));
        String list = "case when " + models.predicate(rel, "l") + " then [1, 2, 2] else [3] end";
        return new Rel(
                random.nextBoolean()
                        ? "select l.*, unnest(" + list + ") as " + alias + " from " + RandomModels.in(rel, "l")
                        : "select * from " + RandomModels.in(rel, "l") + ", unnest(" + list + ") as u(" + alias + ")",
                columns);
    }

    /** By the key of a table, if it has one. */
    private Rel lookup(Rel rel) {
        List<Col> numbers = numbers(rel.columns());
        Readable table = models.table();
        List<Col> keys = numbers(table.columns());
        if (numbers.isEmpty() || keys.isEmpty()) {
            return models.filter(rel);
        }
        String found = StateNames.relation(table.table());
        String type = List.of("join", "left join", "right join", "semi join", "anti join", "asof join")
                .get(random.nextInt(6));
        models.operator(type + " by key");
        boolean turned = type.equals("right join");
        String condition =
                "l." + numbers.get(random.nextInt(numbers.size())).name() + (type.startsWith("asof") ? " >= " : " = ")
                        + "r." + keys.get(0).name();
        List<Col> columns = new ArrayList<>(rel.columns());
        String more = "";
        if (!type.startsWith("semi") && !type.startsWith("anti")) {
            Col looked = table.columns()
                    .get(
                            type.startsWith("asof")
                                    ? 0
                                    : random.nextInt(table.columns().size()));
            String alias = models.name();
            more = ", r." + looked.name() + " as " + alias;
            columns.add(new Col(alias, looked.kind()));
        }
        String from = turned
                ? found + " as r right join " + RandomModels.in(rel, "l")
                : RandomModels.in(rel, "l") + " " + type + " " + found + " as r";
        return new Rel("select l.*" + more + " from " + from + " on " + condition, columns);
    }

    private static List<Col> numbers(List<Col> columns) {
        return columns.stream().filter(column -> column.kind() == Kind.INT).toList();
    }
}
