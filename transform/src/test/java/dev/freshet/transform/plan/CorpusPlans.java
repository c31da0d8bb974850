package dev.freshet.transform.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What became of each query of the corpus. */
final class CorpusPlans {

    private final long undetermined;
    private final Set<String> parsed = new TreeSet<>();
    private final Set<String> apart = new TreeSet<>();
    private final Map<String, ModelPlan> plans = new TreeMap<>();

    /** @param undetermined how many queries have rows that can't be compared */
    CorpusPlans(long undetermined) {
        this.undetermined = undetermined;
    }

    void parsed(String name, boolean takenApart) {
        parsed.add(name);
        if (takenApart) {
            apart.add(name);
        }
    }

    void planned(ModelPlan plan) {
        plans.put(plan.model().name(), plan);
    }

    private static String kind(ModelPlan plan) {
        if (plan.title().equals(ModelPlan.RECOMPUTE)) {
            return "recompute";
        }
        if (plan.reason().startsWith("rows that come and go are computed of the changed rows alone")) {
            return "rows";
        }
        return plan.reason().startsWith("rows are found") ? "keys" : "totals";
    }

    /** One line a query. */
    String lines() {
        return plans.values().stream()
                .map(plan -> plan.model().name() + " | " + kind(plan) + " | " + plan.reason() + "\n")
                .collect(Collectors.joining());
    }

    static String expected() throws IOException {
        try (var file = Objects.requireNonNull(CorpusPlans.class.getResourceAsStream("corpus/plans.txt"))) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    String counts() {
        return "%d queries, %d parsed, %d taken apart; %s"
                .formatted(
                        plans.size(),
                        parsed.size(),
                        apart.size(),
                        plans.values().stream()
                                .collect(
                                        Collectors.groupingBy(CorpusPlans::kind, TreeMap::new, Collectors.counting())));
    }

    /** For the guide. */
    String table() {
        StringBuilder table = new StringBuilder("| measured | queries |\n|---|---|\n")
                .append("| in the corpus | %d |%n".formatted(plans.size()))
                .append("| parsed, written back, and the same columns and rows | %d |%n".formatted(parsed.size()))
                .append("| taken apart and put together again, and the same columns and rows | %d |%n"
                        .formatted(apart.size()))
                .append("| right after every batch of changes | %d |%n".formatted(plans.size() - undetermined))
                .append("| whose rows SQL leaves open (samples, LIMIT without ORDER BY, the clock) | %d |%n%n"
                        .formatted(undetermined))
                .append("| kept as | queries |\n|---|---|\n");
        Map<String, Long> ways = plans.values().stream()
                .collect(Collectors.groupingBy(CorpusPlans::way, TreeMap::new, Collectors.counting()));
        ways.entrySet().stream()
                .sorted(Comparator.<Map.Entry<String, Long>>comparingInt(
                                way -> way.getKey().startsWith("recompute") ? 1 : 0)
                        .thenComparing(way -> -way.getValue()))
                .forEach(way -> table.append("| %s | %d |%n".formatted(way.getKey(), way.getValue())));
        return table.toString();
    }

    private static String way(ModelPlan plan) {
        String lost = plan.reason().contains("; in full when") ? ", in full when some of the tables change" : "";
        return switch (kind(plan)) {
            case "rows" -> "differentiate: the changed rows alone";
            case "totals" -> "differentiate: counts, sums or single rows" + lost;
            case "keys" -> "differentiate: the rows of affected keys" + lost;
            default ->
                "recompute: "
                        + plan.reason()
                                .replaceAll("uses \\w+, whose", "uses a function whose")
                                .replaceAll(", \"\\w+\",", "")
                                .replaceAll(" \\(\\w+\\.[^)]*\\)", "");
        };
    }

    /** Queries whose plan failed: never wrong, but a mistake of ours. */
    List<String> failed() {
        return plans.values().stream()
                .filter(plan ->
                        plan.reason().contains("failed") || plan.reason().contains("unknown form"))
                .map(plan -> plan.model().name() + ": " + plan.reason())
                .toList();
    }

    void write(Path directory) throws IOException {
        Files.writeString(directory.resolve("corpus-plans.txt"), lines());
        Files.writeString(directory.resolve("corpus-table.md"), table());
    }
}
