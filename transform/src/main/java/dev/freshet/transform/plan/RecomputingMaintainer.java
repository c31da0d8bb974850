package dev.freshet.transform.plan;

import dev.freshet.state.Accumulation;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowPart;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.snapshot.SnapshotKeeper;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The oracle: computes each affected model in full and lets the state store compare. A model is affected when a table it reads changed in this
 * cycle, its text was edited, it has no rows yet, or it was held back and so may have missed changes. A maintained view is kept like a table.
 */
public final class RecomputingMaintainer implements Maintainer {

    private static final TableSchema NOTHING = new TableSchema(List.of(), List.of());

    /** A maintained model with what each cycle asks of it. */
    private record Kept(Model model, Set<TableId> inputs, String fingerprint) {
        TableId relation() {
            return model.relation();
        }
    }

    /**
     * Why a model is left out of this cycle.
     *
     * @param cause the reason at the top of a chain: a model ten steps below says what to do, not ten times "its parent"
     */
    private record Hold(String reason, String cause) {}

    /** How an affected model's rows are brought up to date. */
    interface Computation {

        /**
         * @param inputs the tables that the model reads
         * @param changed what changed in this cycle so far, by table
         * @param current the stored rows are those of this text with no change missed but these
         */
        TableDelta compute(
                StateTransaction transaction,
                Model model,
                Set<TableId> inputs,
                Map<TableId, TableDelta> changed,
                boolean current);
    }

    private final Computation computation;
    private final SnapshotKeeper snapshots;
    private final ModelClock clock;
    private final List<Kept> kept = new ArrayList<>();
    /** Keyed by relation, to name a held parent as the user does. */
    private final Map<TableId, String> names = new HashMap<>();

    private Map<TableId, String> leftOut = Map.of();
    /** Some model may not be up to date. */
    private boolean unsettled = true;

    public RecomputingMaintainer(Project project) {
        this(
                project,
                (transaction, model, inputs, changed, current) ->
                        transaction.recompute(model.relation(), model.sql(), model.uniqueKey()),
                new SnapshotKeeper(Duration.ZERO, SnapshotKeeper.StagedChanges.NONE, Clock.systemUTC()),
                ModelClock.stopped());
    }

    RecomputingMaintainer(Project project, Computation computation, SnapshotKeeper snapshots, ModelClock clock) {
        this.computation = computation;
        this.snapshots = snapshots;
        this.clock = clock;
        ModelInputs inputs = new ModelInputs(project);
        for (Model model : project.models()) {
            if (model.route() == Model.Route.MAINTAINED && model.materialization() != Model.Materialization.EPHEMERAL) {
                kept.add(new Kept(model, inputs.of(model), Fingerprint.of(model)));
                names.put(model.relation(), model.name());
            }
        }
    }

    @Override
    public List<TableId> models() {
        return kept.stream().map(Kept::relation).toList();
    }

    @Override
    public boolean isDue() {
        return snapshots.isDue() || clock.isDue();
    }

    @Override
    public Map<TableId, String> held() {
        return leftOut;
    }

    @Override
    public Set<TableId> leftOut(StateTransaction transaction, Map<TableId, String> heldBack) {
        Map<TableId, Hold> held = new HashMap<>();
        Readiness readiness = new Readiness(transaction, names.keySet());
        for (Kept model : kept) {
            hold(model, heldBack, held, readiness).ifPresent(hold -> held.put(model.relation(), hold));
        }
        return held.keySet();
    }

