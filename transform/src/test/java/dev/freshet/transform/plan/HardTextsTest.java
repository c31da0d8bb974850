package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that are easily misread, over t0, t1 (keyed) and bag (keyless). Each went wrong once. */
class HardTextsTest {

    private static final int BATCHES = 60;

    @TempDir
    Path directory;

    /** Stars, column aliases and whole rows depend on the order in which a table's columns are read. */
    @Test
    void columnsAreReadInTheirOrder() throws Exception {
        follow(
                "select g, max(id) as m from (select * from t0 union all select * from bag) as q group by g",
                "select k, max(i) as m from bag as a(i, k) group by k",
                "select a.t, a::varchar as r from t0 as a");
    }

    /** The weight that stands beside a table's columns is none of them. */
    @Test
    void wholeRowsHaveTheTablesColumnsOnly() throws Exception {
        follow(
                "select a::varchar as r from t0 as a",
                "select upper(a::varchar) as r, count(*) as n from t0 as a group by 1",
                "select q.g, sum((hash(q) % 1000)::bigint) as h from (select * from t0) as q group by q.g",
                "select g, sum((hash(*columns(a.*)) % 1000)::bigint) as h from t0 as a group by g");
    }

    /** A subquery in FROM may name what stands to its left, and that comes before what is around both. */
    @Test
    void subqueriesSeeWhatStandsToTheirLeft() throws Exception {
        follow(
                "select a.id, x.n from t0 as a, (select max(b.id) as n from t1 as b where b.id <= a.g * 7) as x",
                "select a.id, (select max(x.n) from t1 as a, (select count(*) as n from bag as b where b.id = a.g) as x) as m"
                        + " from t0 as a");
    }

    /** A WITH query that names what is around it means that, wherever it is read. */
    @Test
    void namesInWithQueriesAreThoseOfTheirPlace() throws Exception {
        follow("select a.id, a.g from t0 as a where exists (with c as (select b.id from t1 as b where b.g = a.g)"
                + " select 1 from t1 as a where exists (select 1 from c where c.id = a.id))");
    }

    /** The parser calls the second column v_1, which is then not the column outside. */
    @Test
    void namesThatTheParserMakesUpAreNotTakenFromOutside() throws Exception {
        follow("select a.v_1, a.i from (select id as v_1, g as i from t0) as a"
                + " where exists (select 1 from (select b.v, b.g as v, b.id as h from t1 as b) as q where v_1 = h)");
    }

    /** Equal texts that are not the same are grouped in one place and not in the other. */
    @Test
    void collatedTextsAreNotGroupedInTotals() throws Exception {
        follow("select (case when b then upper(t) else t end) collate nocase as k, count(*) as n from t0 group by all");
    }

    /** The column before the point looks like a schema. */
    @Test
    void methodsAreCalledOnColumns() throws Exception {
        follow(
                "select id, t.upper() as u from t0",
                "select a.id, a.t.upper() as u, a.g from t0 as a where a.t.length() < 3",
                "select t.upper() as u, count(*) as n from t0 group by t.upper()");
    }

    /** How long a list is decides how many rows there are, also for who does not look at its elements. */
    @Test
    void listsBecomeRows() throws Exception {
        follow(
                "select id, unnest(range(coalesce(g, 0))) as n from t0",
                "select q.id from (select id, unnest(range(coalesce(g, 0))) as n from t0) as q",
                "select a.id, u.n from t0 as a, unnest(range(coalesce(a.g, 0))) as u(n)",
                "select a.id from t0 as a, unnest(range(coalesce(a.g, 0))) as u(n) where u.n > 1",
                "select a.id, u.n, b.t from t0 as a left join range(3) as u(n) on u.n = a.g left join t1 as b on b.id = a.g",
                "select q.n, count(*) as c from (select id, unnest(range(coalesce(g, 0))) as n from t0) as q group by q.n",
                "select q.n, sum(b.v) as s from (select id, unnest(range(coalesce(g, 0))) as n from t0) as q join t1 as b on b.id = q.id"
                        + " group by q.n");
    }

    /** Two fields: what is called b is the second of them, and not the column after it. */
    @Test
    void structuresBecomeColumns() throws Exception {
        follow(
                "select q.a, q.b from (select unnest({'p': g, 'q': g + 1}), id, v from t0) as q(a, b)",
                "select q.b, max(q.v) as m from (select unnest({'p': g, 'q': g + 1}), id, v from t0) as q(a, b) group by q.b",
                "select id, unnest({'p': g, 'q': v}) from t0");
    }

