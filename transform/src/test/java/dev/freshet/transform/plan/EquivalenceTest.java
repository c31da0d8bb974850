package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.FreshetException;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Incremental equals full refresh: after every batch each model's stored rows are those of its own text over the tables. */
class EquivalenceTest {

    private static final int MODELS = 9;
    private static final int BATCHES = 21;
    /** Batches of one changed value, which models that do not need its column are left alone by. */
    private static final int SINGLE_CHANGES = 3;

    /** What the worlds have more of. */
    private static final RandomModels.Focus FOCUS =
            RandomModels.Focus.valueOf(System.getProperty("freshet.equivalence.focus", "NOTHING"));

    /** Worlds that failed once. */
    private static final long[] FOUND = {
        100_033, 200_023, 500_212, 60_478_863_261_683L, 68_100_729_162_777L, 76_899_116_681_789L
    };

    @TempDir
    Path directory;

    private final Map<String, Integer> changedByOperator = new TreeMap<>();
    private int modelBatches;
    private int differentiated;
    private int recomputed;
    private long untouched;
    /** What the models of a world are known to be unique by. */
    private final Map<TableId, List<List<String>>> keys = new HashMap<>();

    private int claims;

    @Test
    void storedRowsAreThoseOfTheText() throws Exception {
        int worlds = Integer.getInteger("freshet.equivalence.worlds", 12);
        for (int i = 0; i < worlds; i++) {
            world(i % 2 == 0 ? 4711 + i : System.nanoTime(), i, Sabotage.NONE);
        }
        for (int i = 0; i < FOUND.length; i++) {
            world(FOUND[i], worlds + i, Sabotage.NONE);
        }
        System.out.printf(
                "%d model-batches, %d differentiated, %d recomputed, %d left alone, %d keys; non-empty by operator: %s%n",
                modelBatches, differentiated, recomputed, untouched, claims, changedByOperator);
        assertThat(modelBatches).isGreaterThanOrEqualTo((worlds + FOUND.length) * MODELS * BATCHES);
        assertThat(differentiated).isGreaterThan(modelBatches / 10);
        assertThat(claims).as("columns that no two rows share, as is known").isGreaterThan(modelBatches / 10);
        assertThat(untouched)
                .as("models of which only columns changed that they do not need")
                .isGreaterThan(modelBatches / 200);
    }

