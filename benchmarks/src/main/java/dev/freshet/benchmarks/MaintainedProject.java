package dev.freshet.benchmarks;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.transform.plan.IncrementalMaintainer;
import dev.freshet.transform.plan.PlannedModel;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.node.Model;
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

/** A project whose models are kept by their affected rows wherever that is possible, with its state store; and their rival, computing them in full. */
final class MaintainedProject implements AutoCloseable {

    /**
     * Cycles that are not measured behind {@link #recompute}. It is rolled back, after which the store makes its working tables again and DuckDB plans kept
     * statements again, once more after the last table was made; a service goes from cycle to cycle without that.
     */
    static final int CYCLES_AFTER_A_RIVAL = 3;

    /** Hears what computing a model in full took, and whether the kept rows were other ones. */
    interface Rival {
        void recomputed(Model model, long nanos, TableDelta difference);
    }

    private final Project project;
    private final IncrementalMaintainer maintainer;
    private final DuckDbStateStore store;

    /**
     * @param home where the project is
     * @param arguments with {@link #options}
     */
    MaintainedProject(Path directory, Path home, Arguments arguments, IncrementalMaintainer.Listener listener) {
        this.project = ProjectLoader.load(
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
        this.maintainer = new IncrementalMaintainer(project, IncrementalMaintainer.Choice.WHENEVER_POSSIBLE, listener);
        this.store = DuckDbStateStore.open(new DuckDbConfig(
                directory.resolve("state.duckdb"),
                arguments.get("memory-mb") << 20,
                directory.resolve("spill"),
                Math.toIntExact(arguments.get("state-threads")),
                1_000_000,
                List.of(directory),
                Clock.systemUTC(),
                UUID::randomUUID));
    }

    /** What the engine may use, after a benchmark's own options. */
    static Map<String, Long> options(Map<String, Long> own) {
        Map<String, Long> options = new LinkedHashMap<>(own);
        options.put("repeats", 5L);
        options.put("state-threads", (long) Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
        options.put("memory-mb", 4_096L);
        return options;
    }

    /** Those that are functions of their inputs and kept as such, in the order of the graph. */
    List<Model> models() {
        List<TableId> kept = maintainer.models();
        return project.models().stream()
                .filter(model -> kept.contains(model.relation()) && !model.keepsHistory())
                .toList();
    }

    List<PlannedModel> plans() {
        return maintainer.plans();
    }

    /** What a cycle took, in nanoseconds: to bring the tables up to date, and all in all. */
    record Cycle(long reconcile, long whole) {}

    /** What cycles of one kind took. */
    static final class Cycles {
        private final List<Cycle> cycles = new ArrayList<>();

        void add(Cycle cycle) {
            cycles.add(cycle);
        }

        void print(Console console, String when) {
            console.line(
                    "A cycle when %s: %.1f ms, of it %.1f ms to compare the changed rows with those that were there",
                    when,
                    Median.millis(cycles.stream().map(Cycle::whole).toList()),
                    Median.millis(cycles.stream().map(Cycle::reconcile).toList()));
        }
    }

    Cycle cycle(List<StagedBatch> batches) {
        long began = System.nanoTime();
        long reconciled;
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> changed = new ArrayList<>();
            Map<String, SourcePosition> ends = new HashMap<>();
            for (StagedBatch batch : batches) {
                changed.addAll(transaction.reconcile(batch));
                ends.put(batch.source(), batch.end());
            }
            reconciled = System.nanoTime() - began;
            maintainer.maintain(transaction, changed, Map.of());
            transaction.commit(ends, Instant.EPOCH);
        }
        Cycle cycle = new Cycle(reconciled, System.nanoTime() - began);
        store.checkpoint();
        return cycle;
    }

    /** The rival's time, and the proof that the affected rows were all that had to be computed. */
    void recompute(Rival rival) {
        try (StateTransaction transaction = store.begin()) {
            for (Model model : models()) {
                long began = System.nanoTime();
                TableDelta delta = transaction.recompute(model.relation(), model.sql(), model.uniqueKey());
                rival.recomputed(model, System.nanoTime() - began, delta);
            }
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
