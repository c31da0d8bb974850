package dev.freshet.transform.project.render;

import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaException;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.modules.DbtModules;
import dev.freshet.transform.project.config.NodeConfig;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.partial.KeptRenderings;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.yaml.TextRenderer;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Renders the templates of one project. Used by one thread until all is parsed, and by any number after that. */
public final class ModelRenderer {

    /** The dbt line that is emulated. */
    public static final String DBT_VERSION = "1.12.0";

    private static final Signature REF = Signature.of("ref", "first, second=None, version=None, v=None");
    private static final Signature SOURCE = Signature.of("source", "source_name, table_name");

    /**
     * What is known of the model being rendered.
     *
     * @param packageName the package that it is part of
     * @param output where it is delivered: its {@code target}
     * @param self its {@code this}
     * @param node its {@code model}
     * @param testArguments of a generic test, not rendered yet
     */
    public record Subject(
            String packageName,
            Connection output,
            Engine engine,
            Relation self,
            Map<String, Object> node,
            Map<String, @Nullable Object> testArguments) {}

    /** What templates see as {@code graph} while they are compiled. */
    private Supplier<Map<String, Object>> graph = Map::of;

    private List<String> selected = List.of();

    private final Invocation invocation;
    private final TemplateEnvironment templates;
    private final RenderMemory memory;
    private final Map<String, Map<String, Object>> bases = new ConcurrentHashMap<>();

    /**
     * @param kept asked before anything is rendered for the first time
     * @param warnings told what {@code exceptions.warn} says
     */
    public ModelRenderer(
            Invocation invocation,
            TemplateEnvironment templates,
            KeptRenderings kept,
            BiConsumer<Position, String> warnings) {
        this.invocation = invocation;
        this.templates = templates;
        this.memory = new RenderMemory(kept, templates, invocation, this::base, warnings);
    }

    /** @param graph asked when a template compiles; while parsing there is none, as in dbt */
    public void graph(Supplier<Map<String, Object>> graph) {
        this.graph = graph;
    }

    /** @param selected {@code selected_resources}: the unique ids that a command works on; none while parsing, as in dbt */
    public void selected(Collection<String> selected) {
        this.selected = List.copyOf(selected);
    }

    /** The first rendering: finds references and configuration. */
    public Capture parse(ModelText text, Subject subject) {
        return memory.parsed(text, subject, () -> rendered(text, subject));
    }

    private RenderMemory.Rendered<Capture> rendered(ModelText text, Subject subject) {
        Capture.Recorder recorder = new Capture.Recorder();
        References references = reference -> {
            recorder.reference(reference);
            return subject.self();
        };
        Map<String, Object> context = context(
                Phase.PARSE,
                subject,
                references,
                ConfigFunctions.parsing(recorder::config),
                recorder::asksForEngine,
                Databases.none());
        text.render(templates.of(Phase.PARSE, subject.packageName()), context, macro -> templates
                .uniqueId(macro)
                .ifPresent(recorder::macro));
        return new RenderMemory.Rendered<>(recorder.finish(), context);
    }

    /** The references in a template that is no node: an exposure's. */
    public List<Reference> references(ModelText text, String packageName, Connection output) {
        Engine engine = Engine.of(output.type());
        Relation self = Relation.named(output.name(), "", "", "", "", engine.style());
        return parse(text, new Subject(packageName, output, engine, self, Map.of(), Map.of()))
                .references();
    }

    /** The second rendering: the SQL. */
    public String compile(
            ModelText text,
            Subject subject,
            NodeConfig config,
            References references,
            Databases databases,
            Overrides overrides) {
        Phase phase = databases.isLive() ? Phase.RUN : Phase.COMPILE;
        Map<String, Object> context =
                context(phase, subject, references, ConfigFunctions.compiling(config), () -> {}, databases);
        overrides.applyTo(context, invocation.variables(subject.packageName()));
        return text.render(overrides.applied(templates.of(phase, subject.packageName())), context, macro -> {});
    }

    /**
     * What a node's materialization, hooks and operations are rendered with.
     *
     * @param config the node's configuration with dbt's defaults
     * @param overrides macros that give something else
     */
    public LiveRendering live(
            Subject subject,
            Map<String, @Nullable Object> config,
            References references,
            Databases databases,
            Overrides overrides) {
        Map<String, Object> context =
                context(Phase.RUN, subject, references, ConfigFunctions.running(config), () -> {}, databases);
        // Names of temporary tables are made of the time: it goes on while nodes run.
        context.put("modules", DbtModules.create(Clock.system(ZoneId.systemDefault())));
        return new LiveRendering(overrides.applied(templates.of(Phase.RUN, subject.packageName())), context);
    }

    /** The macro that builds models of a kind on an adapter: the project's, then a package's, then dbt's. */
    public Optional<MacroDefinition> materialization(String name, String adapterType) {
        return templates.materialization(name, adapterType);
    }

