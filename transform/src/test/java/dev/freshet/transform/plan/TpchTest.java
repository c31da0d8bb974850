package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.testkit.tpch.TpchProject;
import dev.freshet.testkit.tpch.TpchStream;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import dev.freshet.transform.project.node.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The 22 queries of TPC-H, small, under changes to all tables: right after every batch, and maintained in the ways that the guide says. */
class TpchTest {

    private static final double SCALE = 0.01;

    /** All others are followed, whatever of the usual changes comes. */
    private static final Set<String> RECOMPUTED = Set.of("q16", "q22");

    @TempDir
    Path directory;

    private final Map<String, String> how = new TreeMap<>();
    private final Set<String> recomputed = new TreeSet<>();

    @Test
    void allAreRightAfterEveryBatch() throws Exception {
        Path home = Files.createDirectory(directory.resolve("project"));
        TpchProject.copyTo(home);
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
                        Instant.EPOCH));
        IncrementalMaintainer maintainer = new IncrementalMaintainer(
                project,
                IncrementalMaintainer.Choice.EVERYTHING_POSSIBLE,
                (model, done, delta, nanos) -> how.put(model.name(), done));
        try (TpchStream stream = new TpchStream(directory, SCALE);
                DuckDbStateStore store = TestStore.open(directory, 2)) {
            cycle(store, maintainer, project, stream.load());
            for (int batch = 0; batch < 4; batch++) {
                how.clear();
                cycle(store, maintainer, project, stream.change(100, TpchStream.Kind.USUAL));
                how.forEach((model, done) -> {
                    if (done.equals(ModelPlan.RECOMPUTE)) {
                        recomputed.add(model);
                    }
                });
            }
            cycle(store, maintainer, project, stream.change(1_000, TpchStream.Kind.EVERY_TABLE));
            cycle(store, maintainer, project, stream.change(1, TpchStream.Kind.USUAL));
        }
        maintainer
                .plans()
                .forEach(plan -> System.out.println(plan.plan().model().name() + " "
                        + plan.plan().title() + ": " + plan.plan().reason()));
        assertThat(recomputed).isEqualTo(RECOMPUTED);
    }

    private static void cycle(
            DuckDbStateStore store, IncrementalMaintainer maintainer, Project project, StagedBatch staged) {
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> changed = transaction.reconcile(staged);
            maintainer.maintain(transaction, changed, Map.of());
            transaction.commit(Map.of(staged.source(), staged.end()), Instant.EPOCH);
        }
        try (StateTransaction transaction = store.begin()) {
            for (Model model : project.models()) {
                assertThat(transaction
                                .recompute(model.relation(), model.sql(), model.uniqueKey())
                                .rows())
                        .as("%s: rows of %s that differ from its text", staged.id(), model.name())
                        .isZero();
            }
        }
    }
}
