package dev.freshet.transform.plan;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowPart;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.plan.differentiate.Differentiation;
import dev.freshet.transform.plan.differentiate.SharedLookups;
import dev.freshet.transform.plan.differentiate.SharedLookups.Worthwhile;
import dev.freshet.transform.plan.query.ColumnLineage;
import dev.freshet.transform.plan.query.UnsupportedQueryException;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.snapshot.SnapshotKeeper;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes the affected rows of a model where that is possible and cheaper, else all of them. Plans are made when a model's rows are first there and
 * made again when a table it reads gets another shape.
 */
public final class IncrementalMaintainer implements Maintainer {

    private static final Logger log = LoggerFactory.getLogger(IncrementalMaintainer.class);

    private static final String IN_FULL = "it is computed in full";

    /** What is known of one model. */
    private static final class Known {
        private final Map<TableId, TableSchema> tables;
        private final @Nullable Differentiation differentiation;
        private final String reason;
        private final Optional<ColumnLineage> lineage;

        Known(
                Map<TableId, TableSchema> tables,
                @Nullable Differentiation differentiation,
                String reason,
                Optional<ColumnLineage> lineage) {
            this.tables = tables;
            this.differentiation = differentiation;
            this.reason = reason;
            this.lineage = lineage;
        }
    }

    /** When affected rows are computed alone. */
    public enum Choice {
        WHEN_CHEAPER,
        /** For tests and measurements: even where all rows would cost less. */
        WHENEVER_POSSIBLE,
        /** For tests: also what is only worth its cost with large tables is done with all. */
        EVERYTHING_POSSIBLE
    }

    /** Hears what was done for a model, on the cycle's thread. */
    public interface Listener {
        /** @param how the plan that was followed in this cycle, as {@link ModelPlan#title} spells it */
        void maintained(Model model, String how, TableDelta delta, long nanos);
    }

    private final Project project;
    private final Maintainer maintainer;
    private final ModelInputs inputs;
    private final Map<TableId, PlannedModel> plans = new ConcurrentHashMap<>();
    private final Choice choice;
    private final Listener listener;
    private final Map<TableId, Known> known = new HashMap<>();
    /** Models whose affected rows failed to be computed, with the plan they had: their SQL may be at fault as well. */
    private final Map<TableId, Known> suspects = new HashMap<>();

    /** Models whose totals could not be planned: their affected keys may still be followed. */
    private final Set<TableId> withoutTotals = new HashSet<>();

    /** Models whose affected rows failed to be computed once: nothing of theirs runs without the optimizer any more. */
    private final Set<TableId> optimized = new HashSet<>();

    private final ChangedColumns columns = new ChangedColumns();
    private final SharedLookups lookups;
    private final Map<TableId, Efforts> efforts = new HashMap<>();
    private RowMaintenance.@Nullable Functions functions;

    public IncrementalMaintainer(Project project) {
        this(project, Choice.WHEN_CHEAPER, (model, how, delta, nanos) -> {});
    }

    /** With what goes by the clock: snapshots that have a pace of their own, and models that ask for the time. */
    public IncrementalMaintainer(Project project, SnapshotKeeper snapshots, ModelClock clock) {
        this(project, Choice.WHEN_CHEAPER, (model, how, delta, nanos) -> {}, snapshots, clock);
    }

    public IncrementalMaintainer(Project project, Choice choice, Listener listener) {
        this(
                project,
                choice,
                listener,
                new SnapshotKeeper(Duration.ZERO, SnapshotKeeper.StagedChanges.NONE, Clock.systemUTC()),
                ModelClock.stopped());
    }

    private IncrementalMaintainer(
            Project project, Choice choice, Listener listener, SnapshotKeeper snapshots, ModelClock clock) {
        this.project = project;
        this.inputs = new ModelInputs(project);
        this.choice = choice;
        this.lookups =
                new SharedLookups(choice == Choice.EVERYTHING_POSSIBLE ? Worthwhile.EVERYTHING : Worthwhile.USUAL);
        this.listener = listener;
        this.maintainer = new RecomputingMaintainer(project, this::compute, snapshots, clock);
    }

    @Override
    public boolean isDue() {
        return maintainer.isDue();
    }

    @Override
    public Map<TableId, String> held() {
        return maintainer.held();
    }

    @Override
    public Set<TableId> leftOut(StateTransaction transaction, Map<TableId, String> heldBack) {
        return maintainer.leftOut(transaction, heldBack);
    }

    @Override
    public List<TableDelta> maintain(
            StateTransaction transaction, List<TableDelta> changed, Map<TableId, String> heldBack) {
        columns.begin();
        return maintainer.maintain(transaction, changed, heldBack);
    }

    @Override
    public Optional<Restatement> restatement(
            StateTransaction transaction, Map<TableId, String> heldBack, long fromRows) {
        return maintainer
                .restatement(transaction, heldBack, fromRows)
                .map(found -> new Restatement(found.models(), found.reads(), totals(transaction, found)));
    }

