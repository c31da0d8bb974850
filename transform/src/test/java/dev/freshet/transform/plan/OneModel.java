package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.IncrementalMaintainer.Choice;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;

/** A project of one model over the tables of a {@link SimulatedSource}. */
final class OneModel {

    static final TableId MODEL = new TableId("dw", "out", "m");

    private OneModel() {}

    /**
     * Keeps it through some batches, each tried again as the cycle does. After each its rows are those of its text.
     *
     * @param sql a format of which the arguments are the tables: two with the key {@code id}, and one without a key
     * @param compared with how many rows of the first table the text has one result
     * @param done receives how the model was kept in each cycle
     */
    static IncrementalMaintainer run(
            Path directory, String sql, Choice choice, int batches, IntPredicate compared, List<String> done)
            throws Exception {
        return run(directory, sql, List.of(), choice, batches, compared, done);
    }

    /** As {@link #run(Path, String, Choice, int, IntPredicate, List)}, with a {@code unique_key}. */
    static IncrementalMaintainer run(
            Path directory,
            String sql,
            List<String> uniqueKey,
            Choice choice,
            int batches,
            IntPredicate compared,
            List<String> done)
            throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(7));
                DuckDbStateStore store = TestStore.open(directory, 1)) {
            Project project = project(
                    source.tables.stream().map(SimulatedSource.Simulated::id).toList(), sql, uniqueKey);
            IncrementalMaintainer maintainer =
                    new IncrementalMaintainer(project, choice, (model, how, delta, nanos) -> done.add(how));
            for (int batch = 0; batch < batches; batch++) {
                StagedBatch staged = source.change(20);
                int tries = 0;
                while (!isDone(store, maintainer, staged)) {
                    assertThat(++tries).isLessThan(3);
                }
                if (!compared.test(source.tables.get(0).rows().size())) {
                    continue;
                }
                try (StateTransaction transaction = store.begin()) {
                    Model model = project.models().get(0);
                    assertThat(transaction
                                    .recompute(MODEL, model.sql(), uniqueKey)
                                    .rows())
                            .isZero();
                }
            }
            return maintainer;
        }
    }

    private static boolean isDone(DuckDbStateStore store, IncrementalMaintainer maintainer, StagedBatch staged) {
        try {
            cycle(store, maintainer, staged);
            return true;
        } catch (FreshetException e) {
            if (e.kind() != ErrorKind.RETRYABLE) {
                throw e;
            }
            return false;
        }
    }

    static void cycle(DuckDbStateStore store, IncrementalMaintainer maintainer, StagedBatch staged) {
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> changed = transaction.reconcile(staged);
            maintainer.maintain(transaction, changed, Map.of());
            transaction.commit(Map.of(SimulatedSource.NAME, staged.end()), Instant.EPOCH);
        }
    }

    static Project project(List<TableId> tables, String format, List<String> uniqueKey) {
        String sql = format.formatted(tables.stream().map(StateNames::relation).toArray());
        List<TableId> read = tables.stream()
                .filter(table -> sql.contains(StateNames.relation(table)))
                .toList();
        Model model = new Model(
                "model.p.m",
                "m",
                MODEL,
                Model.Materialization.TABLE,
                Model.Route.MAINTAINED,
                read.stream().map(OneModel::id).toList(),
                sql,
                uniqueKey,
                List.of(),
                List.of("p", "m"),
                "models/m.sql");
        return new Project(
                Path.of("p"),
                Path.of("p/target"),
                "p",
                Map.of(),
                "dw",
                read.stream()
                        .map(table -> new SourceTable(id(table), table, Map.of(), "models/s.yml", 1))
                        .toList(),
                List.of(model),
                List.of());
    }

    private static String id(TableId table) {
        return "source.p." + table.name();
    }
}
