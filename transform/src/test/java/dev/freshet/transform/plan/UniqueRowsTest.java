package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.UniqueRows;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a text is known to give no two rows with the same values in its columns of upper-case names. The tables are two with the key id, and the third without one. */
class UniqueRowsTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select id as ID, g, v * 2 as v from %1$s where v > 2 order by g limit 5",
                "select * exclude id, id as ID from %1$s",
                "with a as (select id as n, t from %1$s), b as (select n as m, t from a) select m as M, t from b",
                "select id as ID, row_number() over (partition by g order by id) as n from %1$s qualify n <= 3",
                // Grouped.
                "select g as G, sum(v) as v from %3$s group by g having count(*) > 1",
                "select g as G, b as B, max(v) as v from %3$s group by all",
                "select lower(t) as T, count(*) as n from %3$s group by 1",
                "select lower(t) as LOWERED, count(*) as n from %3$s group by lowered",
                "select max(v) as V from %3$s",
                "select distinct g as G, t as T from %3$s",
                "select g as G, t as T from %3$s union select g, t from %1$s",
                "select g as G, t as T from %3$s except select g, t from %1$s",
                "select id as ID, g from %1$s intersect all select id, g from %2$s",
                "select a.id as ID, a.t, upper(b.t) as u, count(*) as n from %1$s as a join %2$s as b on b.id = a.g group by a.id, a.t, upper(b.t)",
                "select a.id as ID, a.v, sum(c.x) as x from %1$s as a left join %3$s as c on c.g = a.id group by a.id, a.v, a.w",
                "select id::varchar as ID, g from %1$s",
                "select cast(id as bigint) as ID, g from (select id::varchar as s, id, g from %1$s)",
                "select 'one' as KIND, id::varchar as ID, v from %1$s union all select 'two', id::varchar, v from %2$s where v > 3",
                "(select 'one' as KIND, id as ID from %1$s union all select 'two', id from %1$s) union all select 'three', g from (select distinct g from %3$s)",
                // One of each.
                "select distinct on (g) g as G, t from %3$s order by g, v",
                "select g as G, t from %3$s qualify row_number() over (partition by g order by v) = 1",
                "select g as G, t, row_number() over (partition by g order by v) as n from %3$s qualify n = 1",
                "select g as G, t from (select *, row_number() over (partition by g order by v) as n from %3$s) where n = 1",
                "with r as (select g, t, row_number() over (partition by g, t order by v desc) as n from %3$s) select g as G, t as T from r where n <= 1",
                // Joined.
                "select a.id as ID, b.t from %1$s as a join %2$s as b on b.id = a.g",
                "select a.id as ID, b.t from %2$s as b join %1$s as a on b.id = a.g",
                "select a.id as ID, b.t from %1$s as a, %2$s as b where b.id = a.g",
                "select b.id as ID, a.t from %1$s as a join %2$s as b on b.id = a.id",
                "select a.id as ID, b.t from %1$s as a left join %2$s as b on b.id = a.g and b.v > 3",
                "select a.id as ID, b.t from %2$s as b right join %1$s as a on b.id = a.g",
                "select id as ID, a.t from %1$s as a join %2$s as b using (id)",
                "select a.id as ID, s.n from %1$s as a left join (select g, count(*) as n from %3$s group by g) as s on s.g = a.g",
                "select a.id as ID, s.t from %1$s as a left join (select distinct on (g) g, t from %3$s) as s on s.g = a.id",
                "select a.id as ID, b.id as other from %1$s as a asof join %2$s as b on a.w >= b.w",
                "select a.id as ID, b.id as OTHER from %1$s as a cross join %2$s as b",
                "select a.id as ID from %1$s as a semi join %3$s as b on b.g = a.g",
                "select a.id as ID, c.t from %1$s as a join %2$s as b on b.id = a.g join %1$s as c on c.id = b.g",
                "select a.id as ID, c.t from %1$s as a left join (%2$s as b join %1$s as c on c.id = b.g) on b.id = a.g",
                "select a.id as ID, (select max(b.v) from %3$s as b where b.g = a.g) as v from %1$s as a",
            })
    void unique(String sql) throws Exception {
        assertThat(isUnique(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select g as G, id from %1$s",
                "select id + 1 as ID from %1$s",
                "select g as G, t as T, v as V from %3$s",
                "select id as ID, unnest([1, 1]) as u from %1$s",
                "select distinct g as G, t from %3$s",
                "select g, t as T, count(*) as n from %3$s group by g, t",
                "select try_cast(id as smallint) as ID, g from %1$s",
                "select id::double as ID, g from %1$s",
                "select w::date as W, g from (select w, max(g) as g from %3$s group by w)",
                "select a.id as ID, c.g, sum(c.x) as x from %1$s as a left join %3$s as c on c.g = a.id group by a.id, c.g, c.t",
                "select b.id as ID, a.v, count(*) as n from %1$s as a left join %2$s as b on b.id = a.g group by b.id, a.v",
                "select 'one' as KIND, id as ID from %1$s union all select 'one', id from %2$s",
                "select 'one' as KIND, id as ID from %1$s union all select t, id from %2$s",
                "select 'one' as KIND, g as ID from %1$s union all select 'two', id from %2$s",
                "select 'one' as KIND, id as ID, v from %1$s union all select 'two', x, v from (select distinct x, v from %3$s)",
                "select upper(g::varchar) as G, count(*) as n from %3$s group by g",
                "select t as G, count(*) as n from (select t, g from %3$s) group by t, g",
                "select id as ID from %1$s union all select id from %2$s",
                "select g as G, t from %3$s union select g, t from %1$s",
                "select g as G from %3$s except all select g from %2$s",
                "select g as G, t from %3$s qualify row_number() over (partition by g order by v) <= 2",
                "select g as G, t from %3$s qualify rank() over (partition by g order by v) = 1",
                "select g as G, t from %3$s qualify row_number() over (partition by g, t order by v) = 1",
                "select g as G, t from (select *, row_number() over (partition by g order by v) as n from %3$s) where n = 1 or v > 3",
                "select distinct on (g, upper(t)) g as G, t from %3$s",
                "select a.id as ID, b.t from %1$s as a join %2$s as b on b.g = a.g",
                "select a.id as ID, b.t from %1$s as a join %3$s as b on b.g = a.id",
                "select a.id as ID, b.t from %1$s as a join %2$s as b on b.id > a.g",
                "select b.id as ID, a.t from %1$s as a left join %2$s as b on b.id = a.id",
                "select b.id as ID, a.t from %1$s as a full join %2$s as b on b.id = a.id",
                "select a.id as ID, b.id as other from %1$s as a cross join %2$s as b",
                // Numbers that are the same as floating points or texts need not be the same.
                "select b.x as X, a.t from %1$s as a join (select distinct x from %3$s) as b on b.x = a.id",
                "select b.v as V, a.t from (select distinct v from %3$s) as b join %1$s as a on b.v = a.id",
                "select x as X, n from (select t::double as x, count(*) as n from %3$s where t = '1' group by t)",
                // What stands in a subquery depends on the row beside it.
                "select s.n as N from %1$s as a, lateral (select a.g as n) as s",
                "select a.t, s.n as N from %1$s as a join lateral (select a.id %% 3 as n) as s on s.n = a.id",
                "select a.t, s.g as G from %1$s as a, lateral (select distinct b.g from %3$s as b where b.v > a.v) as s",
            })
    void notKnownToBe(String sql) throws Exception {
        assertThat(isUnique(sql)).isFalse();
    }

    /** What is not known is looked for: a join meets two rows of a key once the source has them. */
    @Test
    void aKeyThatIsNotKnownToHoldIsHeldToStill() throws Exception {
        List<String> done = new ArrayList<>();
        assertThatThrownBy(() -> OneModel.run(
                        directory,
                        "select a.id, b.v from %1$s as a join %3$s as b on b.g = a.g and b.t = a.t",
                        List.of("id"),
                        IncrementalMaintainer.Choice.EVERYTHING_POSSIBLE,
                        400,
                        rows -> true,
                        done))
                .isInstanceOf(ModelFailedException.class)
                .hasMessageContaining("unique_key (id) does not identify a row");
        assertThat(done).contains(ModelPlan.DIFFERENTIATE);
    }

    private boolean isUnique(String format) throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(7));
                DuckDbStateStore store = TestStore.open(directory, 1);
                StateTransaction transaction = store.begin()) {
            transaction.reconcile(source.change(20));
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            Map<TableId, TableSchema> tables = new HashMap<>();
            source.tables.forEach(table -> tables.put(table.id(), table.schema()));
            String sql = format.formatted(source.tables.stream()
                    .map(SimulatedSource.Simulated::id)
                    .map(StateNames::relation)
                    .toArray());
            List<String> key = Arrays.stream(sql.split("\\W+"))
                    .filter(word -> word.matches("[A-Z]+"))
                    .distinct()
                    .toList();
            transaction.recompute(OneModel.MODEL, sql, List.of());
            boolean unique = UniqueRows.by(ParsedQuery.of(state, state.functions(), sql, tables), key);
            transaction.commit(Map.of(SimulatedSource.NAME, source.change(1).start()), Instant.EPOCH);
            if (unique) {
                try (StateTransaction after = store.begin()) {
                    assertThat(KeyClaims.broken(after, OneModel.MODEL, List.of(key)))
                            .isEmpty();
                }
            }
            return unique;
        }
    }
}
