package dev.freshet.transform.project;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.config.ConfigHierarchy;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.config.Profile;
import dev.freshet.transform.project.config.Profiles;
import dev.freshet.transform.project.config.ProjectFile;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.config.PropertiesFile;
import dev.freshet.transform.project.config.PropertiesReader;
import dev.freshet.transform.project.config.SourceProperties;
import dev.freshet.transform.project.config.Variables;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectFiles;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SourceNode;
import dev.freshet.transform.project.node.SourceTable;
import dev.freshet.transform.project.parse.AccessRules;
import dev.freshet.transform.project.parse.DocsBlocks;
import dev.freshet.transform.project.parse.IgnoredSettings;
import dev.freshet.transform.project.parse.NodeFiles;
import dev.freshet.transform.project.parse.NodeParser;
import dev.freshet.transform.project.parse.PropertyNodes;
import dev.freshet.transform.project.parse.RequiredVersion;
import dev.freshet.transform.project.parse.UnitTestReader;
import dev.freshet.transform.project.partial.Fingerprint;
import dev.freshet.transform.project.partial.KeptRenderings;
import dev.freshet.transform.project.partial.PartialParsing;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.CommandFlags;
import dev.freshet.transform.project.render.Invocation;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.Quoting;
import dev.freshet.transform.project.render.TemplateEnvironment;
import dev.freshet.transform.project.selection.SelectorsFile;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One load of a project. Used once. */
final class ProjectLoad {

    private final Path directory;
    private final ProjectLoader.Options options;
    private final String command;
    private final PartialParsing partial;
    private final Problems problems = new Problems();
    /** Templates warn from the threads of a run too. */
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

    private final Map<String, String> disabled = new LinkedHashMap<>();
    private Quoting quoting = Quoting.ALL;

    /** @param command {@code flags.WHICH} */
    ProjectLoad(Path directory, ProjectLoader.Options options, String command, PartialParsing partial) {
        this.command = command;
        this.partial = partial;
        this.directory = directory;
        this.options = options;
    }

    ParsedProject project() {
        ProjectFile written = ProjectFile.read(directory);
        warnings.addAll(written.warnings());
        Map<String, ProjectPackage> packages = ProjectPackage.all(directory, written);
        warnings.addAll(written.unusedSections(packages.keySet()));
        if (options.flags().isOn(CommandFlags.VERSION_CHECK, true)) {
            packages.values().forEach(each -> problems.attempt(() -> RequiredVersion.check(each.file())));
            problems.throwIfAny();
        }
        Map<String, Variables> variables = variables(written, packages.values());
        TextRenderer early = ModelRenderer.yaml(invocation(written.name(), "", variables, Map.of()));
        Profile profile = Profiles.read(
                directory,
                options.profilesDir(),
                options.home(),
                wantedProfile(written, early),
                options.target(),
                early);
        TemplateEnvironment templates = templates(written, packages.values());
        problems.throwIfAny();
        KeptRenderings kept = kept(written, profile);
        ModelRenderer renderer = new ModelRenderer(
                invocation(written.name(), profile.name(), variables, profile.outputs()),
                templates,
                kept,
                (position, warning) -> warn(position + ": " + warning));
        Map<String, ProjectFile> rendered = new LinkedHashMap<>();
        packages.values()
                .forEach(each -> rendered.put(
                        each.name(), each.file().rendered(renderer.yaml(profile.defaultOutput(), each.name()))));
        quoting = Quoting.ALL.with(written.written().mapping("quoting").value());
        ConfigHierarchy hierarchy = new ConfigHierarchy(written.name(), rendered);
        Properties properties = new Properties(Map.of(), List.of(), List.of());
        for (ProjectPackage each : packages.values()) {
            properties =
                    properties.and(properties(each, hierarchy, renderer.yaml(profile.defaultOutput(), each.name())));
        }
        warnings.addAll(properties.warnings());
        Map<String, SourceNode> sources = sources(profile, properties);
        NodeParser parser = new NodeParser(profile, hierarchy, properties, renderer);
        NodeFiles nodeFiles = new NodeFiles(problems, disabled);
        List<ParsedNode> nodes = nodeFiles.parse(
                packages.values(), properties, parser, name -> renderer.yaml(profile.defaultOutput(), name));
        nodeFiles.pythonModels().forEach(file -> warn(file + ": Python models are not supported: only SQL is run"));
        Map<Position, String> missing = packages.size() == 1 ? IgnoredSettings.missingPackages(directory) : Map.of();
        if (!problems.isEmpty()) {
            missing.forEach(problems::add);
        }
        warnAboutPropertiesWithoutNode(written.name(), properties, nodes);
        Map<String, String> latest = latestVersions(properties);
        NodeIndex index = NodeIndex.of(
                written.name(),
                packages.keySet(),
                nodes,
                latest,
                sources.values(),
                disabled,
                written.flag(NodeIndex.OWN_PACKAGE_FIRST),
                problems);
        Assembly.Graph graph =
                new Assembly(index, sources, nodes, parser, problems, this::warn).graph(options.maintainAll());
        AccessRules access = AccessRules.of(packages.values(), properties, index);
        access.check(graph.nodes().values(), problems);
        DocsBlocks docs = DocsBlocks.read(written.name(), packages.values(), renderer, problems);
        Map<String, Map<String, @Nullable Object>> propertyNodes = new PropertyNodes(
                        index,
                        hierarchy,
                        access,
                        new UnitTestReader(index, hierarchy, packages, properties, docs, options.startedAt()),
                        renderer,
                        profile.defaultOutput(),
                        docs,
                        problems,
                        options.startedAt().toEpochMilli() / 1000.0)
                .read(properties);
        problems.throwIfAny();
        ManifestBuilder.Parsed parsed = new ManifestBuilder.Parsed(
                written.name(),
                packages.values(),
                properties,
                docs,
                templates,
                sources,
                graph,
                nodeFiles.disabledNodes(),
                propertyNodes,
                latest,
                SelectorsFile.read(directory, renderer.yaml(profile.defaultOutput(), written.name())),
                outputTypes(profile),
                profile.defaultOutput().type(),
                quoting,
                invocation(written.name(), profile.name(), variables, Map.of()).id(),
                options.startedAt());
        IgnoredSettings.of(directory, packages.size() > 1, nodes, graph.routes())
                .forEach(this::warn);
        ParsedProject.Frame frame = new ParsedProject.Frame(
                directory,
                targetDirectory(written),
                written.name(),
                profile.outputs(),
                profile.target(),
                warnings,
                missing,
                options.flags().isOn(CommandFlags.STORE_FAILURES, false));
        kept.write();
        return new ParsedProject(frame, parsed, index, parser, renderer, kept.rendered());
    }

