package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.query.ColumnLineage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which columns of t0 and t1 (id, g, t, v, w, x, b) a query depends on. */
class ColumnLineageTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "select id, v from t0                                                              | id, v        |",
                "with a as (select * from t0), b as (select id, g + 1 as h, t from a) select id, h from b | g, id |",
                "select count(*) as n from t0                                                      |              |",
                "select g, sum(v) as s from t0 where b group by g                                  | b, g, v      |",
                "select upper(t) as t from t0                                                      | t            |",
                "select g as k, k + 1 as next from t0                                              | g            |",
                "select * exclude (x, w, b) from t0                                                | g, id, t, v  |",
                "select id from t0 order by w                                                      | id           |",
                "select id from t0 order by w limit 3                                              | id, w        |",
                "select id, row_number() over (partition by g order by w) as n from t0             | g, id, w     |",
                "select id from t0 qualify row_number() over (partition by g order by w) = 1       | g, id, w     |",
                "select a.id, b.t from t0 a join t1 b on a.g = b.id                                | g, id        | id, t",
                "select id, t0.t from t0 left join t1 using (id)                                   | id, t        | id",
                "select id from t0 where g in (select g from t1 where v > 1)                       | g, id        | g, v",
                "select id from t0 where exists (select 1 from t1 where t1.g = t0.g)               | g, id        | g",
                "select id, (select max(v) from t1 where t1.g = t0.g) as m from t0                 | g, id        | g, v",
                "select id, t from t0 union all select id, t from t1                               | id, t        | id, t",
                "select t from (select t, v from t0 union select t, v from t1)                     | t, v         | t, v",
                "select distinct g from t0                                                         | g            |",
                "select g from (select distinct g, v from t0)                                      | g, v         |",
                "select g, t, count(*) as n from t0 group by all                                   | g, t         |",
                "select g, count(*) as n from t0 group by 1 having max(w) > '2026-01-01'           | g, w         |",
                "select a.g from t0 a, (select 1 as n union all select 2) as one where a.g = one.n | g            |",
                "select a.id from t0 a semi join t1 b on a.g = b.g and b.x > 1                     | g, id        | g, x",
            })
    void isFollowedThroughQueries(String sql, String ofFirst, String ofSecond) throws Exception {
        Optional<ColumnLineage> lineage = of(sql);
        assertThat(lineage).isPresent();
        assertThat(String.join(", ", lineage.get().needed(table("t0")))).isEqualTo(ofFirst == null ? "" : ofFirst);
        assertThat(String.join(", ", lineage.get().needed(table("t1")))).isEqualTo(ofSecond == null ? "" : ofSecond);
    }

    @Test
    void tellsValuesFromWhatDecidesOverRows() throws Exception {
        ColumnLineage lineage = of("select a.g as country, sum(a.v * b.x) as total from t0 a join t1 b on a.id = b.id"
                        + " where a.b group by a.g")
                .orElseThrow();
        assertThat(lineage.columns().get("country")).hasToString("[s.p.t0.g]");
        assertThat(lineage.columns().get("total")).hasToString("[s.p.t0.v, s.p.t1.x]");
        assertThat(lineage.rows()).hasToString("[s.p.t0.b, s.p.t0.g, s.p.t0.id, s.p.t1.id]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select columns('i.*') from t0",
                "select rowid from t0",
                "select id from t0 natural join t1",
                "select list_transform([g], x -> x + v) as l from t0",
                "select id from t0 union all select id from t1 limit (select max(g) from t1)",
                "select random() as r, id from t0",
                "select id, age(w) as a from t0",
                "select id, current_localtimestamp() as at from t0",
            })
    void isUnknownInDoubt(String sql) throws Exception {
        assertThat(of(sql)).isEmpty();
    }

    private Optional<ColumnLineage> of(String sql) throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(7));
                DuckDbStateStore store = TestStore.open(directory, 1);
                StateTransaction transaction = store.begin()) {
            transaction.reconcile(source.change(3));
            transaction.commit(Map.of(), Instant.EPOCH);
            try (StateTransaction reading = store.begin()) {
                RowMaintenance state = reading.rowMaintenance().orElseThrow();
                Map<TableId, TableSchema> tables = new TreeMap<>();
                source.tables.forEach(simulated -> tables.put(simulated.id(), simulated.schema()));
                return ColumnLineage.of(
                        state, state.functions(), sql.replaceAll("\\b(t[01])\\b(?!\\.)", "\"s.p\".$1"), tables);
            }
        }
    }

    private static TableId table(String name) {
        return new TableId("s", "p", name);
    }
}
