package dev.freshet.deploy.observe;

import dev.freshet.deploy.live.LiveStanding;
import dev.freshet.deploy.pipeline.PipelineStatus;
import dev.freshet.deploy.verdict.TestResults;
import dev.freshet.deploy.verdict.Verdict;
import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.Receipt;
import dev.freshet.state.Connection;
import dev.freshet.state.PoisonRows;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.ModelPlan;
import dev.freshet.transform.plan.PlannedModel;
import dev.freshet.transform.plan.Planner;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.DataTest;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes {@link StatusReport}s of one project version from its pipeline's status and activity. Safe for concurrent use. */
public final class StatusReports {

    private static final Pattern MARKS = Pattern.compile("\\s*\\^+\\s*");

    private final Project project;
    private final Activity activity;
    private final Clock clock;
    private final String version;
    private final Instant startedAt;
    private final List<ModelPlan> plans;
    private final Map<TableId, ModelPlan> live = new HashMap<>();
    private final Map<TableId, List<TableId>> parents = new HashMap<>();
    /** Since when each model is not fresh. */
    private final Map<TableId, Instant> since = new HashMap<>();

    public StatusReports(Project project, Activity activity, Clock clock, String version, Instant startedAt) {
        this.project = project;
        this.activity = activity;
        this.clock = clock;
        this.version = version;
        this.startedAt = startedAt;
        this.plans = Planner.plan(project);
        Map<String, Model> models = new HashMap<>();
        project.models().forEach(model -> models.put(model.uniqueId(), model));
        Map<String, TableId> sources = new HashMap<>();
        project.sources().forEach(source -> sources.put(source.uniqueId(), source.table()));
        project.models().forEach(model -> {
            Set<TableId> found = new LinkedHashSet<>();
            collect(model, models, sources, found);
            parents.put(model.relation(), List.copyOf(found));
        });
    }

    private static void collect(
            Model model, Map<String, Model> models, Map<String, TableId> sources, Set<TableId> found) {
        for (String id : model.dependsOn()) {
            Model parent = models.get(id);
            if (sources.containsKey(id)) {
                found.add(sources.get(id));
            } else if (parent != null && parent.materialization() == Model.Materialization.EPHEMERAL) {
                collect(parent, models, sources, found);
            } else if (parent != null) {
                found.add(parent.relation());
            }
        }
    }