    private Path targetDirectory(ProjectFile written) {
        return directory
                .resolve(options.flags().targetPath().orElse(Path.of(written.targetPath())))
                .normalize();
    }

    private KeptRenderings kept(ProjectFile written, Profile profile) {
        if (!partial.isOn(written.written().mapping("flags").text("partial_parse"))) {
            return KeptRenderings.none();
        }
        return KeptRenderings.in(targetDirectory(written), () -> {
            List<Object> outputs = new ArrayList<>();
            new TreeMap<>(profile.outputs())
                    .forEach((name, output) ->
                            outputs.add(List.of(name, output.type(), new TreeMap<>(output.settings()))));
            return Fingerprint.of(List.of(
                    ModelRenderer.DBT_VERSION,
                    written.name(),
                    profile.name(),
                    outputs,
                    new TreeMap<>(written.searchOrders())));
        });
    }

    private static Map<String, String> outputTypes(Profile profile) {
        Map<String, String> types = new LinkedHashMap<>();
        profile.outputs().forEach((name, output) -> types.put(name, output.type()));
        return types;
    }

    private Map<String, Variables> variables(ProjectFile root, Collection<ProjectPackage> packages) {
        Map<String, Variables> variables = new LinkedHashMap<>();
        for (ProjectPackage each : packages) {
            variables.put(
                    each.name(),
                    each.isRoot()
                            ? Variables.of(root.name(), root.vars(), options.vars())
                            : Variables.ofPackage(each.name(), each.file().vars(), root.vars(), options.vars()));
        }
        return variables;
    }

    private static Map<String, String> latestVersions(Properties properties) {
        Map<String, String> latest = new LinkedHashMap<>();
        properties.section("models").forEach(model -> ModelVersions.latest(model)
                .ifPresent(number -> latest.put(model.packageName() + "." + model.name(), number)));
        return latest;
    }

    private Invocation invocation(
            String project, String profile, Map<String, Variables> variables, Map<String, Connection> outputs) {
        String id = UUID.nameUUIDFromBytes((project + options.startedAt()).getBytes(StandardCharsets.UTF_8))
                .toString();
        return new Invocation(
                project,
                profile,
                variables,
                outputs,
                options.environment(),
                options.startedAt(),
                id,
                command,
                options.fullRefresh(),
                options.flags());
    }

