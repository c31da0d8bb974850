package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Accumulation;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.transform.plan.Maintainer;
import dev.freshet.transform.plan.RecomputingMaintainer;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histories that are to begin anew while something holds them back. */
class FullRefreshTest {

    private static final TableId PARENT = new TableId("lake", "analytics", "parent");
    private static final TableId KEPT = new TableId("lake", "analytics", "kept");

    @TempDir
    Path directory;

    private DuckDbStateStore store;

    @BeforeEach
    void open() {
        store = DuckDbStateStore.open(new DuckDbConfig(
                directory.resolve("state.duckdb"),
                1L << 28,
                directory.resolve("spill"),
                1,
                1000,
                List.of(directory),
                Clock.systemUTC(),
                UUID::randomUUID));
        // Each text of the parent is appended: the history has as many rows as there were texts.
        start(History.CONTINUED, 1).cycle(Map.of());
        start(History.CONTINUED, 2).cycle(Map.of());
        assertThat(rows()).contains(2L);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aModelThatIsHeldBackKeepsItsRowsAndBeginsAnewWhenItGoesOn() {
        Run run = start(History.ANEW, 2);
        run.cycle(Map.of(KEPT, Cycle.PAUSED));
        assertThat(rows()).contains(2L);
        run.cycle(Map.of());
        assertThat(rows()).contains(1L);
        assertThat(start(History.CONTINUED, 2).refresh.models()).isEmpty();
    }

    @Test
    void aRestartForgetsNoModelThatWasHeldBack() {
        start(History.ANEW, 2).cycle(Map.of(KEPT, Cycle.PAUSED));
        Run run = start(History.CONTINUED, 2);
        assertThat(run.refresh.models()).as("not to be read back").containsExactly(KEPT);
        run.cycle(Map.of());
        assertThat(rows()).contains(1L);
        start(History.CONTINUED, 3).cycle(Map.of());
        assertThat(rows()).as("once only").contains(2L);
    }

    @Test
    void norOneBelowAModelThatWasHeldBack() {
        start(History.ANEW, 2).cycle(Map.of(PARENT, "division by zero"));
        assertThat(rows()).as("until then").contains(2L);
        Run run = start(History.CONTINUED, 2);
        assertThat(run.refresh.models()).as("not to be read back").containsExactly(KEPT);
        run.cycle(Map.of());
        assertThat(rows()).contains(1L);
        assertThat(start(History.CONTINUED, 2).refresh.models()).isEmpty();
    }

    private Run start(History history, int text) {
        Project project = new Project(
                directory,
                directory.resolve("target"),
                "p",
                Map.of(),
                "lake",
                List.of(),
                List.of(model(PARENT, List.of(), "select " + text + " as n", Optional.empty()), kept()),
                List.of());
        return new Run(new FullRefresh(project, history, store), new RecomputingMaintainer(project));
    }

    private static Model kept() {
        String all = "select * from " + StateNames.relation(PARENT);
        return model(
                KEPT,
                List.of("model.p.parent"),
                all,
                Optional.of(new Accumulation(
                        Accumulation.Strategy.APPEND,
                        all,
                        all,
                        List.of(),
                        Accumulation.MergedColumns.ALL,
                        Accumulation.OnSchemaChange.IGNORE)));
    }

    private static Model model(TableId relation, List<String> parents, String sql, Optional<Accumulation> history) {
        return new Model(
                "model.p." + relation.name(),
                relation.name(),
                relation,
                history.isPresent() ? Model.Materialization.INCREMENTAL : Model.Materialization.TABLE,
                Model.Route.MAINTAINED,
                parents,
                sql,
                List.of(),
                List.of(),
                List.of("p", relation.name()),
                "models/" + relation.name() + ".sql",
                history,
                Optional.empty(),
                false);
    }

    private Optional<Long> rows() {
        try (StateSnapshot snapshot = store.read()) {
            return snapshot.output(KEPT).map(StoredOutput::rows);
        }
    }

    /** A service between its start and its end. */
    private final class Run {

        private final FullRefresh refresh;
        private final Maintainer maintainer;

        Run(FullRefresh refresh, Maintainer maintainer) {
            this.refresh = refresh;
            this.maintainer = maintainer;
        }

        void cycle(Map<TableId, String> heldBack) {
            try (StateTransaction transaction = store.begin()) {
                refresh.begin(transaction, maintainer.leftOut(transaction, heldBack));
                var unused = maintainer.maintain(transaction, List.of(), heldBack);
                refresh.computed(transaction, maintainer.held().keySet());
                transaction.commit(Map.of(), store.cut().clock());
                refresh.committed();
            }
        }
    }
}