    /** The text of one of the macros that name relations, with an output as {@code target}. */
    public String name(
            NamingMacro macro,
            String packageName,
            Connection output,
            Optional<String> custom,
            Map<String, Object> node) {
        return memory.named(macro, packageName, output, custom, node, () -> {
            Map<String, Object> context = new HashMap<>(base(output));
            Engine engine = Engine.of(output.type());
            AdapterQueries queries =
                    new AdapterQueries(Phase.COMPILE, output, engine, invocation.outputs(), Databases.none());
            context.put("adapter", adapter(engine, queries, packageName, () -> {}));
            context.put("var", variables(packageName));
            context.put("execute", true);
            String name = macro.call(templates, packageName, context, custom, node);
            return new RenderMemory.Rendered<>(name, context);
        });
    }

    private VarFunction variables(String packageName) {
        return new VarFunction(invocation.variables(packageName), name -> memory.readVariable(packageName, name));
    }

    private JinjaFunction environment() {
        JinjaFunction function = DbtFunctions.envVarWithoutSecrets(invocation.environment());
        return (call, arguments, keywords) -> {
            Object name = arguments.isEmpty() ? keywords.get("name") : arguments.get(0);
            memory.readEnvironment(String.valueOf(name));
            return function.call(call, arguments, keywords);
        };
    }

    private AdapterObject adapter(Engine engine, AdapterQueries queries, String packageName, Runnable asked) {
        return new AdapterObject(engine, queries, invocation.project(), packageName, templates.searchOrders(), asked);
    }

    /** Whether the project, a package or dbt defines a materialization. */
    public boolean hasMaterialization(String name) {
        return templates.hasMaterialization(name);
    }

    /** Renders values in a package's YAML files, with an output as {@code target}. */
    public TextRenderer yaml(Connection output, String packageName) {
        Map<String, Object> context = new HashMap<>(base(output));
        context.put("var", variables(packageName));
        context.put("env_var", DbtFunctions.envVar(invocation.environment()));
        return yaml(templates, context);
    }

    /** Renders values in YAML files before an output is known. */
    public static TextRenderer yaml(Invocation invocation) {
        Map<String, Object> context = new HashMap<>(DbtFunctions.ALL);
        context.put("var", new VarFunction(invocation.variables(invocation.project()), name -> {}));
        context.put("env_var", DbtFunctions.envVar(invocation.environment()));
        return yaml(TemplateEnvironment.builtin(), context);
    }

    /**
     * Renders a description.
     *
     * @param doc what {@code doc} gives for one name, or a package and a name
     */
    public String description(String text, Position position, String packageName, Function<List<String>, String> doc) {
        Map<String, Object> context = new HashMap<>(DbtFunctions.ALL);
        context.put("var", variables(packageName));
        context.put("env_var", DbtFunctions.envVarWithoutSecrets(invocation.environment()));
        context.put("doc", JinjaFunction.of("doc", "first, second=None", (call, arguments) -> {
            List<String> names = new ArrayList<>(List.of(arguments.string(0)));
            if (!arguments.isNone(1)) {
                names.add(arguments.string(1));
            }
            return doc.apply(names);
        }));
        String padded = "{#" + "\n".repeat(position.line() - 1) + "#}" + text;
        return JinjaTemplate.parse(position.file(), padded).render(templates.of(Phase.COMPILE, packageName), context);
    }

    private static TextRenderer yaml(TemplateEnvironment templates, Map<String, Object> context) {
        return (text, position) -> {
            try {
                // Empty lines in front give the template the line numbers of the file.
                String padded = "{#" + "\n".repeat(position.line() - 1) + "#}" + text;
                return Values.plain(JinjaTemplate.parse(position.file(), padded)
                        .renderNative(templates.of(Phase.COMPILE, ""), context));
            } catch (JinjaException e) {
                throw e;
            } catch (FreshetException e) {
                throw position.mistake(String.valueOf(e.getMessage()));
            }
        };
    }

    /** What is the same for all models of an output. */
    private Map<String, Object> base(Connection output) {
        return bases.computeIfAbsent(output.name(), name -> newBase(output));
    }

    private Map<String, Object> newBase(Connection output) {
        Map<String, Object> context = new HashMap<>(DbtFunctions.ALL);
        Optional<String> schema = OutputDefaults.schema(output);
        context.put("var", variables(invocation.project()));
        context.put("env_var", environment());
        context.putAll(DbtFunctions.output(invocation.flags().output()));
        context.put("exceptions", ExceptionFunctions.of(memory::warned));
        context.put("target", target(output));
        context.put("schema", schema.isPresent() ? schema.get() : None.NONE);
        context.put("database", OutputDefaults.database(output));
        context.put("project_name", invocation.project());
        context.put("dbt_version", DBT_VERSION);
        context.put("invocation_id", invocation.id());
        context.put("run_started_at", DbtModules.dateTime(invocation.startedAt()));
        context.put("modules", DbtModules.create(Clock.fixed(invocation.startedAt(), ZoneId.systemDefault())));
        context.put(
                "flags",
                Flags.of(
                        invocation.command(),
                        invocation.fullRefresh(),
                        invocation.flags().values()));
        context.put("dbt_metadata_envs", ContextFunctions.metadata(invocation.environment()));
        context.put("invocation_args_dict", arguments());
        context.put("selected_resources", List.of());
        return context;
    }

