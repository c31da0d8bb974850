package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.transform.plan.query.ParsedQuery;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
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
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Model queries as people write them, over one small shop: each is taken apart and put together again, and kept as a model while rows come, change and
 * go. What is found is compared with {@code corpus/plans.txt} and with the guide, so that no query is kept in another way unnoticed.
 */
class CorpusTest {

    private static final long SEED = Long.getLong("freshet.corpus.seed", 20_261_121);

    @TempDir
    Path directory;

    private final List<String> wrong = new ArrayList<>();
    private final Map<TableId, List<List<String>>> keys = new HashMap<>();
    private int modelBatches;
    private int followed;
    private int claims;

    @Test
    void everyQueryIsKeptRight() throws Exception {
        CorpusPlans plans = keep(Corpus.read(), Sabotage.NONE);
        System.out.printf(
                "seed %d: %s%n%d model-batches, %d by what changed; %d times columns known to be unique%n",
                SEED, plans.counts(), modelBatches, followed, claims);
        plans.write(Path.of("target"));
        assertThat(wrong).as("seed %d: wrong results", SEED).isEmpty();
        assertThat(claims).as("columns that are known to be unique").isGreaterThan(2_000);
        assertThat(plans.failed()).as("plans that failed").isEmpty();
        assertThat(plans.lines())
                .as("how each query is kept; if it may be so, copy target/corpus-plans.txt to corpus/plans.txt")
                .isEqualTo(CorpusPlans.expected());
        assertThat(Files.readString(Path.of("../docs/incremental.md")))
                .as("the guide's numbers; if they may be so, copy target/corpus-table.md to it")
                .contains(plans.table());
    }

    /** The comparison sees it when affected rows are passed over. */
    @Test
    void rowsThatArePassedOverShow() throws Exception {
        keep(
                Corpus.read().stream()
                        .filter(text -> text.name().startsWith("stg_"))
                        .toList(),
                Sabotage.NO_DELETED_ROWS);
        assertThat(wrong).isNotEmpty();
    }

    private CorpusPlans keep(List<Corpus.Text> texts, Sabotage sabotage) throws Exception {
        try (CorpusSource source = new CorpusSource(directory, new Random(SEED));
                DuckDbStateStore store = TestStore.open(directory, 1)) {
            Project project = project(source, texts);
            IncrementalMaintainer maintainer = new IncrementalMaintainer(
                    project, IncrementalMaintainer.Choice.EVERYTHING_POSSIBLE, (model, how, delta, nanos) -> {
                        if (how.equals(ModelPlan.DIFFERENTIATE)) {
                            followed++;
                        }
                    });
            CorpusPlans plans = new CorpusPlans(texts.stream()
                    .filter(text -> text.undetermined().contains(Corpus.ROWS))
                    .count());
            for (CorpusSource.Batch batch : CorpusSource.HISTORY) {
                cycle(store, maintainer, source.next(batch), sabotage);
                compare(store, project, texts, batch);
                checkKeys(store, project, batch);
                if (batch == CorpusSource.Batch.LOAD) {
                    takeApart(store, project, texts, plans);
                }
            }
            maintainer.plans().forEach(plan -> plans.planned(plan.plan()));
            return plans;
        }
    }

    private static void cycle(
            DuckDbStateStore store, IncrementalMaintainer maintainer, StagedBatch staged, Sabotage sabotage) {
        int failures = 0;
        while (true) {
            try (StateTransaction transaction = store.begin()) {
                List<TableDelta> changed = transaction.reconcile(staged);
                maintainer.maintain(sabotage.of(transaction), changed, Map.of());
                transaction.commit(Map.of(CorpusTables.SOURCE, staged.end()), Instant.EPOCH);
                return;
            } catch (FreshetException e) {
                // A plan that failed is not tried again, and shows in the plans.
                assertThat(e.kind()).as(e.toString()).isEqualTo(ErrorKind.RETRYABLE);
                assertThat(++failures).as(e.toString()).isLessThan(100);
            }
        }
    }

    private void compare(DuckDbStateStore store, Project project, List<Corpus.Text> texts, CorpusSource.Batch batch) {
        try (StateTransaction transaction = store.begin()) {
            for (int i = 0; i < texts.size(); i++) {
                modelBatches++;
                Corpus.Text text = texts.get(i);
                if (differs(
                        transaction,
                        text,
                        project.models().get(i),
                        project.models().get(i).sql())) {
                    wrong.add(batch + ": '" + text.name() + "' differs from its text:\n" + text.sql());
                }
            }
        }
    }

    /** What is known of unique columns must be so in the rows. */
    private void checkKeys(DuckDbStateStore store, Project project, CorpusSource.Batch batch) {
        try (StateTransaction transaction = store.begin()) {
            ModelInputs inputs = new ModelInputs(project);
            for (Model model : project.models()) {
                if (batch == CorpusSource.Batch.LOAD) {
                    keys.put(model.relation(), KeyClaims.of(transaction, model, inputs.of(model)));
                }
                List<List<String>> claimed = keys.getOrDefault(model.relation(), List.of());
                claims += claimed.size();
                KeyClaims.broken(transaction, model.relation(), claimed)
                        .forEach(columns -> wrong.add(
                                batch + ": '" + model.name() + "' is not unique by " + columns + ":\n" + model.sql()));
            }
        }
    }

