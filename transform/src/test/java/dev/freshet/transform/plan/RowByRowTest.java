package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.plan.IncrementalMaintainer.Choice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a model's rows are computed of the changed rows alone. The tables are two with a key, and the third without one. */
class RowByRowTest {

    private static final String ALONE = "rows that come and go are computed of the changed rows alone";

    @TempDir
    Path directory;

    private final List<String> done = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select id, upper(t) as t, v * 2 as v, x / 3 as x from %1$s where g > 3 order by id",
                // Equal rows, counted.
                "select g, b from %3$s where v > 5",
                // No column of a result that could be a key.
                "select x * 2 as x, [g, id] as s, -v as v from %1$s where b or g is null",
                "with a as (select id + 1 as n, w from %1$s), b as (select n, w::date as d from a) select n, d from b",
                "select id, v from %1$s union all select g, null from %3$s union all (select -id, v::double from %2$s where b)",
                "select id, unnest([g, id, 7]) as u from %1$s",
                "select a.id, u.n from %1$s as a, unnest([a.g, a.id]) as u(n)",
                "select a.id, s.n from %1$s as a cross join lateral (select a.g + 1 as n) as s",
                "select a.id, s.n from %1$s as a join (values (1, 'one'), (2, 'two')) as s(k, n) on s.k = a.g",
                "select a::varchar as whole, a.id from %1$s as a",
                "select 'a' as k, 1 as n union all select t, g from %1$s where t <> 'a'",
            })
    void wholeModels(String sql) throws Exception {
        assertThat(reason(sql)).isEqualTo(ALONE);
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE).hasSizeGreaterThan(4);
    }

    /** As it is written it would fail on rows that a filter above takes away: the optimizer filters first, as it does when all rows are computed. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select id, n from (select id, g, (case when g > 5 then 'x' else g::varchar end)::int as n from %1$s) where g <= 5",
                "select sum(n) as n from (select g, (case when g > 5 then 'x' else g::varchar end)::int as n from %1$s) where g <= 5",
            })
    void textsThatCountOnTheOptimizer(String sql) throws Exception {
        assertThat(reason(sql)).doesNotContain("failed");
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE).hasSizeGreaterThan(4);
    }

    /** What changed rows of the first table find in the second is one row each. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select a.id, b.t from %1$s as a join %2$s as b on b.id = a.g",
                "select a.id, b.t from %1$s as a, %2$s as b where b.id = a.g and b.v > 3",
                "select a.id, b.t from %1$s as a left join (select id as k, t from %2$s where v > 3) as b on b.k = a.g",
                "select a.id, b.t from %2$s as b right join %1$s as a using (id)",
                "select a.id, a.v from %1$s as a semi join %2$s as b on b.g = a.g",
                "select a.id, a.v from %1$s as a anti join %2$s as b on b.g = a.g",
                "select a.id, a.v from %1$s as a semi join (select max(v) as most from %2$s group by g) as b on b.most > a.v",
            })
    void joinsByKeyOfWhichOneTableChanged(String sql) throws Exception {
        assertThat(reason(sql)).contains("; when only one of these changes, " + ALONE + ": s.p.t0");
    }

    /** What did not change decides over rows that did, a changed row may meet many, or it may meet another row each time. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select id, g, row_number() over (partition by g order by id) as n from %1$s",
                "select id, g from %1$s qualify count(*) over (partition by g) = 1",
                "select distinct g, t from %1$s",
                "select distinct on (g) g, id from %1$s order by g, id",
                "select id, g from %1$s union select id, g from %2$s",
                "select id, g from %1$s except all select id, g from %2$s",
                "select g, max(v) as v from %1$s group by g",
                "select a.id, b.id as before from %1$s as a asof join %2$s as b on a.w >= b.w and a.g = b.g",
                "select a.id, a.v from %1$s as a semi join (select g from %2$s limit 30) as b on b.g = a.g",
                "select a.id, a.v from %1$s as a anti join (select sum(x) as s from %2$s group by g) as b on b.s > a.x",
                "select a.id, b.id as other from %1$s as a join %1$s as b on b.id = a.g",
                "select a.id, b.id as other from %1$s as a join %2$s as b on b.g = a.g",
                "select a.id, b.v from %1$s as a join %3$s as b on b.id = a.g",
                "select a.id, b.v from %1$s as a join %2$s as b on b.id = b.g and a.g = b.g",
                "select a.id from %1$s as a full join %2$s as b on b.id = a.g and a.id = b.id",
                "select a.id, (select max(b.v) from %2$s as b where b.g = a.g) as v from %1$s as a",
                "select a.id from %1$s as a where a.g in (select b.g from %2$s as b)",
            })
    void othersAreFollowedOtherwise(String sql) throws Exception {
        assertThat(reason(sql)).doesNotContain("alone");
    }

    /** The one table's rows are joined with the other's, the third's are read by themselves. */
    @Test
    void severalChangesThatDoNotMeet() throws Exception {
        assertThat(reason(
                        "select a.id, b.t from %1$s as a join %2$s as b on b.id = a.g union all select g, t from %3$s"))
                .contains("rows are found by the affected values of id", ALONE + ": s.p.bag, s.p.t0");
    }

    private String reason(String sql) throws Exception {
        return OneModel.run(directory, sql, Choice.EVERYTHING_POSSIBLE, 8, rows -> true, done)
                .plans()
                .get(0)
                .plan()
                .reason();
    }
}
