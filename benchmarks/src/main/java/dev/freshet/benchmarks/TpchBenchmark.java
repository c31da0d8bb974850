package dev.freshet.benchmarks;

import dev.freshet.state.StagedBatch;
import dev.freshet.testkit.tpch.TpchProject;
import dev.freshet.testkit.tpch.TpchStream;
import dev.freshet.testkit.tpch.TpchStream.Kind;
import dev.freshet.transform.plan.IncrementalMaintainer;
import dev.freshet.transform.plan.ModelPlan;
import dev.freshet.transform.plan.PlannedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/** The 22 queries of TPC-H under inserts, updates and deletes: what each costs by its delta, beside computing it in full in the same run. */
final class TpchBenchmark implements Benchmark {

    private static final double LINES_AT_SCALE_1 = 6_000_000;

    /** A query counts as differentiated when its delta is this much cheaper. */
    private static final double COUNTS_FROM = 5;

    private final Path directory;

    TpchBenchmark(Path directory) {
        this.directory = directory;
    }

    @Override
    public String name() {
        return "tpch";
    }

    @Override
    public String summary() {
        return "the 22 queries of TPC-H under changes, against computing them in full";
    }

    @Override
    public Map<String, Long> options() {
        Map<String, Long> options = new LinkedHashMap<>();
        options.put("lines", 1_000_000L);
        options.put("changes", 1_000L);
        return MaintainedProject.options(options);
    }

    /** One query's times, in nanoseconds. */
    private static final class Times {
        private final Map<Kind, List<Long>> delta = new EnumMap<>(Kind.class);
        private final List<Long> full = new ArrayList<>();
        private final Set<Kind> recomputed = EnumSet.noneOf(Kind.class);
        private boolean wrong;

        /** How much cheaper the delta is; 0 when there is none. */
        double ratio(Kind kind) {
            return delta.containsKey(kind) && !recomputed.contains(kind)
                    ? Median.millis(full) / Median.millis(delta.get(kind))
                    : 0;
        }
    }

    @Override
    public Outcome run(Arguments arguments, Console console) throws Exception {
        Path home = Files.createDirectories(directory.resolve("project"));
        TpchProject.copyTo(home);
        Map<String, Times> times = new TreeMap<>();
        Map<Kind, MaintainedProject.Cycles> cycles = new EnumMap<>(Kind.class);
        AtomicReference<Optional<Kind>> measured = new AtomicReference<>(Optional.empty());
        IncrementalMaintainer.Listener listener = (model, how, delta, nanos) -> {
            Times of = times.computeIfAbsent(model.name(), name -> new Times());
            measured.get().ifPresent(kind -> of.delta
                    .computeIfAbsent(kind, key -> new ArrayList<>())
                    .add(nanos));
            if (how.equals(ModelPlan.RECOMPUTE)) {
                measured.get().ifPresent(of.recomputed::add);
            }
        };
        console.line("Generating %,d lines", arguments.get("lines"));
        try (TpchStream stream = new TpchStream(directory, arguments.get("lines") / LINES_AT_SCALE_1);
                MaintainedProject project = new MaintainedProject(directory, home, arguments, listener)) {
            console.line("Loading");
            project.cycle(List.of(stream.load()));
            // What the deltas are added to is made now.
            project.cycle(List.of(stream.change(arguments.get("changes"), Kind.USUAL)));
            for (int i = 0; i < arguments.get("repeats"); i++) {
                for (Kind kind : List.of(Kind.ORDERS, Kind.USUAL)) {
                    console.line("Batch %d", i + 1);
                    for (int warm = 0; warm < MaintainedProject.CYCLES_AFTER_A_RIVAL; warm++) {
                        project.cycle(List.of(stream.change(arguments.get("changes"), kind)));
                    }
                    List<StagedBatch> change = List.of(stream.change(arguments.get("changes"), kind));
                    measured.set(Optional.of(kind));
                    cycles.computeIfAbsent(kind, key -> new MaintainedProject.Cycles())
                            .add(project.cycle(change));
                    measured.set(Optional.empty());
                    project.recompute((model, nanos, difference) -> {
                        Times of = times.computeIfAbsent(model.name(), name -> new Times());
                        of.full.add(nanos);
                        of.wrong |= !difference.isEmpty();
                    });
                }
            }
            Outcome outcome = report(console, project, times);
            cycles.forEach(
                    (kind, took) -> took.print(console, kind == Kind.ORDERS ? "orders change" : "all tables change"));
            return outcome;
        }
    }

    private static Outcome report(Console console, MaintainedProject project, Map<String, Times> times) {
        console.line(
                "%-6s %-14s %-6s %9s %22s %22s  %s",
                "query", "plan", "rows", "full ms", "orders change", "all tables change", "reason");
        int right = 0;
        int counted = 0;
        int countedWithAll = 0;
        List<PlannedModel> plans = project.plans().stream()
                .sorted(Comparator.comparing(plan -> plan.plan().model().name()))
                .toList();
        for (PlannedModel plan : plans) {
            String name = plan.plan().model().name();
            Times of = times.get(name);
            right += of.wrong ? 0 : 1;
            // Some queries read neither orders nor lines.
            counted += of.ratio(of.delta.containsKey(Kind.ORDERS) ? Kind.ORDERS : Kind.USUAL) >= COUNTS_FROM ? 1 : 0;
            countedWithAll += of.ratio(Kind.USUAL) >= COUNTS_FROM ? 1 : 0;
            console.line(
                    "%-6s %-14s %-6s %9.1f %22s %22s  %s",
                    name,
                    plan.plan().title(),
                    of.wrong ? "WRONG" : "right",
                    Median.millis(of.full),
                    shown(of, Kind.ORDERS),
                    shown(of, Kind.USUAL),
                    plan.plan().reason());
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("right", String.format(Locale.ROOT, "%d/%d", right, times.size()));
        values.put("differentiated", Integer.toString(counted));
        values.put("differentiated_all_tables", Integer.toString(countedWithAll));
        return new Outcome(
                values,
                right == times.size()
                        ? Optional.empty()
                        : Optional.of("stored rows differ from what the queries give"));
    }

    private static String shown(Times of, Kind kind) {
        if (!of.delta.containsKey(kind)) {
            return "-";
        }
        return of.recomputed.contains(kind)
                ? ModelPlan.RECOMPUTE
                : String.format(Locale.ROOT, "%.1f ms, %.1fx", Median.millis(of.delta.get(kind)), of.ratio(kind));
    }
}
