package dev.freshet.transform.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.freshet.state.Accumulation;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The project: orders -> recent (ephemeral) -> revenue -> report, and customers -> people; report reads people too. */
class RecomputingMaintainerTest {

    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId CUSTOMERS = new TableId("crm", "public", "customers");

    private final RecordingState state = new RecordingState();
    private final List<Model> models = new ArrayList<>(List.of(
            model("recent", Model.Materialization.EPHEMERAL, "source.p.shop.orders"),
            model("revenue", Model.Materialization.TABLE, "model.p.recent"),
            model("people", Model.Materialization.VIEW, "source.p.crm.customers"),
            model("report", Model.Materialization.TABLE, "model.p.revenue", "model.p.people")));

    @BeforeEach
    void loadSources() {
        state.ready.addAll(List.of(ORDERS, CUSTOMERS));
    }

    @Test
    void computesEverythingOnceAndThenOnlyWhatIsAffected() {
        assertThat(cycle()).containsExactly("recompute revenue", "recompute people", "recompute report", "remember");
        assertThat(cycle()).isEmpty();
        assertThat(cycle(ORDERS)).containsExactly("recompute revenue", "recompute report");
        assertThat(cycle(CUSTOMERS)).containsExactly("recompute people", "recompute report");
    }

    @Test
    void stopsWhereADeltaIsEmpty() {
        cycle();
        state.unchanged.add(relation("revenue"));
        RecordingState.Transaction transaction = state.begin();
        List<TableDelta> deltas = maintainer().maintain(transaction, List.of(RecordingState.delta(ORDERS)), Map.of());
        assertThat(deltas).isEmpty();
        assertThat(transaction.calls).containsExactly("recompute revenue");
    }

    @Test
    void ignoresASourceDeltaThatIsEmpty() {
        cycle();
        RecordingState.Transaction transaction = state.begin();
        maintainer()
                .maintain(transaction, List.of(new TableDelta(ORDERS, RecordingState.SCHEMA, 0, 0, false)), Map.of());
        assertThat(transaction.calls).isEmpty();
    }

    @Test
    void returnsTheDeltasInGraphOrder() {
        assertThat(maintainer().maintain(state.begin(), List.of(), Map.of()))
                .extracting(delta -> delta.table().name())
                .containsExactly("revenue", "people", "report");
        assertThat(maintainer().models()).extracting(TableId::name).containsExactly("revenue", "people", "report");
    }

    @Test
    void recomputesAnEditedModelAndWhatReadsIt() {
        cycle();
        replace("people", edited(models.get(2), "select 2", List.of("id")));
        assertThat(cycle()).containsExactly("recompute people", "recompute report", "remember");
        replace("people", edited(models.get(2), "select 2", List.of("id", "day")));
        assertThat(cycle()).as("another key").containsExactly("recompute people", "recompute report", "remember");
        assertThat(cycle()).isEmpty();
    }

    @Test
    void aHistoryKeepingModelTakesRowsInWhereOthersAreComputed() {
        Model model = models.get(2);
        replace(
                "people",
                new Model(
                        model.uniqueId(),
                        model.name(),
                        model.relation(),
                        Model.Materialization.INCREMENTAL,
                        model.route(),
                        model.dependsOn(),
                        "select 1",
                        List.of(),
                        List.of(),
                        model.fqn(),
                        model.file(),
                        Optional.of(new Accumulation(
                                Accumulation.Strategy.APPEND,
                                "select 1",
                                "select 2",
                                List.of(),
                                Accumulation.MergedColumns.ALL,
                                Accumulation.OnSchemaChange.IGNORE)),
                        Optional.empty(),
                        false));
        assertThat(cycle()).containsExactly("recompute revenue", "accumulate people", "recompute report", "remember");
        assertThat(cycle()).isEmpty();
        assertThat(cycle(ORDERS)).containsExactly("recompute revenue", "recompute report");
        assertThat(cycle(CUSTOMERS)).containsExactly("accumulate people", "recompute report");
    }

