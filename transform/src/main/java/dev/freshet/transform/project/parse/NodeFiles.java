package dev.freshet.transform.project.parse;

import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectFiles;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.node.SnapshotRules;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.yaml.TextRenderer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Finds the files that are nodes, in the project and its packages, and parses them. Used once. */
public final class NodeFiles {

    /** The directory of test paths that holds macros. */
    public static final String GENERIC_TESTS = "generic";
    /** The directory of test paths that holds the rows of unit tests. */
    static final String FIXTURES = "fixtures";

    private final Problems problems;
    private final Map<String, String> disabled;
    private final List<ParsedNode> enabled = new ArrayList<>();
    private final List<ParsedNode> switchedOff = new ArrayList<>();
    private final List<String> pythonModels = new ArrayList<>();

    /** @param disabled filled with {@code package.name} of disabled nodes and where they are */
    public NodeFiles(Problems problems, Map<String, String> disabled) {
        this.problems = problems;
        this.disabled = disabled;
    }

    /**
     * Parses them all; what is wrong with one is added to the problems.
     *
     * @return those that are enabled
     */
    public List<ParsedNode> parse(
            Collection<ProjectPackage> packages,
            Properties properties,
            NodeParser parser,
            Function<String, TextRenderer> renderers) {
        for (ProjectPackage each : packages) {
            for (ProjectFiles.Found found : each.files().under(each.file().modelPaths(), ".sql")) {
                problems.attempt(() -> add(
                        ModelVersions.versioned(NodeSource.read(ResourceType.MODEL, each.name(), found), properties),
                        parser));
            }
            for (ProjectFiles.Found found : each.files().under(each.file().modelPaths(), ".py")) {
                pythonModels.add(found.path());
                disabled.putIfAbsent(each.name() + "." + found.baseName(), found.path());
            }
            for (ProjectFiles.Found found : each.files().under(each.file().seedPaths(), ".csv")) {
                problems.attempt(() -> add(NodeSource.seed(each.name(), found), parser));
            }
            for (ProjectFiles.Found found : each.files().under(each.file().snapshotPaths(), ".sql")) {
                problems.attempt(() -> snapshots(each.name(), found, parser));
            }
            for (NodeProperties entry : properties.section("snapshots")) {
                if (entry.packageName().equals(each.name())
                        && entry.written().get(SnapshotRules.RELATION).isPresent()) {
                    problems.attempt(() -> add(NodeSource.snapshot(each, entry), parser));
                }
            }
            for (ProjectFiles.Found found : each.files().under(each.file().analysisPaths(), ".sql")) {
                problems.attempt(() -> add(NodeSource.read(ResourceType.ANALYSIS, each.name(), found), parser));
            }
            for (ProjectFiles.Found found : each.files().under(each.file().testPaths(), ".sql")) {
                boolean isSingular = found.directories().isEmpty()
                        || !List.of(GENERIC_TESTS, FIXTURES)
                                .contains(found.directories().get(0));
                if (isSingular) {
                    problems.attempt(() -> add(NodeSource.read(ResourceType.TEST, each.name(), found), parser));
                }
            }
        }
        for (NodeSource test : new GenericTestReader(problems, renderers).read(properties)) {
            problems.attempt(() -> add(test, parser));
        }
        return enabled;
    }

    /** What {@link #parse} found and is disabled. */
    public List<ParsedNode> disabledNodes() {
        return switchedOff;
    }

    /** The files of models that are not written in SQL. */
    public List<String> pythonModels() {
        return pythonModels;
    }

    private void snapshots(String packageName, ProjectFiles.Found file, NodeParser parser) {
        String content = ProjectFiles.text(file);
        for (MacroDefinition block : JinjaTemplate.parse(file.path(), content).macros()) {
            if (block.kind() == MacroDefinition.Kind.SNAPSHOT) {
                problems.attempt(() -> add(NodeSource.snapshot(packageName, file, content, block), parser));
            }
        }
    }

    private void add(NodeSource source, NodeParser parser) {
        ParsedNode node = parser.parse(source);
        if (node.config().flag("enabled", true, node.configured())) {
            SnapshotRules.check(node);
            MicrobatchRules.check(node);
            enabled.add(node);
        } else {
            switchedOff.add(node);
            disabled.putIfAbsent(source.project() + "." + source.name(), source.file());
        }
    }
}
