package dev.freshet.transform.plan;

import dev.freshet.transform.plan.RandomModels.Col;
import dev.freshet.transform.plan.RandomModels.Kind;
import dev.freshet.transform.plan.RandomModels.Rel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Queries whose result is made of counts and sums of groups. */
final class RandomTotals {

    private final RandomModels models;
    private final Random random;

    RandomTotals(RandomModels models, Random random) {
        this.models = models;
        this.random = random;
    }

    /** Counts and sums over inner joins. */
    Rel next() {
        models.operator("totals");
        Rel rel =
                switch (random.nextInt(5)) {
                    case 0 -> models.scan();
                    case 1 -> models.filter(models.scan());
                    case 2 -> models.project(models.join("join", models.scan(), models.scan()));
                    case 3 ->
                        models.join(
                                "join",
                                models.filter(models.scan()),
                                models.join("join", models.scan(), models.scan()));
                    default -> models.join("join", models.scan(), models.scan());
                };
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
                String from = "q." + column.name();
                String alias = models.name();
                String summed =
                        switch (column.kind()) {
                            case INT ->
                                random.nextBoolean()
                                        ? "cast(sum(" + from + ") as integer)"
                                        : "cast(coalesce(sum(" + from + ") filter (where " + models.predicate(rel, "q")
                                                + "), 0) + count(*) as integer)";
                            case DECIMAL -> "cast(sum(" + from + " * 2) as decimal(12, 2))";
                            case TEXT, TIME, DOUBLE, BOOL -> "cast(count(" + from + ") as integer)";
                        };
                items.add(summed + " as " + alias);
                columns.add(new Col(alias, column.kind() == Kind.DECIMAL ? Kind.DECIMAL : Kind.INT));
            }
        }
        return new Rel(
                "select " + String.join(", ", items) + " from " + RandomModels.in(rel, "q")
                        + (groups.isEmpty() ? "" : " group by " + String.join(", ", groups))
                        + (random.nextInt(4) == 0 ? " having count(*) > 1" : ""),
                columns);
    }
}