    /** Of those models that have the columns of their new text already, as has what they read: the others are not planned before they are stored. */
    private Map<TableId, RowMaintenance.Totals> totals(StateTransaction transaction, Restatement restatement) {
        Optional<RowMaintenance> state = transaction.rowMaintenance();
        Map<TableId, RowMaintenance.Totals> totals = new HashMap<>();
        Set<TableId> changing = new HashSet<>();
        for (Model model : state.isPresent() ? restatement.models() : List.<Model>of()) {
            Set<TableId> read = inputs.of(model);
            Optional<TableSchema> stored = state.get().schema(model.relation());
            if (read.stream().anyMatch(changing::contains)
                    || stored.isEmpty()
                    || !stored.get().equals(state.get().resultOf(model.relation(), model.sql(), model.uniqueKey()))) {
                changing.add(model.relation());
            } else {
                Differentiation differentiation = known(state.get(), model, read).differentiation;
                if (differentiation != null) {
                    differentiation.totals().ifPresent(kept -> totals.put(model.relation(), kept));
                }
            }
        }
        return totals;
    }

    @Override
    public List<TableDelta> takeOver(StateTransaction transaction, Restatement restatement, Shadow shadow) {
        return maintainer.takeOver(transaction, restatement, shadow);
    }

    @Override
    public List<TableDelta> rejoin(StateTransaction transaction, Restatement restatement, List<TableDelta> changed) {
        transaction.rowMaintenance().ifPresent(state -> restatement.models().forEach(model -> {
            known(state, model, inputs.of(model));
            publish(model);
        }));
        return maintainer.rejoin(transaction, restatement, changed);
    }

    @Override
    public List<TableDelta> recompute(
            StateTransaction transaction, TableId model, RowPart part, Map<TableId, String> heldBack) {
        return maintainer.recompute(transaction, model, part, heldBack);
    }

    @Override
    public void distrust(StateTransaction transaction, TableId model) {
        maintainer.distrust(transaction, model);
    }

    @Override
    public List<TableId> models() {
        return maintainer.models();
    }

    @Override
    public List<PlannedModel> plans() {
        return Planner.plan(project).stream()
                .map(plan -> plans.getOrDefault(plan.model().relation(), PlannedModel.of(plan)))
                .toList();
    }

    /** Makes the plans of all models that have rows, without computing any. The transaction is only read and need not be committed. */
    public List<PlannedModel> plan(StateTransaction transaction) {
        Optional<RowMaintenance> state = transaction.rowMaintenance();
        for (Model model : project.models()) {
            if (state.isPresent() && models().contains(model.relation()) && !model.keepsHistory()) {
                Set<TableId> tables = inputs.of(model);
                if (state.get().schema(model.relation()).isPresent()
                        && tables.stream()
                                .allMatch(table -> state.get().schema(table).isPresent())) {
                    known(state.get(), model, tables);
                    publish(model);
                }
            }
        }
        return plans();
    }

    private void publish(Model model) {
        Known plan = known.get(model.relation());
        if (plan != null) {
            plans.put(
                    model.relation(),
                    efforts(model)
                            .of(
                                    plan.differentiation == null
                                            ? new ModelPlan.Recompute(model, plan.reason)
                                            : new ModelPlan.Differentiate(model, plan.reason))
                            .with(plan.lineage));
        }
    }

    private TableDelta compute(
            StateTransaction transaction,
            Model model,
            Set<TableId> inputs,
            Map<TableId, TableDelta> changed,
            boolean current) {
        Optional<RowMaintenance> state = transaction.rowMaintenance();
        if (state.isEmpty()) {
            return recompute(transaction, model);
        }
        if (!current) {
            TableDelta all = recompute(transaction, model);
            known(state.get(), model, inputs);
            publish(model);
            return all;
        }
        Map<TableId, TableDelta> affecting = changed.entrySet().stream()
                .filter(entry -> inputs.contains(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, HashMap::new));
        if (affecting.values().stream().anyMatch(TableDelta::replaced)) {
            known.remove(model.relation());
            return recompute(transaction, model);
        }
        Known plan = known(state.get(), model, inputs);
        if (plan.lineage.isPresent() && !affecting.isEmpty()) {
            affecting.values().removeIf(delta -> columns.areUntouched(state.get(), delta, plan.lineage.get()));
            if (affecting.isEmpty()) {
                return new TableDelta(
                        model.relation(), state.get().schema(model.relation()).orElseThrow(), 0, 0, false);
            }
        }
        Differentiation differentiation = plan.differentiation;
        if (differentiation != null && differentiation.keepsKey()) {
            state.get().trustKey(model.relation());
        }
        Efforts effort = efforts(model);
        long rows = affecting.values().stream().mapToLong(TableDelta::rows).sum();
        if (differentiation == null
                || affecting.isEmpty()
                || (choice == Choice.WHEN_CHEAPER
                        && !effort.isWorthLooking(
                                rows,
                                state.get().rows(model.relation()),
                                inputs.stream().mapToLong(state.get()::rows).sum())
                        && !differentiation.isIndependentOfTheOutput(affecting.keySet()))) {
            return recompute(transaction, model);
        }
        boolean prepared = differentiation.isPrepared(state.get(), affecting.keySet());
        long began = System.nanoTime();
        Optional<TableDelta> delta;
        try {
            delta = differentiation.maintain(
                    state.get(),
                    affecting.values().stream().collect(Collectors.toMap(TableDelta::table, TableDelta::rows)),
                    keys -> effort.isWorthwhile(keys) || choice != Choice.WHEN_CHEAPER);
        } catch (ModelFailedException e) {
            throw distrust(model, e);
        }
        if (delta.isEmpty()) {
            effort.declined(System.nanoTime() - began);
            return recompute(transaction, model);
        }
        long took = System.nanoTime() - began;
        if (prepared) {
            effort.differentiated(took);
        } else {
            effort.prepared(took);
        }
        publish(model);
        listener.maintained(model, ModelPlan.DIFFERENTIATE, delta.get(), took);
        return delta.get();
    }

