package dev.freshet.benchmarks;

import dev.freshet.deploy.demo.DemoProject;
import dev.freshet.state.StagedBatch;
import dev.freshet.transform.plan.IncrementalMaintainer;
import dev.freshet.transform.plan.ModelPlan;
import dev.freshet.transform.project.node.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What keeping the demo's models costs: only the affected rows, beside computing everything again in the same run. */
final class MaintainBenchmark implements Benchmark {

    private static final List<Long> CHANGES = List.of(1L, 1_000L, 10_000L);

    private final Path directory;

    MaintainBenchmark(Path directory) {
        this.directory = directory;
    }

    private static final long UNMEASURED = -1;

    @Override
    public String name() {
        return "maintain";
    }

    @Override
    public String summary() {
        return "the demo's models by their affected rows, against computing them in full";
    }

    @Override
    public Map<String, Long> options() {
        return MaintainedProject.options(Map.of("orders", 1_000_000L));
    }

    /** One model's times of one change size, in nanoseconds. */
    private static final class Times {
        private final List<Long> delta = new ArrayList<>();
        private final List<Long> full = new ArrayList<>();
        private boolean recomputed;
    }

    @Override
    public Outcome run(Arguments arguments, Console console) throws Exception {
        Path home = Files.createDirectories(directory.resolve("project"));
        DemoProject.copyTo(home);
        Map<String, Times> times = new LinkedHashMap<>();
        long[] rows = {0};
        IncrementalMaintainer.Listener listener = (model, how, delta, nanos) -> {
            Times of = times.computeIfAbsent(rows[0] + " " + model.name(), name -> new Times());
            of.delta.add(nanos);
            of.recomputed = how.equals(ModelPlan.RECOMPUTE);
        };
        List<String> wrong = new ArrayList<>();
        Map<Long, MaintainedProject.Cycles> cycles = new TreeMap<>();
        try (ShopRows shop = new ShopRows(directory, arguments.get("orders"));
                MaintainedProject project = new MaintainedProject(directory, home, arguments, listener)) {
            console.line("Loading %,d orders", arguments.get("orders"));
            project.cycle(shop.load());
            for (long changed : CHANGES) {
                for (int i = 0; i < arguments.get("repeats"); i++) {
                    rows[0] = UNMEASURED;
                    for (int warm = 0; warm < MaintainedProject.CYCLES_AFTER_A_RIVAL; warm++) {
                        project.cycle(shop.change(changed));
                    }
                    rows[0] = changed;
                    List<StagedBatch> change = shop.change(changed);
                    cycles.computeIfAbsent(changed, key -> new MaintainedProject.Cycles())
                            .add(project.cycle(change));
                    project.recompute((model, nanos, difference) -> {
                        Times of = times.get(changed + " " + model.name());
                        if (of != null) {
                            of.full.add(nanos);
                        }
                        if (!difference.isEmpty()) {
                            wrong.add(model.name() + " was wrong by " + difference.rows() + " rows");
                        }
                    });
                }
            }
            Outcome outcome = report(console, project.models(), times, wrong);
            cycles.forEach((changed, took) ->
                    took.print(console, String.format(java.util.Locale.ROOT, "%,d rows change", changed)));
            return outcome;
        }
    }

    private static Outcome report(Console console, List<Model> models, Map<String, Times> times, List<String> wrong) {
        console.line("%-18s %8s %14s %10s %10s %7s", "model", "changes", "plan", "delta ms", "full ms", "ratio");
        double least = Double.MAX_VALUE;
        int differentiated = 0;
        for (Model model : models) {
            for (long changed : CHANGES) {
                Times of = times.get(changed + " " + model.name());
                if (of == null) {
                    continue;
                }
                double delta = Median.millis(of.delta);
                double full = Median.millis(of.full);
                console.line(
                        "%-18s %8d %14s %10.1f %10.1f %7.1f",
                        model.name(),
                        changed,
                        of.recomputed ? ModelPlan.RECOMPUTE : ModelPlan.DIFFERENTIATE,
                        delta,
                        full,
                        full / delta);
                if (changed == 1_000 && !of.recomputed) {
                    least = Math.min(least, full / delta);
                    differentiated++;
                }
            }
        }
        Map<String, String> values = new LinkedHashMap<>();
        values.put("min_ratio", String.format(java.util.Locale.ROOT, "%.1f", differentiated == 0 ? 0 : least));
        values.put("differentiated", Integer.toString(differentiated));
        return new Outcome(values, wrong.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", wrong)));
    }
}
