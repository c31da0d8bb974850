package dev.freshet.transform.plan;

import dev.freshet.state.StateNames;
import dev.freshet.transform.plan.RandomModels.Col;
import dev.freshet.transform.plan.RandomModels.Kind;
import dev.freshet.transform.plan.RandomModels.Readable;
import dev.freshet.transform.plan.RandomModels.Rel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Queries whose result is made of counts and sums of groups. */
final class RandomTotals {

    private final RandomModels models;
    private final Random random;

    RandomTotals(RandomModels models, Random random) {
        this.models = models;
        this.random = random;
    }

    Rel next() {
        return random.nextInt(5) == 0 ? picked() : grouped();
    }

    private Rel rows() {
        RandomSubqueries subqueries = new RandomSubqueries(models, random);
        return switch (random.nextInt(10)) {
            case 0 -> models.scan();
            case 1 -> models.filter(models.scan());
            case 2 -> models.project(models.join("join", models.scan(), models.scan()));
            case 3 ->
                models.join("join", models.filter(models.scan()), models.join("join", models.scan(), models.scan()));
            case 4, 5 -> models.join("join", models.scan(), models.scan());
            case 6 -> models.join("left join", models.scan(), models.scan());
            case 7 ->
                models.aggregate(
                        random.nextBoolean() ? models.scan() : models.join("left join", models.scan(), models.scan()));
            case 8 -> subqueries.semi(models.scan(), models.scan());
            default -> subqueries.next(models.scan(), models.scan());
        };
    }

    /** Rows as they are, without a key or only the first of them. */
    private Rel picked() {
        models.operator("rows");
        Rel rel = rows();
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        for (Col column : rel.columns()) {
            if (column.kind() != Kind.DOUBLE && random.nextInt(3) > 0 || items.isEmpty()) {
                String alias = models.name();
                items.add(switch (column.kind()) {
                            case TEXT -> "upper(q." + column.name() + ")";
                            case INT -> "q." + column.name() + " + 1";
                            default -> "q." + column.name();
                        }
                        + " as " + alias);
                columns.add(new Col(alias, column.kind()));
            }
        }
        return limited(
                new Rel("select " + String.join(", ", items) + " from " + RandomModels.in(rel, "q"), columns),
                items.size());
    }

    /** By all columns, so that it is clear which rows are the first. */
    private Rel limited(Rel rel, int columns) {
        if (random.nextInt(3) > 0) {
            return rel;
        }
        models.operator("limit");
        String order = IntStream.rangeClosed(1, columns)
                .mapToObj(i -> i + (random.nextInt(3) == 0 ? " desc" : ""))
                .collect(Collectors.joining(", "));
        return new Rel(
                rel.sql() + " order by " + order + " limit " + (1 + random.nextInt(6))
                        + (random.nextInt(3) == 0 ? " offset 1" : ""),
                rel.columns());
    }

    /** Counts, sums and averages. */
    Rel grouped() {
        models.operator("totals");
        if (random.nextInt(3) == 0) {
            return random.nextBoolean() ? ofReferences() : ofChain();
        }
        Optional<Readable> table = random.nextInt(4) == 0 ? Optional.of(models.table()) : Optional.empty();
        Rel rel = table.map(direct -> new Rel("", direct.columns())).orElseGet(this::rows);
        String from = table.map(direct -> StateNames.relation(direct.table()) + " as q"
                        + (random.nextBoolean()
                                ? " where "
                                        + models.predicate(new Rel("", direct.columns()), "q")
                                                .replace(" or ", " and ")
                                : " where true"))
                .orElseGet(() -> RandomModels.in(rel, "q") + " where true");
        return grouped(rel, from);
    }

    /** Tables side by side in FROM, met by keys more often than not, with conditions of single tables in between. */
    private Rel ofChain() {
        models.operator("totals of a chain");
        boolean commas = random.nextInt(3) == 0;
        List<Col> columns = new ArrayList<>();
        List<String> conditions = new ArrayList<>();
        StringBuilder from = new StringBuilder();
        for (String alias : List.of("ta", "tb", "tc", "td").subList(0, 2 + random.nextInt(5) / 2)) {
            Readable table = models.table();
            List<Col> own = table.columns().stream()
                    .map(column -> new Col(alias + "__" + column.name(), column.kind()))
                    .toList();
            List<String> on = conditions(columns, own);
            from.append(columns.isEmpty() ? "" : commas ? ", " : " join ")
                    .append(StateNames.relation(table.table()))
                    .append(" as ")
                    .append(alias);
            if (!commas && !columns.isEmpty()) {
                from.append(" on ").append(String.join(" and ", on));
            } else {
                conditions.addAll(on);
            }
            columns.addAll(own);
        }
        conditions.add("true");
        Rel grouped = grouped(new Rel("", columns), from + " where " + String.join(" and ", conditions));
        return new Rel(grouped.sql().replaceAll("\\bq\\.(t[abcd])__", "$1."), grouped.columns());
    }

