package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.IncrementalMaintainer.Choice;
import dev.freshet.transform.plan.differentiate.Differentiation;
import dev.freshet.transform.plan.differentiate.Differentiation.Rules;
import dev.freshet.transform.plan.differentiate.SharedLookups;
import dev.freshet.transform.plan.differentiate.SharedLookups.Worthwhile;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By what the affected rows of a model are found, as its output grows. */
class LargeOutputsTest {

    @TempDir
    Path directory;

    /** What one value of {@code t} affects are rows of one table; rows with a value of {@code g} are found in both. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "select a.t, b.v as other from %3$s as a left join %1$s as b on b.id = a.g              |       10 | g",
                "select a.t, b.v as other from %3$s as a left join %1$s as b on b.id = a.g              |  200000 | g",
                "select a.t, b.v as other from %3$s as a left join %1$s as b on b.id = a.g              | 10000000 | g",
                // Groups have a table of their own, which grows with the output.
                "select a.t, sum(b.v) as v from %3$s as a left join %1$s as b on b.id = a.g group by a.t |       10 | g",
                "select a.t, sum(b.v) as v from %3$s as a left join %1$s as b on b.id = a.g group by a.t | 10000000 | t",
            })
    void areThoseOfTheColumnThatIsFoundInMostTables(String sql, long rows, String column) throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(7));
                DuckDbStateStore store = TestStore.open(directory, 1)) {
            Project project = OneModel.project(
                    source.tables.stream().map(SimulatedSource.Simulated::id).toList(), sql, List.of());
            Model model = project.models().get(0);
            IncrementalMaintainer maintainer =
                    new IncrementalMaintainer(project, Choice.WHEN_CHEAPER, (kept, how, delta, nanos) -> {});
            OneModel.cycle(store, maintainer, source.change(20));
            StagedBatch batch = source.change(20);
            while (batch.tables().size() < source.tables.size()) {
                OneModel.cycle(store, maintainer, batch);
                batch = source.change(20);
            }
            try (StateTransaction transaction = store.begin()) {
                List<TableDelta> changed = transaction.reconcile(batch);
                List<String> keys = new ArrayList<>();
                RowMaintenance state = state(transaction.rowMaintenance().orElseThrow(), rows, keys);
                Map<TableId, TableSchema> tables = source.tables.stream()
                        .map(SimulatedSource.Simulated::id)
                        .filter(table -> sql.contains(table.name().equals("bag") ? "%3$s" : "%1$s"))
                        .collect(Collectors.toMap(
                                table -> table, table -> state.schema(table).orElseThrow()));
                Differentiation differentiation = Differentiation.of(
                        state, state.functions(), model, tables, Rules.ALL, new SharedLookups(Worthwhile.USUAL));
                Map<TableId, Long> affecting = changed.stream()
                        .filter(delta -> tables.containsKey(delta.table()))
                        .collect(Collectors.toMap(TableDelta::table, TableDelta::rows));
                assertThat(differentiation.maintain(state, affecting, found -> true))
                        .isPresent();
                assertThat(keys)
                        .anyMatch(
                                query -> query.startsWith("SELECT \"" + column + "\" FROM ") && query.contains("bag"));
                assertThat(transaction
                                .recompute(OneModel.MODEL, model.sql(), List.of())
                                .rows())
                        .isZero();
            }
        }
    }

    /** The store's own, of which every table seems to have so many rows. */
    private static RowMaintenance state(RowMaintenance real, long rows, List<String> keys) {
        return (RowMaintenance) Proxy.newProxyInstance(
                LargeOutputsTest.class.getClassLoader(),
                new Class<?>[] {RowMaintenance.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("rows")) {
                        return rows;
                    }
                    if (method.getName().equals("stageKeys")) {
                        ((List<?>) arguments[2]).forEach(query -> keys.add(String.valueOf(query)));
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
