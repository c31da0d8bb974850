package dev.freshet.transform.project;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.config.ConfigTree;
import dev.freshet.transform.project.config.OutputDefaults;
import dev.freshet.transform.project.config.Profile;
import dev.freshet.transform.project.config.Profiles;
import dev.freshet.transform.project.config.ProjectFile;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.config.PropertiesReader;
import dev.freshet.transform.project.config.SourceProperties;
import dev.freshet.transform.project.config.Variables;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.Invocation;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.render.TemplateEnvironment;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One load of a project. Used once. */
final class ProjectLoad {

    private final Path directory;
    private final ProjectLoader.Options options;
    private final ProjectFiles files;
    private final Problems problems = new Problems();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, String> disabled = new LinkedHashMap<>();

    ProjectLoad(Path directory, ProjectLoader.Options options) {
        this.directory = directory;
        this.options = options;
        this.files = new ProjectFiles(directory);
    }

    Project project() {
        ProjectFile written = ProjectFile.read(directory);
        warnings.addAll(written.warnings());
        Variables variables = Variables.of(written.name(), written.vars(), options.vars());
        TextRenderer early = ModelRenderer.yaml(invocation(written.name(), "", variables));
        Profile profile = Profiles.read(
                directory, options.profilesDir(), options.home(), profileName(written, early), options.target(), early);
        TemplateEnvironment templates = templates(written);
        problems.throwIfAny();
        ModelRenderer renderer = new ModelRenderer(
                invocation(written.name(), profile.name(), variables),
                templates,
                (position, warning) -> warn(position + ": " + warning));
        TextRenderer yaml = renderer.yaml(profile.defaultOutput());
        ProjectFile file = written.rendered(yaml);
        Properties properties = properties(file, yaml);
        Map<String, SourceNode> sources = sources(file.name(), profile, properties);
        ModelParser parser = new ModelParser(profile, new ConfigTree(file.models()), properties, renderer);
        List<ParsedModel> models = parse(file, parser);
        warnAboutPropertiesWithoutModel(properties, models);
        NodeIndex index = NodeIndex.of(file.name(), models, sources.values(), disabled, unsupported(file), problems);
        Assembly assembly = new Assembly(index, sources, models, parser, renderer, problems);
        List<Model> compiled = assembly.models(options.maintainAll());
        compiled.forEach(this::warnAboutView);
        IgnoredSettings.of(directory, written, models).forEach(this::warn);
        Map<String, Connection> connections = profile.outputs();
        return new Project(
                directory,
                directory.resolve(file.targetPath()).normalize(),
                file.name(),
                connections,
                profile.target(),
                sources.values().stream().map(SourceNode::table).toList(),
                compiled,
                warnings);
    }

    private Invocation invocation(String project, String profile, Variables variables) {
        String id = UUID.nameUUIDFromBytes((project + options.startedAt()).getBytes(StandardCharsets.UTF_8))
                .toString();
        return new Invocation(
                project, profile, variables, options.environment(), options.startedAt(), id, options.fullRefresh());
    }