    /** A row that comes may take the place of the one that was met, and what is joined to that one is gone with it. */
    @Test
    void nearestRowsAreMet() throws Exception {
        follow(
                "select a.id, b.id as i, b.v from t0 as a asof join t1 as b on a.g = b.g and a.id >= b.id",
                "select a.id, b.id as i from t0 as a asof left join t1 as b on a.g = b.g and a.id < b.id where b.id is null or b.v > 5",
                "select a.id, b.id as i, c.t from t0 as a asof join t1 as b on a.g = b.g and a.id >= b.id join bag as c on c.id = b.id",
                "select a.id, a.g, b.t, c.v from t0 as a asof left join t1 as b on a.g = b.g and a.id >= b.id left join bag as c on c.t = b.t",
                "select b.t, count(*) as n, sum(a.v) as s from t0 as a asof join t1 as b on a.g = b.g and a.id >= b.id group by b.t",
                "select a.g, max(b.v) as m from t0 as a asof left join t1 as b on a.g = b.g and a.id >= b.id group by a.g",
                "select a.id, b.id as i from t0 as a asof join (select p.id, p.g from t1 as p join bag as q on q.id = p.id) as b on a.g = b.g and a.id >= b.id",
                "select a.id, x.i from t0 as a join (select c.id as k, b.id as i from bag as c asof join t1 as b on c.g = b.g and c.id >= b.id) as x"
                        + " on x.k = a.id");
    }

    /** USING makes one column of two, and a star has it once. */
    @Test
    void starsAreWrittenOut() throws Exception {
        follow(
                "select * from (select id, g from t0) join (select g, id as i, t from t1) using (g)",
                "select z.c, z.a from (select * from (select id, g from t0) left join (select t, g, v from t1) using (g)) as z(a, b, c)",
                "select z.c, z.d from (select * from (select g, id from t0) join (select g, id as i from t1) using (g)"
                        + " join (select g, t from bag) using (g)) as z(a, b, c, d)",
                "select r.* from (select id, g from t0) as l join (select v, g from t1) as r using (g)",
                "select * replace (upper(t) as t, v + 1 as v) rename (g as h) from t0",
                "select h, max(v) as m from (select * rename (g as h) from t0) group by h",
                "select * exclude (x) rename (id as k, k as l) from (select *, g + 1 as k from t0)",
                "select * exclude (x) rename (id as k) from t0 where g in (select g from t1)",
                "select t, count(*) as n from (select * replace (g as t) from t0) group by t",
                "select k, n from (select * replace (v * 2 as v) rename (id as k), row_number() over (partition by g order by id) as n from t0)");
    }

    @Test
    void valuesAreJoined() throws Exception {
        follow(
                "select v.n, a.id from (values (1, 'x'), (2, 'y')) as v(n, s) left join t0 as a on a.g = v.n",
                "select v.s, count(a.id) as n from (values (1, 'x'), (2, 'y'), (3, 'y')) as v(n, s) left join t0 as a on a.g = v.n group by v.s",
                "with v(g, s) as (values (1, 'x'), (2, 'y')) select a.id, s from t0 as a join v using (g)",
                "select * from t0 as a join (values (1, 'x'), (2, 'y')) as v(n, s) on v.n = a.g");
    }

    /** Each WITH query reads the one before twice, and none a table: written out it would be longer than any memory. */
    @Test
    void textsThatGrowWhenTheyAreWrittenOutAreComputedInFull() throws Exception {
        String doubled = IntStream.range(1, 25)
                .mapToObj(i -> ", c%d as (select a.x from c%d as a, c%d as b)".formatted(i, i - 1, i - 1))
                .collect(Collectors.joining());
        follow("with c0 as (select 1 as x)" + doubled + " select id, g from t0 semi join c24 on g = c24.x");
    }

    /** Where rows tie, any of them will do, and another one each time: what was added once could not be taken away again. */
    @Test
    void totalsOfRowsThatCouldBeOthersAreNotKept() throws Exception {
        String first = "(select t, id, rank() over (partition by t order by b) as n from t0) where n = 1";
        // A bit for each row that was taken: one of those that may be first, of each t.
        String taken = "(select coalesce(s, 0)::bigint as s from \"dw.out\".m0)";
        String right = "select (select s from " + taken + ") & ~coalesce(bit_or(1::bigint << id), 0) = 0"
                + " and bit_count((select s from " + taken + ")) = count(distinct coalesce(t, 'none')) from "
                + first;
        follow(
                (store, project, batch) -> {
                    try (StateSnapshot snapshot = store.read();
                            RowCursor rows = snapshot.query(named(right))) {
                        rows.next();
                        assertThat(rows.value(0)).as("batch %d", batch).isEqualTo(true);
                    }
                },
                "select sum(1::bigint << id) as s"
                        + " from (select t, id, row_number() over (partition by t order by b) as n from t0) where n = 1");
    }