    /** Each row names the key of one of the next table: which row of the last one is met, only the one in between tells. */
    private Rel ofReferences() {
        models.operator("totals of references");
        List<Readable> tables = models.sources();
        Collections.shuffle(tables, random);
        List<Col> columns = new ArrayList<>();
        StringBuilder from = new StringBuilder();
        for (int i = 0; i < tables.size(); i++) {
            String alias = "t" + "abc".charAt(i);
            String reference = "q.t" + "abc".charAt(Math.max(i - 1, 0)) + (random.nextBoolean() ? "__g" : "__id");
            from.append(i == 0 ? "" : " join ")
                    .append(StateNames.relation(tables.get(i).table()))
                    .append(" as ")
                    .append(alias)
                    .append(i == 0 ? "" : " on " + reference + " = q." + alias + "__id");
            tables.get(i)
                    .columns()
                    .forEach(column -> columns.add(new Col(alias + "__" + column.name(), column.kind())));
        }
        String condition = models.predicate(new Rel("", columns), "q");
        Rel grouped = grouped(new Rel("", columns), from + " where (" + condition + ")");
        return new Rel(grouped.sql().replaceAll("\\bq\\.(t[abc])__", "$1."), grouped.columns());
    }

    /** What a table is joined by, or what holds for it alone. */
    private List<String> conditions(List<Col> before, List<Col> own) {
        List<String> conditions = new ArrayList<>();
        if (!before.isEmpty()) {
            conditions.add(
                    models.condition(new Rel("", before), new Rel("", random.nextInt(3) > 0 ? own.subList(0, 1) : own))
                            .replaceAll("\\b[lr]\\.t", "q.t"));
        }
        List<Col> numbers =
                own.stream().filter(column -> column.kind() == Kind.INT).toList();
        if (numbers.size() > 1 && random.nextInt(3) == 0) {
            conditions.add(
                    "q." + numbers.get(0).name() + " = q." + numbers.get(1).name());
        }
        if (random.nextInt(4) == 0) {
            conditions.add("(" + models.predicate(new Rel("", own), "q") + ")");
        }
        return conditions;
    }

    private Rel grouped(Rel rel, String from) {
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        List<String> groups = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            Col group = models.any(rel);
            String alias = models.name();
            String value = group.kind() == Kind.TEXT && random.nextBoolean()
                    ? "upper(q." + group.name() + ")"
                    : "q." + group.name();
            items.add(value + " as " + alias);
            groups.add(random.nextInt(3) == 0 ? String.valueOf(items.size()) : random.nextBoolean() ? value : alias);
            columns.add(new Col(alias, group.kind()));
        }
        String counted = models.name();
        items.add("cast(count(*)" + (random.nextInt(3) == 0 ? " filter (where " + models.predicate(rel, "q") + ")" : "")
                + " as integer) as " + counted);
        columns.add(new Col(counted, Kind.INT));
        for (Col column : rel.columns()) {
            if (random.nextInt(3) == 0) {
                String value = "q." + column.name();
                String alias = models.name();
                String summed =
                        switch (column.kind()) {
                            case INT ->
                                random.nextBoolean()
                                        ? "cast(sum(" + value + ") as integer)"
                                        : "cast(coalesce(sum(" + value + ") filter (where " + models.predicate(rel, "q")
                                                + "), 0) + count(*) as integer)";
                            case DECIMAL -> "cast(sum(" + value + " * 2) as decimal(12, 2))";
                            case TEXT, TIME, DOUBLE, BOOL -> "cast(count(" + value + ") as integer)";
                        };
                items.add(summed + " as " + alias);
                columns.add(new Col(alias, column.kind() == Kind.DECIMAL ? Kind.DECIMAL : Kind.INT));
                if (column.kind() == Kind.INT || column.kind() == Kind.DECIMAL) {
                    // No other model may sum it: that would depend on the order.
                    items.add("avg(" + value + ") as " + models.name());
                }
            }
        }
        Rel grouped = new Rel(
                "select " + String.join(", ", items) + " from " + from + condition(rel)
                        + (groups.isEmpty() ? "" : " group by " + String.join(", ", groups))
                        + (random.nextInt(4) == 0 ? " having count(*) > 1" : ""),
                columns);
        return limited(grouped, items.size());
    }

    private String condition(Rel rel) {
        if (random.nextInt(3) > 0) {
            return "";
        }
        models.operator("totals with exists");
        Rel other = models.scan();
        return " and " + (random.nextBoolean() ? "not " : "") + "exists (select * from "
                + RandomModels.in(other, "r") + " where "
                + models.condition(rel, other).replace("l.", "q.") + ")";
    }
}