    private String profileName(ProjectFile file, TextRenderer renderer) {
        if (options.profile().isPresent()) {
            return options.profile().get();
        }
        YamlNode written = file.profile()
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        ProjectFile.FILE + " needs 'profile': name a profile of profiles.yml there or pass --profile"));
        return String.valueOf(
                new YamlRendering(renderer, Set.of()).node(written).value());
    }

    private TemplateEnvironment templates(ProjectFile file) {
        Map<String, List<JinjaTemplate>> packages = new LinkedHashMap<>();
        for (InstalledPackage installed : InstalledPackage.of(directory)) {
            if (installed.name().equals(file.name()) || packages.containsKey(installed.name())) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "'" + installed.directory() + "' is a second package named '" + installed.name()
                                + "'; remove one of the two");
            }
            packages.put(installed.name(), macros(installed.macroPaths()));
        }
        return TemplateEnvironment.of(file.name(), macros(file.macroPaths()), packages);
    }

    private List<JinjaTemplate> macros(List<String> paths) {
        List<JinjaTemplate> parsed = new ArrayList<>();
        Map<String, MacroDefinition> byName = new HashMap<>();
        for (ProjectFiles.Found found : files.under(paths, ".sql")) {
            problems.attempt(() -> {
                JinjaTemplate template = JinjaTemplate.parse(found.path(), ProjectFiles.text(found));
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

    private Properties properties(ProjectFile file, TextRenderer renderer) {
        PropertiesReader reader = new PropertiesReader(file.name(), new ConfigTree(file.sources()), renderer, problems);
        for (ProjectFiles.Found found : files.under(file.modelPaths(), ".yml", ".yaml")) {
            problems.attempt(() -> reader.add(YamlFile.read(found.location(), found.path()), found.directories()));
        }
        Properties properties = reader.properties();
        warnings.addAll(properties.warnings());
        return properties;
    }

    private Map<String, SourceNode> sources(String project, Profile profile, Properties properties) {
        Map<String, SourceNode> sources = new LinkedHashMap<>();
        for (SourceProperties declared : properties.sources().values()) {
            problems.attempt(() -> source(project, profile, declared)
                    .ifPresent(source -> sources.put(source.table().uniqueId(), source)));
        }
        return sources;
    }

    private Optional<SourceNode> source(String project, Profile profile, SourceProperties source) {
        if (!source.config().flag("enabled", true, source.position())) {
            disabled.put(source.qualifiedName(), source.position().toString());
            return Optional.empty();
        }
        Connection connection;
        try {
            connection =
                    profile.output(source.connection().orElse(profile.target()), "source '" + source.source() + "'");
        } catch (FreshetException e) {
            throw source.position().mistake(String.valueOf(e.getMessage()));
        }
        TableId table = new TableId(connection.name(), source.schema(), source.identifier());
        String database = source.database().orElse(OutputDefaults.database(connection));
        SourceTable identified = new SourceTable(
                "source." + project + "." + source.qualifiedName(),
                table,
                source.declaredTypes(),
                source.position().file(),
                source.position().line());
        return Optional.of(new SourceNode(
                identified,
                source.qualifiedName(),
                database,
                source.connection().isPresent()));
    }

    private List<ParsedModel> parse(ProjectFile file, ModelParser parser) {
        List<ParsedModel> enabled = new ArrayList<>();
        for (ProjectFiles.Found found : files.under(file.modelPaths(), ".sql")) {
            problems.attempt(() -> {
                ParsedModel model = parser.parse(ModelSource.read(file.name(), found));
                if (model.config().flag("enabled", true, model.configured())) {
                    enabled.add(model);
                } else {
                    disabled.putIfAbsent(model.source().name(), model.source().file());
                }
            });
        }
        return enabled;
    }

    /** Kinds of nodes that a ref may mean and that are not read yet, so that the message is not "not found". */
    private Map<String, String> unsupported(ProjectFile file) {
        Map<String, String> kinds = new LinkedHashMap<>();
        files.under(file.seedPaths(), ".csv").forEach(found -> kinds.put(found.baseName(), "seed"));
        files.under(file.snapshotPaths(), ".sql").forEach(found -> kinds.put(found.baseName(), "snapshot"));
        files.under(file.modelPaths(), ".py").forEach(found -> kinds.put(found.baseName(), "Python model"));
        return kinds;
    }

    private void warnAboutPropertiesWithoutModel(Properties properties, List<ParsedModel> models) {
        List<String> names = new ArrayList<>(
                models.stream().map(model -> model.source().name()).toList());
        names.addAll(disabled.keySet());
        properties.models().values().stream()
                .filter(declared -> !names.contains(declared.name()))
                .forEach(declared -> warn(declared.position() + ": there is no model '" + declared.name()
                        + "' for these properties" + NearestName.hint(declared.name(), names)));
    }

    private void warnAboutView(Model model) {
        if (model.materialization() == Model.Materialization.VIEW && model.route() == Model.Route.MAINTAINED) {
            warn("DVT001: " + model.file() + ": view '" + model.name()
                    + "' is maintained by Freshet and delivered as a table; say materialized='table' to agree");
        }
    }

    private void warn(String warning) {
        if (!warnings.contains(warning)) {
            warnings.add(warning);
        }
    }
}