    /** Each rule of following changes to keys is needed: without it, or with it turned around, some model goes wrong soon. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void everyRuleCounts(Sabotage sabotage) {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 20; i++) {
                        world(1000 + i, i, sabotage);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("differ from its text");
    }

    private void world(long seed, int number, Sabotage sabotage) throws Exception {
        keys.clear();
        Random random = new Random(seed);
        Path home = Files.createDirectory(directory.resolve("world" + number));
        try (SimulatedSource source = new SimulatedSource(home, random);
                DuckDbStateStore store = TestStore.open(home, 1)) {
            Map<String, RandomModels.Generated> generated = new TreeMap<>();
            Project project = project(random, source, generated, sabotage == Sabotage.NONE ? FOCUS : sabotage.focus());
            Map<TableId, String> how = new TreeMap<>();
            IncrementalMaintainer maintainer = new IncrementalMaintainer(
                    project, IncrementalMaintainer.Choice.EVERYTHING_POSSIBLE, (model, done, delta, nanos) -> {
                        how.put(model.relation(), done);
                        count(generated.get(model.name()), done, delta);
                    });
            int single = sabotage == Sabotage.NONE ? SINGLE_CHANGES : 0;
            for (int batch = 0; batch < BATCHES + single; batch++) {
                how.clear();
                StagedBatch staged = batch < BATCHES ? source.change(batch % 4 == 3 ? 20 : 3) : source.changeOneValue();
                String what = "seed " + seed + ", batch " + batch;
                try {
                    cycle(store, maintainer, staged, project, what, how, sabotage);
                } catch (FreshetException e) {
                    throw new AssertionError(what + " failed: " + messages(e), e);
                }
            }
        }
    }

    private static String messages(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .map(Throwable::getMessage)
                .collect(Collectors.joining("\ncaused by: "));
    }

    private void count(RandomModels.Generated model, String done, TableDelta delta) {
        if (done.equals(ModelPlan.RECOMPUTE)) {
            recomputed++;
        } else {
            differentiated++;
            if (!delta.isEmpty()) {
                model.operators().forEach(operator -> changedByOperator.merge(operator, 1, Integer::sum));
            }
        }
    }

    private void countUntouched(Project project, Stream<TableDelta> deltas, Set<TableId> computed) {
        Set<TableId> changed =
                deltas.filter(delta -> !delta.isEmpty()).map(TableDelta::table).collect(Collectors.toSet());
        ModelInputs inputs = new ModelInputs(project);
        untouched += project.models().stream()
                .filter(model -> !computed.contains(model.relation()))
                .filter(model -> inputs.of(model).stream().anyMatch(changed::contains))
                .count();
    }

    private void cycle(
            DuckDbStateStore store,
            IncrementalMaintainer maintainer,
            StagedBatch staged,
            Project project,
            String what,
            Map<TableId, String> how,
            Sabotage sabotage) {
        try (StateTransaction transaction = store.begin()) {
            List<TableDelta> changed = transaction.reconcile(staged);
            List<TableDelta> deltas = maintainer.maintain(sabotage.of(transaction), changed, Map.of());
            countUntouched(project, Stream.concat(changed.stream(), deltas.stream()), how.keySet());
            transaction.commit(Map.of(SimulatedSource.NAME, staged.end()), Instant.EPOCH);
        }
        try (StateTransaction transaction = store.begin()) {
            ModelInputs inputs = new ModelInputs(project);
            for (Model model : project.models()) {
                modelBatches++;
                TableDelta difference = transaction.recompute(model.relation(), model.sql(), model.uniqueKey());
                assertThat(difference.rows())
                        .as(
                                "%s: rows of %s that differ from its text, computed by '%s':%n%s",
                                what, model.name(), how.get(model.relation()), model.sql())
                        .isZero();
                List<List<String>> claimed = keys.computeIfAbsent(
                        model.relation(), relation -> KeyClaims.of(transaction, model, inputs.of(model)));
                claims += claimed.size();
                assertThat(KeyClaims.broken(transaction, model.relation(), claimed))
                        .as("%s: columns by which rows of %s should be unique:%n%s", what, model.name(), model.sql())
                        .isEmpty();
            }
        }
    }

    private static Project project(
            Random random,
            SimulatedSource source,
            Map<String, RandomModels.Generated> generated,
            RandomModels.Focus focus) {
        List<RandomModels.Readable> readable = new ArrayList<>();
        List<SourceTable> sources = new ArrayList<>();
        Map<TableId, String> ids = new TreeMap<>();
        for (SimulatedSource.Simulated table : source.tables) {
            String id = "source.p." + table.id().name();
            readable.add(new RandomModels.Readable(table.id(), RandomModels.SOURCE_COLUMNS));
            sources.add(new SourceTable(id, table.id(), Map.of(), "models/s.yml", 1));
            ids.put(table.id(), id);
        }
        List<Model> models = new ArrayList<>();
        for (int i = 0; i < MODELS; i++) {
            RandomModels.Generated query =
                    switch (focus == RandomModels.Focus.SUBQUERIES && i == 0 ? 0 : MODELS - i) {
                        case 0 -> correlated(source);
                        case 1 -> chain(source);
                        case 2 -> sharedNames(source);
                        default -> new RandomModels("n" + i + "c", random, List.copyOf(readable)).next(focus);
                    };
            String name = "m" + i;
            TableId relation = new TableId("dw", "out", name);
            generated.put(name, query);
            models.add(new Model(
                    "model.p." + name,
                    name,
                    relation,
                    Model.Materialization.TABLE,
                    Model.Route.MAINTAINED,
                    query.reads().stream().map(ids::get).toList(),
                    query.sql(),
                    query.key(),
                    List.of(),
                    List.of("p", name),
                    "models/" + name + ".sql"));
            if (i < 3) {
                readable.add(new RandomModels.Readable(relation, query.columns()));
                ids.put(relation, "model.p." + name);
            }
        }
        return new Project(Path.of("p"), Path.of("p/target"), "p", Map.of(), "dw", sources, models, List.of());
    }

    /** Its key comes from the first table; the others reach it through joins only, one of them through the other. */
    private static RandomModels.Generated chain(SimulatedSource source) {
        List<TableId> tables =
                source.tables.stream().map(SimulatedSource.Simulated::id).toList();
        return new RandomModels.Generated(
                "select a.id, b.b, c.b as c from %s as a join %s as b on a.g = b.g join %s as c on b.id = c.id"
                        .formatted(tables.stream().map(StateNames::relation).toArray()),
                List.of(),
                Set.of("chain of joins"),
                Set.copyOf(tables),
                List.of());
    }

    /** Its key has no part in what the subquery asks for; no other way is open to it, with a column of doubles. */
    private static RandomModels.Generated correlated(SimulatedSource source) {
        List<TableId> tables = source.tables.subList(0, 2).stream()
                .map(SimulatedSource.Simulated::id)
                .toList();
        return new RandomModels.Generated(
                "select a.id, a.x from %s as a where exists (select * from %s as r where r.g = a.g and r.v > 5)"
                        .formatted(tables.stream().map(StateNames::relation).toArray()),
                List.of(new RandomModels.Col("id", RandomModels.Kind.INT)),
                Set.of("exists"),
                Set.copyOf(tables),
                List.of());
    }

    /** The parser calls the second column n_1: no other column may be taken for it. */
    private static RandomModels.Generated sharedNames(SimulatedSource source) {
        TableId table = source.tables.get(0).id();
        return new RandomModels.Generated(
                "select * from (select a.id + 1 as n, a.g as n, a.v as n_1, a.w from %s as a)"
                        .formatted(StateNames.relation(table)),
                List.of(),
                Set.of("columns that share a name"),
                Set.of(table),
                List.of());
    }

    @Test
    void namesAreQuoted() {
        assertThat(StateNames.delta(new TableId("a", "b", "c\"")))
                .isEqualTo("temp.\"delta of \"\"a.b\"\".\"\"c\"\"\"\"\"\"\"");
    }
}