    @Test
    void anEditedModelIsRestatedWithWhateverReadsItWhileOthersAreCurrent() {
        assertThat(restatement(Map.of()))
                .as("nothing is current: the first start")
                .isEmpty();
        cycle();
        assertThat(restatement(Map.of())).isEmpty();
        replace("revenue", edited(models.get(1), "select 2", List.of("id")));
        Restatement found = restatement(Map.of()).orElseThrow();
        assertThat(found.models()).extracting(Model::name).containsExactly("revenue", "report");
        assertThat(found.reads()).containsExactlyInAnyOrder(ORDERS, relation("people"));
        assertThat(restatement(Map.of(relation("revenue"), "paused")))
                .as("what is held stays so, with whatever reads it")
                .isEmpty();
        assertThat(restatement(Map.of(relation("report"), "paused"))
                        .orElseThrow()
                        .models())
                .extracting(Model::name)
                .containsExactly("revenue");
        assertThat(maintainer().restatement(state.begin(), Map.of(), 1))
                .as("too few rows are read")
                .isEmpty();
        state.ready.remove(ORDERS);
        assertThat(restatement(Map.of())).isEmpty();
    }

    private Optional<Restatement> restatement(Map<TableId, String> heldBack) {
        return maintainer().restatement(state.begin(), heldBack, 0);
    }

    @Test
    void waitsForTheFirstLoadWithAllDescendants() {
        state.ready.remove(ORDERS);
        assertThat(cycle(CUSTOMERS))
                .containsExactly(
                        "hold revenue: waiting for the first load of shop.public.orders",
                        "recompute people",
                        "hold report: its parent 'revenue' is held back: waiting for the first load of shop.public.orders",
                        "remember");
        state.ready.add(ORDERS);
        assertThat(cycle()).containsExactly("recompute revenue", "recompute report", "remember");
    }

    @Test
    void aHeldModelRejoinsByRecomputeAlthoughNothingChangedInThatCycle() {
        cycle();
        assertThat(cycle(Map.of(relation("revenue"), "paused"), ORDERS))
                .containsExactly(
                        "hold revenue: paused", "hold report: its parent 'revenue' is held back: paused", "remember");
        assertThat(cycle(Map.of(relation("revenue"), "paused")))
                .as("still held, nothing new to remember")
                .containsExactly("hold revenue: paused", "hold report: its parent 'revenue' is held back: paused");
        assertThat(cycle()).containsExactly("recompute revenue", "recompute report", "remember");
        assertThat(cycle()).isEmpty();
    }

    @Test
    void aChainOfHeldModelsTellsTheCauseOnce() {
        models.add(model("summary", Model.Materialization.TABLE, "model.p.report"));
        assertThat(cycle(Map.of(relation("revenue"), "its SQL failed")))
                .contains("hold summary: its parent 'report' is held back: its SQL failed");
    }

    @Test
    void aFailingModelPassesThroughAndARolledBackCycleLeavesNothingBehind() {
        state.failing.add(relation("revenue"));
        RecordingState.Transaction transaction = state.begin();
        assertThatThrownBy(() -> maintainer().maintain(transaction, List.of(), Map.of()))
                .isInstanceOf(ModelFailedException.class)
                .hasMessage("division by zero");
        assertThat(cycle(Map.of(relation("revenue"), "division by zero")))
                .containsExactly(
                        "hold revenue: division by zero",
                        "recompute people",
                        "hold report: its parent 'revenue' is held back: division by zero",
                        "remember");
    }

    @Test
    void tellsWhatTheLastCycleLeftOutWhetherItHasRowsOrNot() {
        RecomputingMaintainer maintainer = maintainer();
        maintainer.maintain(state.begin(), List.of(), Map.of(relation("revenue"), "paused"));
        assertThat(maintainer.held())
                .containsOnly(
                        Map.entry(relation("revenue"), "paused"),
                        Map.entry(relation("report"), "its parent 'revenue' is held back: paused"));
        maintainer.maintain(state.begin(), List.of(), Map.of());
        assertThat(maintainer.held()).isEmpty();
    }

