package dev.freshet.transform.plan;

import dev.freshet.transform.plan.RandomModels.Col;
import dev.freshet.transform.plan.RandomModels.Kind;
import dev.freshet.transform.plan.RandomModels.Rel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Queries that make something of all groups of rows: of one grouping inside of them, or of several. */
final class RandomGroupings {

    private final RandomModels models;
    private final RandomTotals totals;
    private final Random random;

    RandomGroupings(RandomModels models, Random random) {
        this.models = models;
        this.totals = new RandomTotals(models, random);
        this.random = random;
    }

    Rel next() {
        return switch (random.nextInt(8)) {
            case 0 -> numbered();
            case 1 -> ranked();
            case 2 -> compared();
            case 3 -> models.join("full join", totals.grouped(), totals.grouped());
            case 4 -> models.join(random.nextBoolean() ? "join" : "left join", totals.grouped(), models.scan());
            case 5 -> united();
            case 6 -> againstItself();
            default -> filtered();
        };
    }

    /** Window functions over all groups. */
    private Rel numbered() {
        models.operator("groupings: windows");
        Rel groups = totals.grouped();
        String all = IntStream.range(0, groups.columns().size())
                .mapToObj(i -> "q." + groups.columns().get(i).name() + (random.nextInt(3) == 0 ? " desc" : ""))
                .collect(Collectors.joining(", "));
        List<Col> columns = new ArrayList<>(groups.columns());
        List<String> items = new ArrayList<>();
        groups.columns().forEach(column -> items.add("q." + column.name()));
        for (String window : List.of(
                "cast(rank() over (order by " + all + ") as integer)",
                "cast(count(*) over () as integer)",
                "cast(count(*) over (partition by q." + models.any(groups).name() + ") as integer)")) {
            String alias = models.name();
            items.add(window + " as " + alias);
            columns.add(new Col(alias, Kind.INT));
        }
        return new Rel("select " + String.join(", ", items) + " from " + RandomModels.in(groups, "q"), columns);
    }

    /** Window functions in the query that groups. */
    private Rel ranked() {
        models.operator("groupings: windows of its own");
        Rel rows = random.nextBoolean() ? models.scan() : models.join("join", models.scan(), models.scan());
        String group = models.name();
        String count = models.name();
        String place = models.name();
        String share = models.name();
        Col by = models.any(rows);
        return new Rel(
                "select " + (random.nextInt(4) == 0 ? "distinct " : "") + "q." + by.name() + " as " + group
                        + ", cast(count(*) as integer) as " + count
                        + ", cast(dense_rank() over (order by count(*) desc) as integer) as " + place
                        + ", cast(sum(count(*)) over () as integer) as " + share + " from "
                        + RandomModels.in(rows, "q") + " group by q." + by.name()
                        + (random.nextInt(3) == 0 ? " having count(*) > 1" : "")
                        + (random.nextInt(3) == 0 ? " qualify sum(count(*)) over () > 2" : ""),
                List.of(
                        new Col(group, by.kind()),
                        new Col(count, Kind.INT),
                        new Col(place, Kind.INT),
                        new Col(share, Kind.INT)));
    }

    /** Groups beside a total of something else. */
    private Rel compared() {
        models.operator("groupings: a total");
        Rel rows = models.scan();
        Rel other = random.nextBoolean() ? models.scan() : models.filter(models.scan());
        Col by = models.any(rows);
        String group = models.name();
        String count = models.name();
        String total = "(select count(*)"
                + (random.nextBoolean() ? " + count(r." + models.any(other).name() + ")" : "") + " from "
                + RandomModels.in(other, "r") + ")";
        return new Rel(
                "select q." + by.name() + " as " + group + ", cast(count(*) * 100 + " + total + " as integer) as "
                        + count + " from " + RandomModels.in(rows, "q") + " group by 1"
                        + (random.nextBoolean() ? " having count(*) * 7 > " + total : ""),
                List.of(new Col(group, by.kind()), new Col(count, Kind.INT)));
    }

    private Rel united() {
        models.operator("groupings: union");
        Rel one = totals.grouped();
        Rel other = totals.grouped();
        String name = models.name();
        return new Rel(
                "select " + number(one) + " as " + name + " from " + RandomModels.in(one, "q") + " union all select "
                        + number(other) + " from " + RandomModels.in(other, "q"),
                List.of(new Col(name, Kind.INT)));
    }

    /** One grouping in two places. */
    private Rel againstItself() {
        models.operator("groupings: twice");
        Rel groups = totals.grouped();
        String number = number(groups);
        List<Col> columns = new ArrayList<>(groups.columns());
        String alias = models.name();
        columns.add(new Col(alias, Kind.INT));
        return new Rel(
                "with c as (" + groups.sql() + ") select "
                        + groups.columns().stream()
                                .map(column -> "q." + column.name())
                                .collect(Collectors.joining(", "))
                        + ", (select max(" + number + ") from c as q) as " + alias + " from c as q"
                        + (random.nextBoolean()
                                ? " where " + number + " >= (select min(" + number + ") + 1 from c as q)"
                                : ""),
                columns);
    }

    /** A table's rows, chosen by groups of another. */
    private Rel filtered() {
        models.operator("groupings: a filter");
        Rel groups = totals.grouped();
        Rel rows = models.scan();
        String number = number(groups);
        return new Rel(
                "select * from " + RandomModels.in(rows, "o") + " where "
                        + (random.nextBoolean()
                                ? "(select count(*) % 2 + max(" + number + ") from " + RandomModels.in(groups, "q")
                                        + ") > " + random.nextInt(8)
                                : "exists (select 1 from " + RandomModels.in(groups, "q") + " where " + number + " > "
                                        + random.nextInt(8) + ")"),
                rows.columns());
    }

    private String number(Rel rel) {
        List<Col> numbers = rel.columns().stream()
                .filter(column -> column.kind() == Kind.INT)
                .toList();
        return "q." + numbers.get(random.nextInt(numbers.size())).name();
    }
}