    private Profiles.Wanted wantedProfile(ProjectFile file, TextRenderer renderer) {
        if (options.profile().isPresent()) {
            return new Profiles.Wanted(options.profile().get(), Optional.empty());
        }
        YamlNode written = file.profile()
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        ProjectFile.FILE + " needs 'profile': name a profile of profiles.yml there or pass --profile"));
        String name = String.valueOf(
                new YamlRendering(renderer, Set.of()).node(written).value());
        return new Profiles.Wanted(name, Optional.of(file.written().keyPosition("profile")));
    }

    private TemplateEnvironment templates(ProjectFile root, Collection<ProjectPackage> packages) {
        List<JinjaTemplate> own = List.of();
        Map<String, List<JinjaTemplate>> installed = new LinkedHashMap<>();
        for (ProjectPackage each : packages) {
            if (each.isRoot()) {
                own = macros(each);
            } else {
                installed.put(each.name(), macros(each));
            }
        }
        return TemplateEnvironment.of(root.name(), own, installed, root.searchOrders());
    }

    /** The files of macros, and those of generic tests. */
    private List<JinjaTemplate> macros(ProjectPackage of) {
        List<JinjaTemplate> parsed = new ArrayList<>();
        Map<String, MacroDefinition> byName = new HashMap<>();
        List<ProjectFiles.Found> found =
                new ArrayList<>(of.files().under(of.file().macroPaths(), ".sql"));
        List<String> generic = of.file().testPaths().stream()
                .map(path -> path + "/" + NodeFiles.GENERIC_TESTS)
                .toList();
        found.addAll(of.files().under(generic, ".sql"));
        for (ProjectFiles.Found file : found) {
            problems.attempt(() -> {
                JinjaTemplate template = JinjaTemplate.parse(file.path(), ProjectFiles.text(file));
                template.macros().forEach(macro -> checkName(macro, byName.putIfAbsent(macro.uniqueName(), macro)));
                parsed.add(template);
            });
        }
        return parsed;
    }

    private void checkName(MacroDefinition macro, @Nullable MacroDefinition first) {
        if (first != null) {
            problems.add(
                    new Position(macro.location().file(), macro.location().line()),
                    "the macro '" + macro.name() + "' is already defined at " + first.location()
                            + "; rename one of the two");
        }
    }

    private Properties properties(ProjectPackage of, ConfigHierarchy hierarchy, TextRenderer renderer) {
        PropertiesReader reader = new PropertiesReader(of.name(), hierarchy, renderer, problems);
        Set<String> roots = new LinkedHashSet<>();
        for (List<String> some : List.of(
                of.file().modelPaths(),
                of.file().seedPaths(),
                of.file().snapshotPaths(),
                of.file().analysisPaths(),
                of.file().macroPaths(),
                of.file().testPaths())) {
            roots.addAll(some);
        }
        for (ProjectFiles.Found found : of.files().under(List.copyOf(roots), ".yml", ".yaml")) {
            PropertiesFile file = new PropertiesFile(found.original(), found.pathBelowRoot(), found.directories());
            problems.attempt(() -> reader.add(YamlFile.read(found.location(), found.path()), file));
        }
        return reader.properties();
    }

    private Map<String, SourceNode> sources(Profile profile, Properties properties) {
        Map<String, SourceNode> sources = new LinkedHashMap<>();
        for (SourceProperties declared : properties.sources()) {
            problems.attempt(() -> source(profile, declared)
                    .ifPresent(source -> sources.put(source.table().uniqueId(), source)));
        }
        return sources;
    }

    private Optional<SourceNode> source(Profile profile, SourceProperties source) {
        if (!source.config().flag("enabled", true, source.position())) {
            disabled.put(
                    source.packageName() + "." + source.qualifiedName(),
                    source.position().toString());
            return Optional.empty();
        }
        String user = "source '" + source.source() + "'";
        Connection connection;
        try {
            connection = source.connection()
                    .map(named -> profile.routed(named, user))
                    .orElseGet(() -> profile.output(profile.target(), user));
        } catch (FreshetException e) {
            throw source.position().mistake(String.valueOf(e.getMessage()));
        }
        TableId table = new TableId(connection.name(), source.schema(), source.identifier());
        String database = source.database().orElse(OutputDefaults.database(connection));
        SourceTable identified = new SourceTable(
                "source." + source.packageName() + "." + source.qualifiedName(),
                table,
                source.declaredTypes(),
                source.position().file(),
                source.position().line());
        return Optional.of(new SourceNode(
                identified,
                source.packageName(),
                source.qualifiedName(),
                database,
                source.connection().isPresent(),
                quoting.with(source.sourceWritten().mapping("quoting").value())
                        .with(source.written().mapping("quoting").value())));
    }

    private void warnAboutPropertiesWithoutNode(String project, Properties properties, List<ParsedNode> nodes) {
        for (ResourceType type : List.of(ResourceType.MODEL, ResourceType.SEED, ResourceType.SNAPSHOT)) {
            Set<String> names = new LinkedHashSet<>();
            nodes.stream()
                    .filter(node ->
                            node.type() == type && node.source().project().equals(project))
                    .forEach(node -> names.add(node.source().name()));
            disabled.keySet().forEach(name -> names.add(name.substring(name.indexOf('.') + 1)));
            properties.section(type.section()).stream()
                    .filter(declared -> declared.packageName().equals(project) && !names.contains(declared.name()))
                    .forEach(declared -> warn(declared.position() + ": there is no " + type.id() + " '"
                            + declared.name() + "' for these properties"
                            + NearestName.hint(declared.name(), names)));
        }
    }

    private void warn(String warning) {
        if (!warnings.contains(warning)) {
            warnings.add(warning);
        }
    }
}