    private TableDelta recompute(StateTransaction transaction, Model model) {
        long began = System.nanoTime();
        TableDelta delta;
        try {
            delta = transaction.recompute(model.relation(), model.sql(), model.uniqueKey());
        } catch (ModelFailedException e) {
            Known before = suspects.remove(model.relation());
            if (before != null) {
                known.put(model.relation(), before);
            }
            throw e;
        }
        suspects.remove(model.relation());
        long took = System.nanoTime() - began;
        efforts(model)
                .recomputed(
                        took,
                        transaction
                                .rowMaintenance()
                                .map(state -> state.rows(model.relation()))
                                .orElse(0L));
        publish(model);
        listener.maintained(model, ModelPlan.RECOMPUTE, delta, took);
        return delta;
    }

    private Efforts efforts(Model model) {
        return efforts.computeIfAbsent(model.relation(), relation -> new Efforts());
    }

    private Known known(RowMaintenance state, Model model, Set<TableId> inputs) {
        Map<TableId, TableSchema> tables = new TreeMap<>();
        inputs.forEach(input -> state.schema(input).ifPresent(schema -> tables.put(input, schema)));
        Known before = known.get(model.relation());
        if (before != null && before.tables.equals(tables)) {
            return before;
        }
        Known planned = plan(state, model, tables);
        known.put(model.relation(), planned);
        log.debug("Model '{}': {}", model.relation(), planned.reason);
        return planned;
    }

    private Known plan(RowMaintenance state, Model model, Map<TableId, TableSchema> tables) {
        if (functions == null) {
            functions = state.functions();
        }
        Optional<ColumnLineage> lineage = ColumnLineage.of(state, functions, model.sql(), tables);
        try {
            Differentiation differentiation =
                    Differentiation.of(state, functions, model, tables, rules(model), lookups);
            return new Known(tables, differentiation, differentiation.reason(), lineage);
        } catch (UnsupportedQueryException e) {
            return new Known(tables, null, "it " + e.getMessage(), lineage);
        } catch (ModelFailedException e) {
            if (!withoutTotals.add(model.relation())) {
                known.put(model.relation(), new Known(tables, null, "its plan failed: " + e.getMessage(), lineage));
            }
            throw again(model, e, IN_FULL);
        }
    }

    private Differentiation.Rules rules(Model model) {
        if (withoutTotals.contains(model.relation())) {
            return Differentiation.Rules.AFFECTED_KEYS;
        }
        return optimized.contains(model.relation()) ? Differentiation.Rules.OPTIMIZED : Differentiation.Rules.ALL;
    }

    /** In a new transaction the model is computed with another plan, or in full: if that works the plan is at fault and never used again. */
    private FreshetException distrust(Model model, ModelFailedException e) {
        if (optimized.add(model.relation())) {
            known.remove(model.relation());
            return again(model, e, "they are computed in another way");
        }
        Known before = known.get(model.relation());
        if (before != null) {
            suspects.put(model.relation(), before);
        }
        known.put(
                model.relation(),
                new Known(
                        before == null ? Map.of() : before.tables,
                        null,
                        "computing the affected rows failed: " + e.getMessage(),
                        Optional.empty()));
        return again(model, e, IN_FULL);
    }

    private static FreshetException again(Model model, ModelFailedException e, String instead) {
        log.warn("The affected rows of '{}' could not be computed; {} instead", model.name(), instead, e);
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "the affected rows of model '" + model.name() + "' could not be computed; " + instead + " instead",
                e);
    }
}
