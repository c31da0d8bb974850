package dev.freshet.benchmarks;

import dev.freshet.deploy.demo.DemoProject;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.duckdb.DuckDbConfig;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.IncrementalMaintainer;
import dev.freshet.transform.plan.ModelPlan;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What keeping the demo's models costs: only the affected rows, beside computing everything again in the same run. */
final class MaintainBenchmark implements Benchmark {

    private static final List<Long> CHANGES = List.of(1L, 1_000L, 10_000L);

    private final Path directory;

    MaintainBenchmark(Path directory) {
        this.directory = directory;
    }

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
        Map<String, Long> options = new LinkedHashMap<>();
        options.put("orders", 1_000_000L);
        options.put("repeats", 5L);
        options.put("state-threads", 2L);
        options.put("memory-mb", 4_096L);
        return options;
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
        Project project = ProjectLoader.load(
                home,
                new ProjectLoader.Options(
                        Optional.of(home),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Map.of(),
                        home,
                        true,
                        false,
                        Instant.now()));
        Map<String, Times> times = new LinkedHashMap<>();
        long[] rows = {0};
        IncrementalMaintainer maintainer = new IncrementalMaintainer(
                project, IncrementalMaintainer.Choice.WHENEVER_POSSIBLE, (model, how, delta, nanos) -> {
                    Times of = times.computeIfAbsent(rows[0] + " " + model.name(), name -> new Times());
                    of.delta.add(nanos);
                    of.recomputed = how.equals(ModelPlan.RECOMPUTE);
                });
        DuckDbConfig config = new DuckDbConfig(
                directory.resolve("state.duckdb"),
                arguments.get("memory-mb") << 20,
                directory.resolve("spill"),
                Math.toIntExact(arguments.get("state-threads")),
                1_000_000,
                List.of(directory),
                Clock.systemUTC(),
                UUID::randomUUID);
        List<String> wrong = new ArrayList<>();
        try (ShopRows shop = new ShopRows(directory, arguments.get("orders"));
                DuckDbStateStore store = DuckDbStateStore.open(config)) {
            console.line("Loading %,d orders", arguments.get("orders"));
            cycle(store, maintainer, shop.load());
            for (long changed : CHANGES) {
                rows[0] = changed;
                for (int i = 0; i < arguments.get("repeats"); i++) {
                    cycle(store, maintainer, shop.change(changed));
                    recompute(store, project, times, changed, wrong);
                }
            }
        }
        return report(console, project, times, wrong);
    }

    private static void cycle(DuckDbStateStore store, IncrementalMaintainer maintainer, List<StagedBatch> batches) {
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> changed = new ArrayList<>();
            Map<String, SourcePosition> ends = new HashMap<>();
            for (StagedBatch batch : batches) {
                changed.addAll(transaction.reconcile(batch));
                ends.put(batch.source(), batch.end());
            }
            maintainer.maintain(transaction, changed, Map.of());
            transaction.commit(ends, Instant.EPOCH);
        }
        store.checkpoint();
    }

    /** The rival's time, and the proof that the affected rows were all that had to be computed. */
    private static void recompute(
            DuckDbStateStore store, Project project, Map<String, Times> times, long changed, List<String> wrong) {
        try (StateTransaction transaction = store.begin()) {
            for (Model model : project.models()) {
                Times of = times.get(changed + " " + model.name());
                if (of != null) {
                    long began = System.nanoTime();
                    TableDelta delta = transaction.recompute(model.relation(), model.sql(), model.uniqueKey());
                    of.full.add(System.nanoTime() - began);
                    if (!delta.isEmpty()) {
                        wrong.add(model.name() + " was wrong by " + delta.rows() + " rows");
                    }
                }
            }
        }
    }

    private static Outcome report(Console console, Project project, Map<String, Times> times, List<String> wrong) {
        console.line("%-18s %8s %14s %10s %10s %7s", "model", "changes", "plan", "delta ms", "full ms", "ratio");
        double least = Double.MAX_VALUE;
        int differentiated = 0;
        for (Model model : project.models()) {
            for (long changed : CHANGES) {
                Times of = times.get(changed + " " + model.name());
                if (of == null) {
                    continue;
                }
                double delta = median(of.delta);
                double full = median(of.full);
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

    private static double median(List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2) / 1e6;
    }
}