    /** The report before the pipeline is open, or after it was closed. */
    public StatusReport without(StatusReport.State state) {
        return new StatusReport(
                project.pipeline().toString(),
                version,
                clock.instant(),
                startedAt,
                state,
                Optional.empty(),
                0,
                new StatusReport.Staging(0, 0, 0, 0, List.of()),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    /**
     * @param planned how the models are kept now; for the others what is known from the project alone
     * @param beside where the models stand that run on their own target
     */
    public synchronized StatusReport of(
            PipelineStatus status, List<PlannedModel> planned, Map<TableId, LiveStanding> beside) {
        planned.forEach(model -> live.put(model.plan().model().relation(), model.plan()));
        return new StatusReport(
                project.pipeline().toString(),
                version,
                clock.instant(),
                startedAt,
                state(status),
                status.problem(),
                status.cut().number(),
                new StatusReport.Staging(
                        status.staging().files(),
                        status.staging().bytes(),
                        status.staging().stagedRows(),
                        status.stateBytes(),
                        status.stagingKeptFor()),
                status.sources().stream().map(source -> source(source, status)).toList(),
                models(status, beside),
                status.targets().stream().map(this::target).toList(),
                status.tests().stream().map(StatusReports::test).toList());
    }

    private static StatusReport.Test test(TestResults.Result result) {
        boolean isGate = result.mode() == DataTest.Mode.GATE;
        return new StatusReport.Test(
                result.test().name(),
                result.mode().name().toLowerCase(Locale.ROOT),
                result.verdict()
                        .map(verdict -> verdict.state().name().toLowerCase(Locale.ROOT))
                        .orElse("waiting"),
                result.verdict().map(Verdict::failures).orElse(0L),
                result.verdict().map(Verdict::message).filter(message -> !message.isEmpty()),
                result.since(),
                result.judgedAt(),
                result.test().inputs().stream().sorted().toList(),
                isGate ? result.test().heldOutputs() : List.of());
    }

    private static StatusReport.State state(PipelineStatus status) {
        if (status.paused().pipeline()) {
            return StatusReport.State.PAUSED;
        }
        return status.problem().isPresent() ? StatusReport.State.FAILING : StatusReport.State.RUNNING;
    }

    private StatusReport.Source source(PipelineStatus.Source source, PipelineStatus status) {
        List<StatusReport.Table> tables = project.sources().stream()
                .map(SourceTable::table)
                .filter(table -> table.connection().equals(source.name()))
                .filter(this::isRead)
                .distinct()
                .sorted()
                .map(table -> new StatusReport.Table(
                        table,
                        status.unready().contains(table),
                        poison(status, table).map(PoisonRows::rows).orElse(0L),
                        activity.table(table)))
                .toList();
        return new StatusReport.Source(
                source.name(),
                type(source.name()),
                source.connected(),
                problems(source, status),
                activity.source(source.name()),
                activity.stagedLag(source.name()),
                activity.maintainedLag(source.name()),
                source.log().lagBytes(),
                source.log().status(),
                source.log().safeBytes(),
                source.waitingBatches(),
                tables);
    }

    private static List<String> problems(PipelineStatus.Source source, PipelineStatus status) {
        List<String> problems = new ArrayList<>(source.problems());
        status.poison().stream()
                .filter(poison -> poison.table().connection().equals(source.name()))
                .map(PoisonText::of)
                .forEach(problems::add);
        return problems;
    }

    private static Optional<PoisonRows> poison(PipelineStatus status, TableId table) {
        return status.poison().stream()
                .filter(poison -> poison.table().equals(table))
                .findFirst();
    }

    private boolean isRead(TableId table) {
        return project.models().stream()
                .filter(model -> model.route() == Model.Route.MAINTAINED)
                .anyMatch(model ->
                        parents.getOrDefault(model.relation(), List.of()).contains(table));
    }

    private List<StatusReport.Model> models(PipelineStatus status, Map<TableId, LiveStanding> beside) {
        Map<TableId, String> undelivered = new HashMap<>();
        Map<TableId, Long> quarantined = new HashMap<>();
        status.targets().forEach(target -> target.tables().forEach((table, known) -> {
            quarantined.put(table, known.quarantined());
            if (known.lastMethod() == Receipt.Method.HELD) {
                undelivered.put(table, known.problem().orElse("its target holds it back"));
            }
        }));
        Map<TableId, StatusReport.Model> byRelation = new HashMap<>();
        List<StatusReport.Model> models = new ArrayList<>();
        for (ModelPlan plan : plans) {
            Model model = plan.model();
            Standing standing = model.route() == Model.Route.MAINTAINED
                    ? standing(plan, status, byRelation, undelivered)
                    : Optional.ofNullable(beside.get(model.relation()))
                            .map(StatusReports::standing)
                            .orElseGet(() -> new Standing(
                                    StatusReport.ModelState.UNMAINTAINED, plan.reason() + "; 'freshet run' builds it"));
            if (standing.state() == StatusReport.ModelState.FRESH) {
                since.remove(model.relation());
            } else if (standing.state() != StatusReport.ModelState.UNMAINTAINED) {
                since.putIfAbsent(model.relation(), clock.instant());
            }
            StatusReport.Model reported = new StatusReport.Model(
                    model.name(),
                    model.relation(),
                    model.materialization().name().toLowerCase(Locale.ROOT),
                    live.getOrDefault(model.relation(), plan).title(),
                    live.getOrDefault(model.relation(), plan).reason(),
                    parents.getOrDefault(model.relation(), List.of()),
                    standing.state(),
                    standing.reason(),
                    Optional.ofNullable(since.get(model.relation())),
                    activity.table(model.relation()),
                    quarantined.getOrDefault(model.relation(), 0L),
                    Optional.ofNullable(beside.get(model.relation())).flatMap(LiveStanding::ran));
            byRelation.put(model.relation(), reported);
            models.add(reported);
        }
        return models;
    }

    private record Standing(StatusReport.ModelState state, Optional<String> reason) {
        Standing(StatusReport.ModelState state, String reason) {
            this(state, Optional.of(reason));
        }
    }

    private static Standing standing(LiveStanding live) {
        if (live.problem().isPresent()) {
            return new Standing(
                    StatusReport.ModelState.FAILED, withoutMarks(live.problem().get()));
        }
        return live.ran().isPresent()
                ? new Standing(StatusReport.ModelState.FRESH, Optional.empty())
                : new Standing(
                        StatusReport.ModelState.HELD,
                        "it runs on its own target once everything it may read is delivered there");
    }

    private Standing standing(
            ModelPlan plan,
            PipelineStatus status,
            Map<TableId, StatusReport.Model> above,
            Map<TableId, String> undelivered) {
        Model model = plan.model();
        TableId relation = model.relation();
        if (status.paused().models().contains(relation)) {
            return new Standing(StatusReport.ModelState.PAUSED, "paused");
        }
        String failure = status.failing().get(relation);
        if (failure != null) {
            return new Standing(StatusReport.ModelState.FAILED, withoutMarks(failure));
        }
        for (TableId parent : parents.getOrDefault(relation, List.of())) {
            StatusReport.Model reported = above.get(parent);
            if (reported != null) {
                switch (reported.state()) {
                    case FAILED, PAUSED, HELD -> {
                        // Ten steps below the one to mend, its name says more than its whole message again.
                        return new Standing(
                                StatusReport.ModelState.HELD,
                                reported.state() == StatusReport.ModelState.HELD
                                        ? reported.reason()
                                        : Optional.of("'" + reported.name() + "', which it reads, "
                                                + (reported.state() == StatusReport.ModelState.PAUSED
                                                        ? "is paused"
                                                        : "fails")));
                    }
                    case LOADING -> {
                        return new Standing(StatusReport.ModelState.LOADING, reported.reason());
                    }
                    default -> {}
                }
            } else if (status.unready().contains(parent)) {
                return new Standing(StatusReport.ModelState.LOADING, "waiting for the load of " + parent);
            }
        }
        if (status.isRestating(relation)) {
            return new Standing(StatusReport.ModelState.RESTATING, status.held().get(relation));
        }
        String left = status.held().get(relation);
        if (left != null) {
            return new Standing(StatusReport.ModelState.HELD, withoutMarks(left));
        }
        String kept = undelivered.get(relation);
        if (kept != null) {
            return new Standing(StatusReport.ModelState.UNDELIVERED, kept);
        }
        return new Standing(StatusReport.ModelState.FRESH, Optional.empty());
    }

    /** Engines mark the place of an error with a line of carets, which is off as soon as the text is wrapped. */
    private static String withoutMarks(String message) {
        return message.lines().filter(line -> !MARKS.matcher(line).matches()).collect(Collectors.joining("\n"));
    }

    private StatusReport.Target target(PipelineStatus.Target target) {
        boolean paused = target.state().equals(Publisher.State.PAUSED.name());
        return new StatusReport.Target(
                target.name(),
                type(target.name()),
                target.state().toLowerCase(Locale.ROOT),
                paused ? Optional.of("paused") : target.problem(),
                target.deliveredCut(),
                activity.target(target.name()),
                activity.deliveredLag(target.name()));
    }

    private String type(String connection) {
        return Optional.ofNullable(project.connections().get(connection))
                .map(Connection::type)
                .orElse("");
    }
}
