package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowMaintenance.Correction;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.IncrementalMaintainer.Choice;
import dev.freshet.transform.plan.differentiate.Differentiation;
import dev.freshet.transform.plan.differentiate.SharedLookups;
import dev.freshet.transform.plan.query.LookedUpTable;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.project.node.Model;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that give a model nothing but values, which are corrected where they are stored. Of the tables t0 and t1 have the key id, the bag has none. */
class LookedUpTableTest {

    @TempDir
    Path directory;

    /** Each as the table, the result's column that has its key, whether a row may have none, and the columns that are made of it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "select a.g, a.v, p.t, upper(p.t) as u from %3$s a join %1$s p on p.id = a.g                     | t0 by g: t u",
                "select a.g, a.v, p.t, p.id as pid from %3$s a left join %1$s p on a.g = p.id                    | t0 by g or none: t pid",
                "select a.v, p.t, p.id as pid from %3$s a join %1$s p on p.id = a.g                              | t0 by pid: t",
                "select p.id, p.t, s.n from %1$s p left join (select g, count(*) as n from %3$s group by g) s on s.g = p.id | t0 by id: t",
                "select a.id, a.g, a.t, p.v from %1$s a join %2$s p on p.id = a.g                                | t1 by g: v",
                "select id, a.t, p.v from %3$s a join %1$s p using (id)                                          | t0 by id: v",
                "select a.g, p.t from %3$s a, %1$s p where p.id = a.g and a.v > 3 and p.id > 2                   | t0 by g: t",
                "with p as (select id as n, lower(t) as t from %1$s), f as (select * from %3$s)"
                        + " select f.g, p.t from f left join p on p.n = f.g                                      | t0 by g or none: t",
                "select a.g, p.t from %3$s a left join (select * from %1$s where v > 3) p on p.id = a.g          | t0 by g or none: t",
                "select a.g, p.t from %3$s a left join %1$s p on p.id = a.g join %2$s q on q.t = a.t             | t0 by g or none: t",
                "select a.g, a.v as amount, p.v * a.v + a.g as s from %3$s a join %1$s p on p.id = a.g            | t0 by g: s",
                "select a.g, p.t || q.t as both, q.t as u from %3$s a join %1$s p on p.id = a.g join %2$s q on q.g = a.g | t0 by g: both",
                // The key is not in the result, or not in each row that has one of the table's.
                "select a.v, p.t from %3$s a join %1$s p on p.id = a.g                                           |",
                "select a.v, p.id, p.t from %3$s a left join %1$s p on p.id = a.g                                |",
                "select a.g + 1 as g, p.t from %3$s a left join %1$s p on p.id = a.g                             |",
                "select a.g::bigint as g, p.t from %3$s a left join %1$s p on p.id = a.g                         |",
                // It decides over rows, or over values of others.
                "select a.id, a.t, p.v from %1$s a left join %2$s p on p.id = a.g and true                       | ",
                "select a.g, p.t from %3$s a left join %1$s p on p.id = a.g semi join %2$s q on q.id = a.g       |",
                "select a.g, p.t from %3$s a join %1$s p on p.id = a.g where p.v > 3                             |",
                "select a.g, p.t from %3$s a left join %1$s p on p.id = a.g where p.id is null                   |",
                "select a.g, p.t from %3$s a left join %1$s p on p.id = a.g and a.v > 3                          |",
                "select a.g, p.t from %3$s a left join %1$s p on p.id = a.g and p.b                              |",
                "select a.g, p.t from %3$s a join (select * from %1$s where v > 3) p on p.id = a.g               |",
                "select a.g, p.t from %3$s a left join %1$s p on p.id = a.g join %2$s q on q.t = p.t             |",
                "select a.g, coalesce(p.t, a.t) as t from %3$s a join %1$s p on p.id = a.g                       |",
                "select a.g, a.v, p.v * a.v + a.x as s from %3$s a join %1$s p on p.id = a.g                     |",
                "select a.g, p.t from %3$s a join %1$s p on p.id = a.g, unnest([p.v, 1]) as u(x)                 |",
                "select a.g, p.t from %3$s a full join %1$s p on p.id = a.g                                      |",
                "select a.g, p.t from %3$s a right join %2$s q on q.g = a.g left join %1$s p on p.id = a.g       | t0 by g or none: t",
                "select a.g, p.t from (%3$s a join %1$s p on p.id = a.g) right join %2$s q on q.g = a.g          |",
                "select a.g, p.t, q.v from %3$s a left join (%1$s p join %2$s q on q.id = p.g) on p.id = a.g     |",
                "select a.g, p.t from %1$s a left join %1$s p on p.id = a.g                                      |",
                "select a.g, p.t, (select max(v) from %1$s) as m from %3$s a left join %1$s p on p.id = a.g      |",
                // Rows meet each other, or several of the table's.
                "select distinct a.g, p.t from %3$s a join %1$s p on p.id = a.g                                  |",
                "select a.g, max(p.t) as t from %3$s a join %1$s p on p.id = a.g group by a.g                    |",
                "select a.g, p.t, row_number() over (order by a.v) as n from %3$s a join %1$s p on p.id = a.g    |",
                "select a.g, p.t from %3$s a join %1$s p on p.id = a.g limit 3                                   |",
                "select a.g, p.t from %3$s a left join %1$s p on p.g = a.g                                       |",
                "select a.g, p.t from %1$s a left join %3$s p on p.id = a.g                                      |",
                "select a.g, unnest([p.t, a.t]) as t from %3$s a join %1$s p on p.id = a.g                       |",
            })
    void areTold(String sql, String expected) throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(1));
                DuckDbStateStore store = TestStore.open(directory, 1);
                StateTransaction transaction = store.begin()) {
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            ParsedQuery parsed = ParsedQuery.of(
                    state,
                    state.functions(),
                    sql.formatted(source.tables.stream()
                            .map(table -> StateNames.relation(table.id()))
                            .toArray()),
                    source.tables.stream()
                            .collect(Collectors.toMap(
                                    SimulatedSource.Simulated::id, SimulatedSource.Simulated::schema)));
            List<String> names = parsed.query().names();
            assertThat(LookedUpTable.of(parsed))
                    .extracting(found -> found.leaf().table().name() + " by " + names.get(found.column())
                            + (found.optional() ? " or none" : "") + ": "
                            + found.values().keySet().stream().map(names::get).collect(Collectors.joining(" ")))
                    .containsExactlyInAnyOrder(expected == null ? new String[0] : expected.split(", "));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select a.g, a.v, p.t, coalesce(upper(p.t), 'none') as u from %3$s a left join %1$s p on p.id = a.g",
                "select a.id, a.g, p.t, p.w from %2$s a join %1$s p on p.id = a.g",
                "select a.id, a.g, p.t, p.w, p.id as pid from %2$s a left join %1$s p on p.id = a.g where a.v > 3",
                "select p.id, p.t, s.n from %1$s p left join (select g, count(*) as n from %3$s group by g) s on s.g = p.id",
                "select a.g, a.v as amount, coalesce(p.v, 1) * a.v + a.g as s, p.v > a.v as b from %3$s a left join %1$s p on p.id = a.g",
                "select a.id, a.g, a.t as \"T one\", p.t || a.t as both from %2$s a join %1$s p on p.id = a.g",
                "with p as (select id as n, lower(t) as t from %1$s where v > 3) select f.g, f.t, p.t as other from %3$s f left join p on p.n = f.g",
            })
    void areNotMissed(String sql) throws Exception {
        OneModel.run(directory, sql, Choice.EVERYTHING_POSSIBLE, 30, rows -> true, new ArrayList<>());
    }

    /** A product gets another name: nothing is looked for but the stored rows that have it. */
    @Test
    void onlyStoredRowsAreRead() throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(7));
                DuckDbStateStore store = TestStore.open(directory, 1)) {
            List<TableId> ids =
                    source.tables.stream().map(SimulatedSource.Simulated::id).toList();
            Model model = OneModel.project(
                            ids,
                            "select a.id, a.g, p.t from %2$s a join %1$s p on p.id = a.g where a.v is not null",
                            List.of("id"))
                    .models()
                    .get(0);
            load(store, source.change(20), model);
            int corrected = 0;
            for (int i = 0; i < 60; i++) {
                StagedBatch batch = source.changeOneValue();
                try (StateTransaction transaction = store.begin()) {
                    List<TableDelta> changed = transaction.reconcile(batch);
                    RowMaintenance state = transaction.rowMaintenance().orElseThrow();
                    if (changed.stream().anyMatch(delta -> delta.table().equals(ids.get(0)) && !delta.isEmpty())) {
                        List<Correction> corrections = new ArrayList<>();
                        Differentiation plan = plan(state, model, ids.subList(0, 2));
                        Optional<TableDelta> delta =
                                plan.maintain(listening(state, corrections), Map.of(ids.get(0), 2L), keys -> true);
                        assertThat(delta).isPresent();
                        assertThat(corrections).hasSize(1);
                        assertThat(corrections.get(0).column()).isEqualTo("g");
                        corrected += delta.get().isEmpty() ? 0 : 1;
                    }
                    TableDelta rest = transaction.recompute(OneModel.MODEL, model.sql(), model.uniqueKey());
                    if (changed.stream().noneMatch(delta -> delta.table().equals(ids.get(1)))) {
                        assertThat(rest.rows()).isZero();
                    }
                    transaction.commit(Map.of(SimulatedSource.NAME, batch.end()), Instant.EPOCH);
                }
            }
            assertThat(corrected).isPositive();
        }
    }

    private static void load(DuckDbStateStore store, StagedBatch batch, Model model) {
        try (StateTransaction transaction = store.begin()) {
            transaction.reconcile(batch);
            transaction.recompute(OneModel.MODEL, model.sql(), model.uniqueKey());
            transaction.commit(Map.of(SimulatedSource.NAME, batch.end()), Instant.EPOCH);
        }
    }

    private static Differentiation plan(RowMaintenance state, Model model, List<TableId> tables) throws Exception {
        Map<TableId, TableSchema> schemas = tables.stream()
                .collect(Collectors.toMap(
                        table -> table, table -> state.schema(table).orElseThrow()));
        return Differentiation.of(
                state,
                state.functions(),
                model,
                schemas,
                Differentiation.Rules.ALL,
                new SharedLookups(SharedLookups.Worthwhile.USUAL));
    }

    private static RowMaintenance listening(RowMaintenance real, List<Correction> corrections) {
        return (RowMaintenance) Proxy.newProxyInstance(
                LookedUpTableTest.class.getClassLoader(),
                new Class<?>[] {RowMaintenance.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("recomputeKeys")) {
                        ((Optional<?>) arguments[4]).ifPresent(found -> corrections.add((Correction) found));
                        assertThat(((RowMaintenance.Keys) arguments[3]).isEmpty())
                                .isTrue();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
