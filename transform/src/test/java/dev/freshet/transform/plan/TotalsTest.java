package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.plan.IncrementalMaintainer.Choice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a model's counts and sums are kept, and what happens where they can't be. */
class TotalsTest {

    @TempDir
    Path directory;

    private final List<String> done = new ArrayList<>();

    @Test
    void areKeptWhereAModelOnlyCountsAndSums() throws Exception {
        IncrementalMaintainer maintainer =
                run("select a.g, count(*) as n, sum(a.v) as v from %s as a group by a.g", Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason()).startsWith("counts and sums of each group are kept");
        assertThat(done).startsWith(ModelPlan.RECOMPUTE).endsWith(ModelPlan.DIFFERENTIATE, ModelPlan.DIFFERENTIATE);
    }

    /** Making them costs more than the model. It happens once, and does not speak for the time after. */
    @Test
    void areMadeOnceAndUsedFromThenOn() throws Exception {
        IncrementalMaintainer maintainer =
                run("select count(*) as n, sum(a.v) as v from %s as a", Choice.EVERYTHING_POSSIBLE);
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE);
        assertThat(maintainer.plans().get(0).affected()).isPresent();
    }

    /** The rows to group have no select list whose aliases a group could name. */
    @Test
    void giveWayToKeysWhereTheyCannotBePlanned() throws Exception {
        IncrementalMaintainer maintainer = run(
                "select a.g as k, k + 1 as next, count(*) as n from %s as a group by all", Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason()).startsWith("rows are found by the affected values of k");
        assertThat(done).endsWith(ModelPlan.DIFFERENTIATE, ModelPlan.DIFFERENTIATE);
    }

    /** Some batches, each retried once as the cycle does; after each the rows are those of the text. */
    @Test
    void areKeptOfPartsWhereRowsAreNotSimplyJoined() throws Exception {
        IncrementalMaintainer maintainer = run(
                "select n, count(*) as groups from (select a.g, count(*) as n from %s as a group by a.g) group by n",
                Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason())
                .isEqualTo("counts and sums of each group are kept,"
                        + " and what changes in them is found by the affected values of g");
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE);
    }

    /** Where the table is named, its name is a whole row, which a weight beside its columns would change. */
    @Test
    void areOfSimplyJoinedRowsWhereAColumnIsCalledAsATableElsewhere() throws Exception {
        String sql = "select a, count(*) as n, sum(v) as v from (select a.g as a, a.v from %s as a) as q group by a";
        IncrementalMaintainer maintainer = run(sql, Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason())
                .startsWith("counts and sums of each group are kept, and rows that come and go are added to them");
        IncrementalMaintainer whole =
                run("select a.g, count(a) as n from %s as a group by a.g", Choice.EVERYTHING_POSSIBLE);
        assertThat(whole.plans().get(0).plan().reason()).contains("found by the affected values of g");
    }

    /** A row of the first table tells which rows of the last one it meets only by one of the second. */
    @Test
    void areOfRowsThatMeetOneBehindAnother() throws Exception {
        run(
                "select c.g, count(*) as n, sum(a.v) as v from %3$s as a join %1$s as b on a.g = b.id"
                        + " join %2$s as c on b.g = c.id where c.v > a.v or c.b group by c.g",
                Choice.EVERYTHING_POSSIBLE, 20, rows -> true);
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE).hasSizeGreaterThan(10);
    }

    @Test
    void givesTheFirstOfAllGroupsWhereTheResultIsLimited() throws Exception {
        IncrementalMaintainer maintainer = run(
                "select a.g, count(*) as n from %s as a group by a.g order by n desc, a.g limit 3",
                Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason())
                .isEqualTo("counts and sums of all groups are kept, from which the first ones are taken,"
                        + " and rows that come and go are added to them");
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE);
    }

    /** What is made of all groups is computed of them; of what they group only the rows that change are read. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select a.g, sum(a.v) as v, rank() over (order by sum(a.v) desc, a.g) as place from %1$s as a group by a.g",
                "select a.g, sum(a.v) / sum(sum(a.v)) over () as share from %1$s as a group by a.g qualify share > 0.1",
                "select distinct count(*) as n from %1$s as a group by a.g",
                "select a.g, count(*) * 100 / (select count(*) from %1$s) as share from %1$s as a group by a.g",
                "select a.g, count(*) as n from %1$s as a group by 1 having count(*) > (select count(*) from %1$s) / 5",
                "with days as (select w::date as day, sum(v) as v from %1$s group by 1)"
                        + " select day, v, lag(v) over (order by day) as before from days",
                "with days as (select w::date as day, sum(v) as v from %1$s group by 1)"
                        + " select day, v, v - (select max(d.v) from days as d) as below from days",
                "select coalesce(x.g, y.g) as g, x.n, y.m from (select g, count(*) as n from %1$s group by 1) as x"
                        + " full join (select id %% 9 as g, sum(v) as m from %1$s group by 1) as y on x.g = y.g",
                "select 'g' as what, g as k, count(*) as n from %1$s group by g"
                        + " union all select 'id', id %% 3, count(*) from %1$s group by 2",
                "select s.k, q.* from range(12) as s(k) left join (select g, count(*) from %1$s group by g) as q on q.g = s.k",
                "select a.g, rank() over (order by count(*)) as place from %1$s as a"
                        + " where a.id in (select b.id from %1$s as b group by b.id having sum(b.g) > 0) group by a.g",
                "select * from (select g, count(*) as n from %1$s group by g order by n desc, g) limit 3",
                "select max(n) as most, avg(n) as average from (select g, count(*) as n from %1$s group by g)",
            })
    void areKeptOfGroupingsInside(String sql) throws Exception {
        IncrementalMaintainer maintainer = run(sql, Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason()).contains("counts and sums");
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE).hasSizeGreaterThan(3);
    }

    /** Their rows or results are of the place where they stand, or the table has to be read all the same. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select a.g, count(*) as n, (select count(*) from %1$s as b where b.g < a.g) as before from %1$s as a group by a.g",
                "select x.k, (select count(*) from %1$s as a where a.g < x.k) as n from range(5) as x(k)",
                "select x.k, y.n from range(5) as x(k), (select count(*) as n from %1$s as a where a.g < x.k) as y",
                "select v - (select avg(v) from %1$s) as deviation from %1$s",
                "select count(distinct v) as n, rank() over (order by g) as place from %1$s group by g",
                "select n, count(*) as times from (select g, count(*) as n from %1$s group by g limit 3) group by n"
            })
    void areNotKeptOfGroupingsThatNameMore(String sql) throws Exception {
        IncrementalMaintainer maintainer = run(sql, Choice.EVERYTHING_POSSIBLE, 6, rows -> !sql.contains("limit"));
        assertThat(maintainer.plans().get(0).plan().reason()).doesNotContain("counts and sums");
        assertThat(done).contains(ModelPlan.RECOMPUTE);
    }

    /** Their sums depend on the order of the rows: a part as it was would be another one than was counted. */
    @Test
    void areNotKeptOfPartsWithSumsOfFloatingPoint() throws Exception {
        IncrementalMaintainer maintainer = run(
                "select hash(s) %% 2 as odd, count(*) as n from"
                        + " (select a.g, sum(a.v::double / 3)::varchar as s from %s as a group by a.g) group by all",
                Choice.EVERYTHING_POSSIBLE, 100, rows -> rows < 2);
        assertThat(maintainer.plans().get(0).plan().reason()).doesNotContain("counts and sums");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum(a.v)",
                "sum(a.v * (1 - 0.05) + a.id)",
                "avg(coalesce(a.v, 0))",
                "sum(case when a.x > 1 then try_cast(a.x as decimal(10, 1)) else -1 end)",
                "sum(length(a.t)) over (partition by a.g)",
                "(select avg(b.v) from %1$s as b where b.g = a.g)"
            })
    void areKeptOfPartsWithExactSums(String sum) throws Exception {
        assertThat(reasonOfParts(sum))
                .startsWith("counts and sums of each group are kept, and what changes in them is");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sum(a.x)",
                "sum(a.v / 2)",
                "avg(a.v * 1e0)",
                "sum(a.v::double) over (partition by a.g)",
                "sum(coalesce(a.x, 0))",
                "(select sum(b.x) from %1$s as b where b.g = a.g)"
            })
    void areNotKeptOfPartsWithOtherSums(String sum) throws Exception {
        assertThat(reasonOfParts(sum)).doesNotContain("counts and sums");
    }

    private String reasonOfParts(String sum) throws Exception {
        String grouped = sum.contains("over") || sum.contains("select") ? "" : " group by a.g";
        return run(
                        "select s, count(*) as n from (select a.g, (" + sum + ")::varchar as s from %1$s as a" + grouped
                                + ") group by s",
                        Choice.EVERYTHING_POSSIBLE)
                .plans()
                .get(0)
                .plan()
                .reason();
    }

    /** Any rows would do for a LIMIT without an order, and others each time. */
    @Test
    void isNotTriedForALimitWithoutAnOrder() throws Exception {
        IncrementalMaintainer maintainer =
                run("select a.g, count(*) as n from %s as a group by a.g limit 100", Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().title()).isEqualTo(ModelPlan.RECOMPUTE);
    }

    /** An average is taken from the kept sum and count, so the engine has to divide in the same way, to the last bit. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "smallint",
                "integer",
                "bigint",
                "hugeint",
                "decimal(4, 2)",
                "decimal(9, 2)",
                "decimal(15, 2)",
                "decimal(18, 4)",
                "decimal(25, 3)",
                "decimal(38, 2)"
            })
    void averagesAreTheEnginesOwn(String type) throws Exception {
        String value = "((hash(a.id * 1000 + b.id) %% 18000)::integer / 100 - 90)::" + type;
        IncrementalMaintainer maintainer = run(
                "select a.g, b.id, avg(" + value + ") as x, avg(case when a.g > 3 then " + value + " end) as y, sum("
                        + value + ") as z from %1$s as a join %1$s as b on a.id <> b.id group by a.g, b.id",
                Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason()).startsWith("counts and sums of each group are kept");
        assertThat(done).containsOnlyOnce(ModelPlan.RECOMPUTE);
    }

    /** Quotients that differ by where they are rounded: DuckDB divides some types in the machine's widest precision and rounds the result once more. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "smallint | 22546 | 8396",
                "bigint | 22546 | 8396",
                "hugeint | 9067 | 9196",
                "decimal(4, 2) | 10.89 | 83",
                "decimal(15, 2) | 10.89 | 83",
                "decimal(25, 2) | 40.47 | 83"
            })
    void averagesAreRoundedAsTheEnginesOwn(String type, String sum, int count) throws Exception {
        IncrementalMaintainer maintainer = run(
                "select a.id, avg(cast(case when r.n = 0 then " + sum + " else 0 end as " + type
                        + ")) as x from %1$s as a cross join range(" + count + ") as r(n) group by a.id",
                Choice.EVERYTHING_POSSIBLE);
        assertThat(maintainer.plans().get(0).plan().reason()).startsWith("counts and sums of each group are kept");
    }

    private IncrementalMaintainer run(String sql, Choice choice) throws Exception {
        return run(sql, choice, 6, rows -> true);
    }

    private IncrementalMaintainer run(String sql, Choice choice, int batches, IntPredicate compared) throws Exception {
        return OneModel.run(directory, sql, choice, batches, compared, done);
    }
}
