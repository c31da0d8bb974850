package dev.freshet.transform.plan;

import dev.freshet.transform.plan.RandomModels.Col;
import dev.freshet.transform.plan.RandomModels.Kind;
import dev.freshet.transform.plan.RandomModels.Rel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Queries that ask another one in a join or an expression. */
final class RandomSubqueries {

    private final RandomModels models;
    private final Random random;

    RandomSubqueries(RandomModels models, Random random) {
        this.models = models;
        this.random = random;
    }

    Rel semi(Rel left, Rel right) {
        String kind = List.of("semi join", "anti join", "exists", "in").get(random.nextInt(4));
        models.operator(kind);
        String condition = models.condition(left, right);
        if (kind.endsWith("join")) {
            return new Rel(
                    "select l.* from " + RandomModels.in(left, "l") + " " + kind + " " + RandomModels.in(right, "r")
                            + " on " + condition,
                    left.columns());
        }
        if (kind.equals("exists")) {
            return where(
                    left,
                    (random.nextBoolean() ? "not " : "") + "exists (select 1 from " + RandomModels.in(right, "r")
                            + " where " + condition + ")");
        }
        return among(left, right, "").map(condition1 -> where(left, condition1)).orElseGet(() -> models.filter(left));
    }

    private static Rel where(Rel left, String condition) {
        return new Rel("select * from " + RandomModels.in(left, "l") + " where " + condition, left.columns());
    }

    /** A condition that a column is, or is not, in another relation. */
    private Optional<String> among(Rel left, Rel right, String not) {
        Col mine = models.any(left);
        List<Col> same = right.columns().stream()
                .filter(column -> column.kind() == mine.kind())
                .toList();
        return same.isEmpty()
                ? Optional.empty()
                : Optional.of("l." + mine.name() + " " + not + "in (select r."
                        + same.get(random.nextInt(same.size())).name() + " from " + RandomModels.in(right, "r") + ")");
    }

    /** Scalar subqueries, NOT IN, a grouped relation behind IN, conditions beside them, and a subquery in a subquery. */
    Rel next(Rel left, Rel right) {
        String aggregate = "count(*) + " + random.nextInt(3);
        switch (random.nextInt(5)) {
            case 0 -> {
                models.operator("scalar subquery in the result");
                String alias = models.name();
                List<Col> columns = new ArrayList<>(left.columns());
                columns.add(new Col(alias, Kind.INT));
                return new Rel(
                        "select l.*, cast((select " + aggregate + " from " + RandomModels.in(right, "r") + " where "
                                + models.condition(left, right) + ") as integer) as " + alias + " from "
                                + RandomModels.in(left, "l"),
                        columns);
            }
            case 1 -> {
                models.operator("scalar subquery in a condition");
                return where(
                        left,
                        "(select " + aggregate + " from " + RandomModels.in(right, "r") + " where "
                                + models.condition(left, right) + ") " + (random.nextBoolean() ? "< " : "> ")
                                + random.nextInt(4));
            }
            case 2 -> {
                models.operator("not in");
                return among(left, right, random.nextBoolean() ? "not " : "")
                        .map(condition -> where(
                                left,
                                condition + " and "
                                        + models.predicate(left, "l").replace(" or ", " and ")))
                        .orElseGet(() -> models.filter(left));
            }
            case 3 -> {
                models.operator("in a grouped relation");
                return among(left, models.aggregate(right), "")
                        .map(condition -> where(left, condition))
                        .orElseGet(() -> models.filter(left));
            }
            default -> {
                models.operator("subquery in a subquery");
                Rel third = models.scan();
                boolean far = random.nextBoolean();
                String inner = models.condition(far ? left : right, third);
                return where(
                        left,
                        "exists (select * from " + RandomModels.in(right, "m") + " where "
                                + models.condition(left, right).replace("r.", "m.") + " and "
                                + (random.nextBoolean() ? "not " : "") + "exists (select * from "
                                + RandomModels.in(third, "r") + " where " + (far ? inner : inner.replace("l.", "m."))
                                + "))");
            }
        }
    }
}