    /** DuckDB finds a month and 30 days equal: a row may not go for the other one. */
    @Test
    void intervalsOfPartsAreToldApart() throws Exception {
        follow(
                "select g, case when id % 2 = 0 then interval 1 month else interval 30 day end as i,"
                        + " [case when id % 3 = 0 then interval 1 month else interval 30 day end] as l from bag",
                "select s, count(*) as n from (select g, i::varchar as s, count(*) as c from \"dw.out\".\"m0\""
                        + " group by g, i::varchar) group by s",
                "select s, count(*) as n from (select g, l::varchar as s, count(*) as c from \"dw.out\".\"m0\""
                        + " group by g, l::varchar) group by s");
    }

    /** Asks after each batch. */
    private interface Check {
        void of(DuckDbStateStore store, Project project, int batch);
    }

    private void follow(String... texts) throws Exception {
        follow(HardTextsTest::assertRowsAreThoseOfTheTexts, texts);
    }

    private void follow(Check check, String... texts) throws Exception {
        for (long seed = 1; seed <= 2; seed++) {
            follow(Files.createDirectory(directory.resolve("seed" + seed)), seed, check, List.of(texts));
        }
    }

    private static void follow(Path directory, long seed, Check check, List<String> texts) throws Exception {
        try (SimulatedSource source = new SimulatedSource(directory, new Random(seed));
                DuckDbStateStore store = TestStore.open(directory, 1)) {
            Project project = project(source, texts);
            IncrementalMaintainer maintainer = new IncrementalMaintainer(
                    project, IncrementalMaintainer.Choice.EVERYTHING_POSSIBLE, (model, how, delta, nanos) -> {});
            for (int batch = 0; batch < BATCHES; batch++) {
                StagedBatch staged = batch % 2 == 0 ? source.change(3) : source.changeOneValue();
                while (!cycle(store, maintainer, staged)) {
                    // A plan that failed is not tried again.
                }
                check.of(store, project, batch);
            }
        }
    }

    private static boolean cycle(DuckDbStateStore store, IncrementalMaintainer maintainer, StagedBatch staged) {
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> changed = transaction.reconcile(staged);
            maintainer.maintain(transaction, changed, Map.of());
            transaction.commit(Map.of(SimulatedSource.NAME, staged.end()), Instant.EPOCH);
            return true;
        } catch (FreshetException e) {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(ErrorKind.RETRYABLE);
            return false;
        }
    }

    private static void assertRowsAreThoseOfTheTexts(DuckDbStateStore store, Project project, int batch) {
        try (StateTransaction transaction = store.begin()) {
            for (Model model : project.models()) {
                assertThat(transaction
                                .recompute(model.relation(), model.sql(), List.of())
                                .rows())
                        .as("batch %d: rows that differ from their text: %s", batch, model.sql())
                        .isZero();
            }
        }
    }

    private static String named(String text) {
        return text.replaceAll("\\b(t0|t1|bag)\\b", "\"" + SimulatedSource.NAME + ".p\".\"$1\"");
    }

    private static Project project(SimulatedSource source, List<String> texts) {
        List<SourceTable> sources = new ArrayList<>();
        for (SimulatedSource.Simulated table : source.tables) {
            sources.add(new SourceTable("source.p." + table.id().name(), table.id(), Map.of(), "models/s.yml", 1));
        }
        List<Model> models = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String sql = named(texts.get(i));
            Stream<String> tables = source.tables.stream()
                    .filter(table -> sql.contains(StateNames.relation(table.id())))
                    .map(table -> "source.p." + table.id().name());
            Stream<String> above = models.stream()
                    .filter(model -> sql.contains(StateNames.relation(model.relation())))
                    .map(Model::uniqueId);
            List<String> reads = Stream.concat(tables, above).toList();
            models.add(new Model(
                    "model.p.m" + i,
                    "m" + i,
                    new TableId("dw", "out", "m" + i),
                    Model.Materialization.TABLE,
                    Model.Route.MAINTAINED,
                    reads,
                    sql,
                    List.of(),
                    List.of(),
                    List.of("p", "m" + i),
                    "models/m" + i + ".sql"));
        }
        return new Project(Path.of("p"), Path.of("p/target"), "p", Map.of(), "dw", sources, models, List.of());
    }
}
