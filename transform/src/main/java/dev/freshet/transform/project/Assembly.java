package dev.freshet.transform.project;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.graph.DependencyGraph;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Engine;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts parsed models together: resolves references, orders the graph, routes, compiles. Used once. */
final class Assembly {

    /** A model told of another engine may read other tables, which may route it differently; more than this is a template that never settles. */
    private static final int MOST_ROUNDS = 4;

    private final NodeIndex index;
    private final Map<String, SourceNode> sources;
    private final Map<String, ParsedModel> models = new LinkedHashMap<>();
    private final ModelParser parser;
    private final ModelRenderer renderer;
    private final Problems problems;

    Assembly(
            NodeIndex index,
            Map<String, SourceNode> sources,
            Collection<ParsedModel> models,
            ModelParser parser,
            ModelRenderer renderer,
            Problems problems) {
        this.index = index;
        this.sources = sources;
        models.forEach(model -> this.models.putIfAbsent(model.uniqueId(), model));
        this.parser = parser;
        this.renderer = renderer;
        this.problems = problems;
    }

    /** @throws dev.freshet.state.FreshetException USER with everything that is wrong */
    List<Model> models(boolean maintainAll) {
        checkRelations();
        Map<String, List<String>> parents = resolve();
        Map<String, Model.Route> routes = routes(parents, maintainAll);
        for (int round = 1; parseForTheirEngines(routes); round++) {
            parents = resolve();
            routes = routes(parents, maintainAll);
            if (round == MOST_ROUNDS) {
                throw new IllegalStateException("the routes of " + index.project() + " never settle: " + routes);
            }
        }
        return compile(parents, routes);
    }

    private Map<String, List<String>> resolve() {
        Map<String, List<String>> parents = new LinkedHashMap<>();
        for (ParsedModel model : models.values()) {
            List<String> reads = new ArrayList<>();
            for (Reference reference : model.capture().references()) {
                Optional<String> id = index.uniqueId(reference);
                if (id.isPresent()) {
                    reads.add(id.get());
                } else {
                    problems.add(
                            reference.position(), index.missing(model.source().name(), reference));
                }
            }
            parents.put(model.uniqueId(), reads.stream().distinct().toList());
        }
        List<String> cycle = new DependencyGraph(parents).cycle();
        if (!cycle.isEmpty()) {
            // Written from reader to read, the way a person follows ref() through the files.
            List<String> path = new ArrayList<>();
            for (int i = cycle.size() - 1; i >= 0; i--) {
                path.add(models.get(cycle.get(i)).source().name());
            }
            problems.add(
                    models.get(cycle.get(0)).source().start(),
                    "models depend on each other in a cycle: " + String.join(" -> ", path)
                            + "; remove one of these ref() calls");
        }
        problems.throwIfAny();
        return parents;
    }

    /** Two models with one relation, or a model over a source's table, would overwrite each other. */
    private void checkRelations() {
        Map<TableId, String> owners = new HashMap<>();
        sources.values()
                .forEach(source -> owners.put(
                        source.table().table(),
                        "source '" + source.qualifiedName() + "' ("
                                + source.table().file() + ")"));
        for (ParsedModel model : models.values()) {
            if (model.isEphemeral()) {
                continue;
            }
            String owner = owners.putIfAbsent(
                    model.relation(),
                    "model '" + model.source().name() + "' (" + model.source().file() + ")");
            if (owner != null) {
                problems.add(
                        model.configured(),
                        "model '" + model.source().name() + "' would be written to '" + model.relation()
                                + "', which belongs to " + owner + "; give it another alias or schema");
            }
        }
    }

    private Map<String, Model.Route> routes(Map<String, List<String>> parents, boolean maintainAll) {
        return new Router(models, sources, parents, maintainAll).routes();
    }

    private Engine engine(ParsedModel model, Map<String, Model.Route> routes) {
        return routes.get(model.uniqueId()) == Model.Route.MAINTAINED
                ? Engine.STATE_STORE
                : Engine.of(model.output().type());
    }

    /** Parses again the models whose template asked for an engine and was told of another one than theirs; whether there were any. */
    private boolean parseForTheirEngines(Map<String, Model.Route> routes) {
        boolean any = false;
        for (ParsedModel model : List.copyOf(models.values())) {
            Engine engine = engine(model, routes);
            if (model.capture().asksForEngine()
                    && !engine.adapterType().equals(model.parsedFor().adapterType())) {
                problems.attempt(() -> models.put(model.uniqueId(), parser.parseFor(model.source(), engine)));
                any = true;
            }
        }
        problems.throwIfAny();
        return any;
    }

    private List<Model> compile(Map<String, List<String>> parents, Map<String, Model.Route> routes) {
        ModelCompiler compiler = new ModelCompiler(index, models, sources, renderer);
        List<Model> compiled = new ArrayList<>();
        for (String id : new DependencyGraph(parents).order()) {
            ParsedModel model = models.get(id);
            if (model != null) {
                problems.attempt(() -> compiled.add(compile(model, parents.get(id), routes, compiler)));
            }
        }
        problems.throwIfAny();
        return compiled;
    }

    private Model compile(
            ParsedModel model, List<String> parents, Map<String, Model.Route> routes, ModelCompiler compiler) {
        return new Model(
                model.uniqueId(),
                model.source().name(),
                model.relation(),
                model.materialization(),
                routes.get(model.uniqueId()),
                parents,
                compiler.compile(model, engine(model, routes)),
                model.uniqueKey(),
                model.tags(),
                model.source().fqn(),
                model.source().file());
    }
}