    @Override
    public List<TableDelta> maintain(
            StateTransaction transaction, List<TableDelta> changed, Map<TableId, String> heldBack) {
        MaintenanceMemory memory = MaintenanceMemory.recall(transaction);
        memory.forgetAllBut(names.keySet()).forEach(transaction::drop);
        Map<TableId, TableDelta> changedTables = new HashMap<>();
        changed.stream().filter(delta -> !delta.isEmpty()).forEach(delta -> changedTables.put(delta.table(), delta));
        Map<TableId, Hold> held = new LinkedHashMap<>();
        Readiness readiness = new Readiness(transaction, names.keySet());
        List<TableDelta> deltas = new ArrayList<>();
        snapshots.begin();
        clock.begin(transaction);
        for (Kept model : kept) {
            Optional<Hold> hold = hold(model, heldBack, held, readiness);
            if (hold.isPresent()) {
                held.put(model.relation(), hold.get());
                transaction.hold(model.relation(), hold.get().reason());
                memory.heldBack(model.relation());
            } else if (isAffected(model, changedTables.keySet(), memory)
                    || isWithoutRows(model.relation(), transaction)
                    || isOfAnotherTime(model.model(), transaction)) {
                bringUpToDate(model, transaction, Map.copyOf(changedTables), memory)
                        .ifPresentOrElse(
                                delta -> {
                                    memory.computed(model.relation(), model.fingerprint());
                                    noteTime(model.model(), transaction);
                                    if (!delta.isEmpty()) {
                                        changedTables.put(model.relation(), delta);
                                        deltas.add(delta);
                                    }
                                },
                                () -> memory.heldBack(model.relation()));
            }
        }
        snapshots.end();
        clock.end();
        memory.remember(transaction);
        leftOut = held.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> entry.getValue().reason()));
        unsettled = !leftOut.isEmpty();
        return deltas;
    }

    @Override
    public Optional<Restatement> restatement(
            StateTransaction transaction, Map<TableId, String> heldBack, long fromRows) {
        if (!unsettled) {
            return Optional.empty();
        }
        MaintenanceMemory memory = MaintenanceMemory.recall(transaction);
        Readiness readiness = new Readiness(transaction, names.keySet());
        Map<TableId, Hold> held = new LinkedHashMap<>();
        Map<TableId, Kept> restated = new LinkedHashMap<>();
        Set<TableId> following = new HashSet<>();
        Set<TableId> scanned = new HashSet<>();
        boolean othersAreCurrent = false;
        for (Kept model : kept) {
            Optional<Hold> hold = hold(model, heldBack, held, readiness);
            boolean isCurrent = memory.isCurrent(model.relation(), model.fingerprint());
            boolean follows = model.inputs().stream().anyMatch(following::contains);
            boolean reads = follows || model.inputs().stream().anyMatch(restated::containsKey);
            if (hold.isPresent()) {
                held.put(model.relation(), hold.get());
            } else if (follows || keepsItsOwnTime(model.model()) && reads) {
                // What keeps history takes in what its parent's cycle gives, and so does whatever reads it.
                following.add(model.relation());
            } else if (!keepsItsOwnTime(model.model()) && (reads || !isCurrent)) {
                restated.put(model.relation(), model);
                if (!isCurrent) {
                    scanned.addAll(model.inputs());
                    scanned.add(model.relation());
                }
            } else {
                othersAreCurrent |= isCurrent;
            }
        }
        if (restated.isEmpty() || !othersAreCurrent || rows(transaction, scanned) < fromRows) {
            return Optional.empty();
        }
        Set<TableId> read = new HashSet<>();
        restated.values().forEach(model -> read.addAll(model.inputs()));
        read.removeAll(restated.keySet());
        return Optional.of(
                new Restatement(restated.values().stream().map(Kept::model).toList(), read, Map.of()));
    }

    /** Its rows are not just those of its text. */
    private static boolean keepsItsOwnTime(Model model) {
        return model.keepsHistory() || model.materialization() == Model.Materialization.SEED;
    }

    private static long rows(StateTransaction transaction, Set<TableId> tables) {
        return transaction
                .rowMaintenance()
                .map(state -> tables.stream()
                        .filter(table -> state.schema(table).isPresent())
                        .mapToLong(table -> count(transaction, table))
                        .sum())
                .orElse(0L);
    }

    private static long count(StateTransaction transaction, TableId table) {
        try (RowCursor count = transaction.query("SELECT count(*) FROM " + StateNames.relation(table))) {
            return count.next() && count.value(0) instanceof Number number ? number.longValue() : 0;
        }
    }

    @Override
    public List<TableDelta> takeOver(StateTransaction transaction, Restatement restatement, Shadow shadow) {
        MaintenanceMemory memory = MaintenanceMemory.recall(transaction);
        List<TableDelta> deltas = new ArrayList<>();
        for (Kept model : keptOf(restatement)) {
            TableDelta delta =
                    transaction.takeOver(model.relation(), shadow, model.model().uniqueKey());
            memory.takenOver(model.relation(), model.fingerprint());
            if (!delta.isEmpty()) {
                deltas.add(delta);
            }
        }
        memory.remember(transaction);
        unsettled = true;
        return deltas;
    }

    @Override
    public List<TableDelta> rejoin(StateTransaction transaction, Restatement restatement, List<TableDelta> changed) {
        MaintenanceMemory memory = MaintenanceMemory.recall(transaction);
        Map<TableId, TableDelta> changedTables = new HashMap<>();
        changed.forEach(delta -> changedTables.put(delta.table(), delta));
        List<TableDelta> deltas = new ArrayList<>();
        for (Kept model : keptOf(restatement)) {
            transaction.release(model.relation());
            if (model.inputs().stream().anyMatch(changedTables::containsKey)) {
                TableDelta delta = computation.compute(
                        transaction, model.model(), model.inputs(), Map.copyOf(changedTables), true);
                if (!delta.isEmpty()) {
                    changedTables.put(model.relation(), delta);
                    deltas.add(delta);
                }
            }
            memory.computed(model.relation(), model.fingerprint());
        }
        memory.remember(transaction);
        return deltas;
    }

    @Override
    public List<TableDelta> recompute(
            StateTransaction transaction, TableId relation, RowPart part, Map<TableId, String> heldBack) {
        Model model = kept.stream()
                .filter(known -> known.relation().equals(relation))
                .findFirst()
                .orElseThrow()
                .model();
        TableDelta delta = transaction.recompute(
                relation, model.history().map(Accumulation::first).orElse(model.sql()), part);
        if (delta.isEmpty()) {
            return List.of();
        }
        List<TableDelta> deltas = new ArrayList<>(List.of(delta));
        deltas.addAll(maintain(transaction, List.of(delta), heldBack));
        return deltas;
    }

    @Override
    public void distrust(StateTransaction transaction, TableId model) {
        MaintenanceMemory memory = MaintenanceMemory.recall(transaction);
        memory.heldBack(model);
        memory.remember(transaction);
        unsettled = true;
    }

    private List<Kept> keptOf(Restatement restatement) {
        Set<TableId> wanted = restatement.models().stream().map(Model::relation).collect(Collectors.toSet());
        return kept.stream().filter(model -> wanted.contains(model.relation())).toList();
    }

    /**
     * A history-keeping model takes in what its own SQL gives; an edited text holds for what comes, as in dbt. Empty for a snapshot whose time has not come.
     */
    private Optional<TableDelta> bringUpToDate(
            Kept kept, StateTransaction transaction, Map<TableId, TableDelta> changed, MaintenanceMemory memory) {
        Model model = kept.model();
        boolean isCurrent = memory.isCurrent(model.relation(), kept.fingerprint());
        if (SnapshotKeeper.isCaptured(model)) {
            TableId source = kept.inputs().iterator().next();
            return snapshots
                    .follow(transaction, model, source, !isCurrent)
                    .or(() -> Optional.of(new TableDelta(model.relation(), NOTHING, 0, 0, false)));
        }
        if (model.snapshot().isPresent()) {
            return snapshots.look(transaction, model);
        }
        if (model.materialization() == Model.Materialization.SEED) {
            return Optional.of(transaction.recompute(model.relation(), model.sql(), model.uniqueKey()));
        }
        return Optional.of(model.history()
                .map(history -> transaction.accumulate(model.relation(), history))
                .orElseGet(() -> computation.compute(transaction, model, kept.inputs(), changed, isCurrent)));
    }

    private Optional<Hold> hold(
            Kept model, Map<TableId, String> heldBack, Map<TableId, Hold> held, Readiness readiness) {
        String asked = heldBack.get(model.relation());
        if (asked != null) {
            return Optional.of(new Hold(asked, asked));
        }
        for (TableId input : model.inputs()) {
            Hold parent = held.get(input);
            if (parent != null) {
                return Optional.of(new Hold(
                        "its parent '" + names.get(input) + "' is held back: " + parent.cause(), parent.cause()));
            }
            if (!readiness.isReady(input)) {
                String reason = "waiting for the first load of " + input;
                return Optional.of(new Hold(reason, reason));
            }
        }
        return Optional.empty();
    }

    /** What keeps a history takes in what changes, and time is no change. */
    private boolean isOfAnotherTime(Model model, StateTransaction transaction) {
        return !model.keepsHistory() && clock.isDue(transaction, model);
    }

    private void noteTime(Model model, StateTransaction transaction) {
        if (!model.keepsHistory()) {
            clock.ran(transaction, model);
        }
    }

    /** Its history was dropped, to begin anew. */
    private static boolean isWithoutRows(TableId model, StateTransaction transaction) {
        return transaction
                .rowMaintenance()
                .filter(rows -> rows.schema(model).isEmpty())
                .isPresent();
    }

    private static boolean isAffected(Kept model, Set<TableId> changedTables, MaintenanceMemory memory) {
        return SnapshotKeeper.isCaptured(model.model())
                || !memory.isCurrent(model.relation(), model.fingerprint())
                || model.inputs().stream().anyMatch(changedTables::contains);
    }

    /** Asks the store once per source and cycle. Maintained models are not asked for: a parent without rows is held itself. */
    private static final class Readiness {

        private final StateTransaction transaction;
        private final Set<TableId> models;
        private final Map<TableId, Boolean> answers = new HashMap<>();

        Readiness(StateTransaction transaction, Set<TableId> models) {
            this.transaction = transaction;
            this.models = models;
        }

        boolean isReady(TableId input) {
            return models.contains(input) || answers.computeIfAbsent(input, transaction::isReady);
        }
    }
}
