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

/** Queries that take values from tables which they look up by their keys, and do with these values now and then what decides over rows. */
final class RandomLookups {

    private final RandomModels models;
    private final Random random;

    RandomLookups(RandomModels models, Random random) {
        this.models = models;
        this.random = random;
    }

    Rel next() {
        Rel rows = random.nextInt(3) > 0 ? models.scan() : models.relation(1);
        List<Col> columns = new ArrayList<>();
        List<String> items = new ArrayList<>();
        for (Col column : rows.columns()) {
            add(items, columns, "q." + column.name(), column.kind());
        }
        StringBuilder from = new StringBuilder(RandomModels.in(rows, "q"));
        List<String> conditions = new ArrayList<>();
        List<Readable> tables = keyed();
        for (int i = 0; i < tables.size(); i++) {
            lookUp("r" + i, tables.get(i), rows, from, items, columns, conditions);
        }
        return new Rel(
                "select " + String.join(", ", items) + " from " + from
                        + (conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions)),
                columns);
    }

    private void lookUp(
            String alias,
            Readable table,
            Rel rows,
            StringBuilder from,
            List<String> items,
            List<Col> columns,
            List<String> conditions) {
        List<Col> by = rows.columns().stream()
                .filter(column -> column.kind() == Kind.INT)
                .toList();
        if (by.isEmpty()) {
            return;
        }
        boolean inner = random.nextBoolean();
        models.operator(inner ? "looked up, inner" : "looked up, left");
        String key = "q." + by.get(random.nextInt(by.size())).name();
        from.append(inner ? " join " : " left join ")
                .append(relation(table))
                .append(" as ")
                .append(alias)
                .append(random.nextBoolean() ? " on " + alias + ".id = " + key : " on " + key + " = " + alias + ".id");
        if (random.nextInt(6) == 0) {
            from.append(" and ").append(random.nextBoolean() ? alias + ".g > 3" : key + " > 3");
        }
        if (random.nextInt(6) == 0) {
            conditions.add(random.nextBoolean() ? alias + ".v is not null" : alias + ".id is not null");
        }
        add(items, columns, alias + ".t", Kind.TEXT);
        add(items, columns, "coalesce(" + alias + ".g, -1) + 1", Kind.INT);
        if (random.nextBoolean()) {
            add(items, columns, "case when " + alias + ".b then " + alias + ".w end", Kind.TIME);
        }
        if (random.nextInt(3) == 0) {
            add(items, columns, alias + ".id", Kind.INT);
        }
        if (random.nextInt(3) == 0) {
            add(items, columns, "coalesce(" + alias + ".g, " + key + ")", Kind.INT);
        }
    }

    private String relation(Readable table) {
        String relation = StateNames.relation(table.table());
        return switch (random.nextInt(4)) {
            case 0 -> "(select id, upper(t) as t, g, v, w, b from " + relation + ")";
            case 1 -> "(select * from " + relation + " where g is null or g < 9)";
            default -> relation;
        };
    }

    private void add(List<String> items, List<Col> columns, String value, Kind kind) {
        String name = models.name();
        items.add(value + " as " + name);
        columns.add(new Col(name, kind));
    }

    /** One or two tables with the key {@code id}. */
    private List<Readable> keyed() {
        List<Readable> keyed = models.sources().stream()
                .filter(table -> !table.table().name().equals("bag"))
                .collect(Collectors.toCollection(ArrayList::new));
        return random.nextInt(3) > 0 ? List.of(keyed.get(random.nextInt(keyed.size()))) : keyed;
    }
}