    @Test
    void dropsAModelThatLeftTheProject() {
        cycle();
        models.remove(3);
        assertThat(cycle()).containsExactly("drop report", "remember");
        assertThat(cycle()).isEmpty();
    }

    @Test
    void dropsTheOldRelationOfARenamedModel() {
        cycle();
        models.set(3, model("overview", Model.Materialization.TABLE, "model.p.revenue", "model.p.people"));
        assertThat(cycle()).containsExactly("drop report", "recompute overview", "remember");
    }

    @Test
    void namesWithSpacesAndNewlinesAreRememberedExactly() {
        models.add(model("odd name\n%", Model.Materialization.TABLE, "source.p.shop.orders"));
        cycle();
        assertThat(cycle()).isEmpty();
        models.remove(4);
        assertThat(cycle()).containsExactly("drop odd name\n%", "remember");
    }

    @Test
    void leavesPushdownModelsAloneAndWaitsForThemAsForSources() {
        Model live = new Model(
                "model.p.live",
                "live",
                relation("live"),
                Model.Materialization.TABLE,
                Model.Route.PUSHDOWN,
                List.of("source.p.shop.orders"),
                "select 1",
                List.of(),
                List.of(),
                List.of("p", "live"),
                "models/live.sql");
        models.clear();
        models.add(live);
        models.add(model("reader", Model.Materialization.TABLE, "model.p.live"));
        assertThat(cycle())
                .containsExactly("hold reader: waiting for the first load of warehouse.analytics.live", "remember");
        assertThat(Planner.plan(project()))
                .extracting(plan -> plan.model().name(), ModelPlan::title, ModelPlan::reason)
                .containsExactly(
                        tuple("live", "pushdown", "everything it reads lives on 'warehouse', so its SQL runs there"),
                        tuple(
                                "reader",
                                "recompute",
                                "computed again when one of these changes: warehouse.analytics.live"));
    }

    private List<String> cycle(TableId... changed) {
        return cycle(Map.of(), changed);
    }

    private List<String> cycle(Map<TableId, String> heldBack, TableId... changed) {
        RecordingState.Transaction transaction = state.begin();
        maintainer()
                .maintain(
                        transaction,
                        Arrays.stream(changed).map(RecordingState::delta).toList(),
                        heldBack);
        transaction.commit(Map.of(), Instant.EPOCH);
        return transaction.calls;
    }

    private RecomputingMaintainer maintainer() {
        return new RecomputingMaintainer(project());
    }

    private Project project() {
        List<SourceTable> sources = List.of(
                new SourceTable("source.p.shop.orders", ORDERS, Map.of(), "models/s.yml", 1),
                new SourceTable("source.p.crm.customers", CUSTOMERS, Map.of(), "models/s.yml", 2));
        return new Project(Path.of("p"), Path.of("p/target"), "p", Map.of(), "warehouse", sources, models, List.of());
    }

    private void replace(String name, Model model) {
        models.replaceAll(old -> old.name().equals(name) ? model : old);
    }

    private static Model edited(Model model, String sql, List<String> key) {
        return new Model(
                model.uniqueId(),
                model.name(),
                model.relation(),
                model.materialization(),
                model.route(),
                model.dependsOn(),
                sql,
                key,
                model.tags(),
                model.fqn(),
                model.file());
    }

    private static Model model(String name, Model.Materialization materialization, String... dependsOn) {
        return new Model(
                "model.p." + name,
                name,
                relation(name),
                materialization,
                Model.Route.MAINTAINED,
                List.of(dependsOn),
                "select 1",
                List.of(),
                List.of(),
                List.of("p", name),
                "models/" + name + ".sql");
    }

    private static TableId relation(String name) {
        return new TableId("warehouse", "analytics", name);
    }
}