    /** Whether a query gives other rows than those that are stored for a model, in the columns that the text determines. */
    private static boolean differs(StateTransaction transaction, Corpus.Text text, Model model, String sql) {
        if (text.undetermined().isEmpty()) {
            return transaction
                            .recompute(model.relation(), sql, model.uniqueKey())
                            .rows()
                    > 0;
        }
        if (text.undetermined().contains(Corpus.ROWS)) {
            return false;
        }
        RowMaintenance state = transaction.rowMaintenance().orElseThrow();
        String columns = state.schema(model.relation()).orElseThrow().columns().stream()
                .filter(column -> !text.undetermined().contains(column.name()))
                .map(column -> ", " + StateNames.quote(column.name()))
                .collect(Collectors.joining("", "SELECT 1", " FROM "));
        String stored = columns + StateNames.relation(model.relation());
        String computed = columns + "(" + sql + "\n)";
        try (RowCursor difference = transaction.query("((" + stored + ") EXCEPT ALL (" + computed + ")) UNION ALL (("
                + computed + ") EXCEPT ALL (" + stored + "))")) {
            return difference.next();
        }
    }

    /** Takes each query apart and puts it together again: columns and rows must be the same. */
    private void takeApart(DuckDbStateStore store, Project project, List<Corpus.Text> texts, CorpusPlans plans) {
        try (StateTransaction transaction = store.begin()) {
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            RowMaintenance.Functions functions = state.functions();
            ModelInputs inputs = new ModelInputs(project);
            for (int i = 0; i < texts.size(); i++) {
                Corpus.Text text = texts.get(i);
                Model model = project.models().get(i);
                String tree = state.syntaxTree(model.sql());
                if (!tree.startsWith("{\"error\":false")) {
                    continue;
                }
                String written = state.texts(List.of(tree)).get(0);
                Map<TableId, TableSchema> tables = new HashMap<>();
                inputs.of(model)
                        .forEach(input -> tables.put(input, state.schema(input).orElseThrow()));
                boolean apart = true;
                try {
                    written = ParsedQuery.of(state, functions, model.sql(), tables)
                            .template()
                            .text();
                } catch (UnsupportedQueryException e) {
                    apart = false;
                }
                plans.parsed(text.name(), apart);
                if (!columns(transaction, written).equals(columns(transaction, model.sql()))) {
                    wrong.add("'" + text.name() + "' has other columns when it is put together again:\n" + written);
                } else if (differs(transaction, text, model, written)) {
                    wrong.add("'" + text.name() + "' has other rows when it is put together again:\n" + written);
                }
            }
        }
    }

    private static Map<Integer, String> columns(StateTransaction transaction, String sql) {
        Map<Integer, String> columns = new TreeMap<>();
        try (RowCursor rows = transaction.query(
                "SELECT column_name || ' ' || column_type FROM (DESCRIBE " + sql.replaceFirst(";\\s*$", "") + "\n)")) {
            while (rows.next()) {
                columns.put(columns.size(), String.valueOf(rows.value(0)));
            }
        }
        return columns;
    }

    private static Project project(CorpusSource source, List<Corpus.Text> texts) {
        Map<String, String> ids = new HashMap<>();
        Map<String, TableId> relations = new HashMap<>();
        List<SourceTable> sources = new ArrayList<>();
        for (CorpusTables.Table table : source.tables) {
            String id = "source.p." + table.id().name();
            ids.put(table.id().name(), id);
            relations.put(table.id().name(), table.id());
            sources.add(new SourceTable(id, table.id(), Map.of(), "models/s.yml", 1));
        }
        for (Corpus.Text text : texts) {
            assertThat(ids.put(text.name(), "model.p." + text.name()))
                    .as("'%s' is there twice", text.name())
                    .isNull();
            relations.put(text.name(), new TableId("dw", "out", text.name()));
        }
        List<Model> models = new ArrayList<>();
        for (Corpus.Text text : texts) {
            assertThat(ids.keySet()).as("what '%s' reads", text.name()).containsAll(text.reads());
            models.add(new Model(
                    ids.get(text.name()),
                    text.name(),
                    relations.get(text.name()),
                    Model.Materialization.TABLE,
                    Model.Route.MAINTAINED,
                    text.reads().stream().map(ids::get).toList(),
                    Corpus.rendered(text, name -> StateNames.relation(relations.get(name))),
                    List.of(),
                    List.of(),
                    List.of("p", text.name()),
                    "models/" + text.name() + ".sql"));
        }
        return new Project(Path.of("p"), Path.of("p/target"), "p", Map.of(), "dw", sources, models, List.of());
    }
}