    private Map<String, Object> target(Connection output) {
        Map<String, Object> target = TargetValues.of(invocation.profile(), output);
        Object threads = invocation.flags().values().get(CommandFlags.THREADS);
        if (threads != null) {
            target.put("threads", threads);
        }
        return target;
    }

    private Map<String, Object> arguments() {
        Map<String, Object> arguments = new LinkedHashMap<>(invocation.flags().arguments());
        arguments.put("which", invocation.command());
        if (invocation.fullRefresh()) {
            arguments.put("full_refresh", true);
        }
        return arguments;
    }

    private Map<String, Object> context(
            Phase phase,
            Subject subject,
            References references,
            ConfigFunctions config,
            Runnable asksForEngine,
            Databases databases) {
        Map<String, Object> context = new HashMap<>(base(subject.output()));
        context.put("var", variables(subject.packageName()));
        AdapterQueries queries =
                new AdapterQueries(phase, subject.output(), subject.engine(), invocation.outputs(), databases);
        AdapterObject adapter = adapter(subject.engine(), queries, subject.packageName(), asksForEngine);
        JinjaFunction ref = (call, arguments, keywords) -> ref(call, arguments, keywords, references);
        JinjaFunction source = (call, arguments, keywords) -> {
            Signature.Arguments names = SOURCE.bind(arguments, keywords);
            List<String> written = List.of(names.string(0), names.string(1));
            return resolve(
                    call,
                    references,
                    new Reference(Reference.Kind.SOURCE, written, Optional.empty(), DbtFunctions.position(call)));
        };
        context.put("ref", ref);
        context.put("source", source);
        context.put("config", config);
        context.put(
                "builtins", new LinkedHashMap<String, Object>(Map.of("ref", ref, "source", source, "config", config)));
        context.put("this", subject.self());
        context.put("model", subject.node());
        context.put("execute", phase != Phase.PARSE);
        context.put("graph", phase == Phase.PARSE ? Map.of() : graph.get());
        context.put("adapter", adapter);
        context.put(
                "api", ApiObject.of(subject.output().name(), subject.engine().style()));
        if (phase != Phase.PARSE) {
            context.put("selected_resources", selected);
        }
        addResults(context);
        ContextFunctions.addTo(context, templates.of(phase, subject.packageName()));
        if (!subject.testArguments().isEmpty()) {
            context.put(
                    TestArguments.NAME,
                    TestArguments.rendered(
                            subject.testArguments(), templates.of(phase, subject.packageName()), context));
        }
        return context;
    }

    /** {@code store_result} and {@code load_result}: what {@code statement} found, while this node is rendered. */
    private static void addResults(Map<String, Object> context) {
        Map<String, Object> results = new HashMap<>();
        context.put(
                "store_result",
                JinjaFunction.of("store_result", "name, response, agate_table=None", (call, arguments) -> {
                    Map<String, Object> result = new LinkedHashMap<>();
                    result.put("response", arguments.value(1));
                    Object table = arguments.value(2);
                    result.put("data", table instanceof ResultTable rows ? rows.matrix() : new ArrayList<>());
                    result.put("table", table);
                    results.put(arguments.string(0), result);
                    return "";
                }));
        context.put(
                "store_raw_result",
                JinjaFunction.of(
                        "store_raw_result",
                        "name, message=None, code=None, rows_affected=None, agate_table=None",
                        (call, arguments) -> call.call(
                                context.get("store_result"),
                                List.of(arguments.value(0), ContextFunctions.response(arguments), arguments.value(4)),
                                Map.of())));
        context.put(
                "load_result",
                JinjaFunction.of(
                        "load_result",
                        "name",
                        (call, arguments) -> results.getOrDefault(arguments.string(0), None.NONE)));
    }

    private static Object ref(
            CallContext call, List<Object> arguments, Map<String, Object> keywords, References references) {
        Signature.Arguments names = REF.bind(arguments, keywords);
        List<String> written = names.isNone(1) ? List.of(names.string(0)) : List.of(names.string(0), names.string(1));
        int version = names.isNone(2) ? 3 : 2;
        Optional<String> wanted = names.isNone(version) ? Optional.empty() : Optional.of(names.text(version));
        return resolve(
                call, references, new Reference(Reference.Kind.REF, written, wanted, DbtFunctions.position(call)));
    }

    private static Relation resolve(CallContext call, References references, Reference reference) {
        try {
            return references.resolve(reference);
        } catch (JinjaException e) {
            throw e;
        } catch (FreshetException e) {
            throw call.error(String.valueOf(e.getMessage()));
        }
    }
}
