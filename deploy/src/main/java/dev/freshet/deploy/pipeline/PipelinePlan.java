package dev.freshet.deploy.pipeline;

import dev.freshet.ingest.ChangeBuffer;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PipelineOwner;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a project asks of its surroundings: which tables to capture where, and which models to deliver where. Only sources that a maintained model
 * reads are captured.
 *
 * @param sources tables by connection
 * @param targets maintained models by output, parents before children
 */
public record PipelinePlan(Map<String, List<TableId>> sources, Map<String, List<PublishedModel>> targets) {

    /** The plan of a service: every maintained model. */
    static PipelinePlan of(Project project) {
        return of(
                project,
                project.models(),
                model -> model.keepsHistory() || model.materialization() == Model.Materialization.SEED);
    }

    /** The plan of some models of a project, given parents before children and with their ephemeral parents. */
    public static PipelinePlan of(Project project, List<Model> models) {
        return of(project, models, model -> false);
    }

    private static PipelinePlan of(Project project, List<Model> models, Predicate<Model> furtherModels) {
        Map<String, SourceTable> byId = new HashMap<>();
        project.sources().forEach(source -> byId.put(source.uniqueId(), source));
        Map<String, Set<TableId>> sources = new TreeMap<>();
        Map<String, List<PublishedModel>> targets = new TreeMap<>();
        Map<String, Model> ephemeral = new HashMap<>();
        for (Model model : models) {
            if (model.materialization() == Model.Materialization.EPHEMERAL) {
                ephemeral.put(model.uniqueId(), model);
                continue;
            }
            if (model.route() != Model.Route.MAINTAINED) {
                continue;
            }
            if (!model.materialization().isRunnable() && !furtherModels.test(model)) {
                throw notRunnable(model);
            }
            targets.computeIfAbsent(model.relation().connection(), name -> new ArrayList<>())
                    .add(new PublishedModel(model.relation(), model.uniqueKey()));
            collect(model, byId, ephemeral, sources);
        }
        if (targets.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "project '" + project.name()
                            + "' has no model that Freshet can maintain: a maintained model reads tables of a source with a 'connection:', or other maintained models."
                            + " Give a source in models/*.yml 'connection: <an output of profiles.yml>', or a model that reads its own target the config 'meta: {freshet: {maintain: true}}';"
                            + " 'freshet run' builds the project as it is");
        }
        Map<String, List<TableId>> tables = new TreeMap<>();
        sources.forEach((name, ids) -> tables.put(name, ids.stream().sorted().toList()));
        return new PipelinePlan(tables, targets);
    }

    /** The answer to a model of a materialization that can be compiled and not be built yet. */
    public static FreshetException notRunnable(Model model) {
        return new FreshetException(
                ErrorKind.USER,
                "model '" + model.name() + "' (" + model.file() + ") is materialized as '"
                        + model.materialization().name().toLowerCase(Locale.ROOT)
                        + "', which can't be built yet; use 'table': Freshet keeps it fresh by deltas without any is_incremental()");
    }

    private static void collect(
            Model model,
            Map<String, SourceTable> byId,
            Map<String, Model> ephemeral,
            Map<String, Set<TableId>> sources) {
        for (String parent : model.dependsOn()) {
            SourceTable source = byId.get(parent);
            if (source != null) {
                sources.computeIfAbsent(source.table().connection(), name -> new LinkedHashSet<>())
                        .add(source.table());
            } else if (ephemeral.containsKey(parent)) {
                collect(ephemeral.get(parent), byId, ephemeral, sources);
            }
        }
    }

    ChangeSourceFactory.Setup setup(
            Project project,
            String name,
            Optional<PipelineOwner> owner,
            Takeover takeover,
            Path scratch,
            Function<TableId, ChangeBuffer> buffers) {
        return new ChangeSourceFactory.Setup(
                connection(project, name),
                project.pipeline(),
                owner,
                sources.get(name),
                declaredTypes(project, name),
                takeover,
                scratch,
                buffers);
    }

    /** The column types that the project declares, by table of a connection. */
    public Map<TableId, Map<String, String>> declaredTypes(Project project, String name) {
        Map<TableId, Map<String, String>> types = new HashMap<>();
        project.sources().stream()
                .filter(source -> sources.get(name).contains(source.table()))
                .forEach(source -> types.put(source.table(), source.declaredTypes()));
        return types;
    }

    /** @throws FreshetException USER naming the outputs there are */
    public static Connection connection(Project project, String name) {
        Connection connection = project.connections().get(name);
        if (connection == null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "there is no output '" + name + "' in the profile; it has "
                            + String.join(
                                    ", ", new TreeSet<>(project.connections().keySet())));
        }
        return connection;
    }
}
