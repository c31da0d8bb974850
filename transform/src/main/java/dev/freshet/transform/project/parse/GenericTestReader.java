package dev.freshet.transform.project.parse;

import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.config.PropertiesFile;
import dev.freshet.transform.project.config.SourceProperties;
import dev.freshet.transform.project.node.GenericTest;
import dev.freshet.transform.project.node.ModelVersions;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.ModelText;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import dev.freshet.transform.project.yaml.YamlScalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the generic tests of properties files: under models, seeds, snapshots and source tables, and under their columns. */
final class GenericTestReader {

    /** Settings of a test that older projects write beside its arguments. */
    private static final Set<String> SETTINGS = Set.of(
            "severity",
            "tags",
            "enabled",
            "where",
            "limit",
            "warn_if",
            "error_if",
            "fail_calc",
            "store_failures",
            "store_failures_as",
            "meta",
            "database",
            "schema",
            "alias",
            "group");

    private record Owner(
            String packageName,
            PropertiesFile file,
            String shown,
            String attached,
            String target,
            boolean isSource,
            String model) {}

    private final Problems problems;
    private final Function<String, TextRenderer> renderers;
    private final List<NodeSource> found = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    /** @param renderers of a package's YAML: settings of tests are rendered at once, their arguments with the test */
    GenericTestReader(Problems problems, Function<String, TextRenderer> renderers) {
        this.problems = problems;
        this.renderers = renderers;
    }

    List<NodeSource> read(Properties properties) {
        for (String section : List.of("models", "seeds", "snapshots")) {
            for (NodeProperties entry : properties.section(section)) {
                problems.attempt(() -> readNode(section, entry));
            }
        }
        for (SourceProperties table : properties.sources()) {
            problems.attempt(() -> {
                String model = "source('" + table.source() + "', '" + table.table() + "')";
                Owner owner = new Owner(
                        table.packageName(),
                        table.file(),
                        table.position().file(),
                        "sources." + table.source(),
                        table.source() + "_" + table.table(),
                        true,
                        model);
                readOwner(owner, table.written());
            });
        }
        return found;
    }

    private void readNode(String section, NodeProperties entry) {
        List<YamlMapping> versions = section.equals("models") ? ModelVersions.versions(entry) : List.of();
        if (versions.isEmpty()) {
            readOwner(owner(section, entry, entry.name(), "ref('" + entry.name() + "')"), entry.written());
            return;
        }
        for (YamlMapping version : versions) {
            String number = version.requireText("v", "a version");
            Owner owner = owner(
                    section,
                    entry,
                    entry.name() + "_v" + number,
                    "ref('" + entry.name() + "', version='" + number + "')");
            YamlMapping tests = version.get("tests").isPresent()
                            || version.get("data_tests").isPresent()
                    ? version
                    : entry.written();
            readTests(owner, tests, Optional.empty());
            readColumns(owner, entry.written());
            readColumns(owner, version);
        }
    }

    private static Owner owner(String section, NodeProperties entry, String target, String model) {
        return new Owner(
                entry.packageName(),
                entry.file(),
                entry.position().file(),
                section + "." + entry.name(),
                target,
                false,
                model);
    }

    private void readOwner(Owner owner, YamlMapping written) {
        readTests(owner, written, Optional.empty());
        readColumns(owner, written);
    }

    private void readColumns(Owner owner, YamlMapping written) {
        for (YamlNode node : written.list("columns")) {
            if (node instanceof YamlMapping column && column.get("name").isPresent()) {
                String name = column.requireText("name", "a column");
                boolean isQuoted =
                        column.text("quote").map(Boolean::parseBoolean).orElse(false);
                readTests(owner, column, Optional.of(isQuoted ? '"' + name + '"' : name));
            }
        }
    }

    private void readTests(Owner owner, YamlMapping written, Optional<String> column) {
        List<YamlNode> tests = new ArrayList<>(written.list("tests"));
        tests.addAll(written.list("data_tests"));
        for (YamlNode node : tests) {
            problems.attempt(() -> add(owner, test(owner, node, column), node.position()));
        }
    }

    private GenericTest test(Owner owner, YamlNode node, Optional<String> column) {
        if (node instanceof YamlScalar scalar && !scalar.isNull()) {
            return test(owner, scalar.text(), YamlMapping.empty(node.position()), column);
        }
        YamlMapping mapping = YamlMapping.asMapping("a test", node);
        if (mapping.get("test_name").isPresent()) {
            return test(owner, mapping.requireText("test_name", "a test"), mapping, column);
        }
        List<String> names = mapping.entries().keySet().stream()
                .filter(key -> mapping.entries().size() == 1
                        || !Set.of("name", "config", "description").contains(key))
                .toList();
        if (names.size() != 1) {
            throw node.position()
                    .mistake("a test is a name, or a name with its arguments indented below it; this one has the keys "
                            + String.join(", ", mapping.entries().keySet()));
        }
        Optional<YamlNode> arguments = mapping.get(names.get(0));
        YamlMapping given = arguments.isPresent()
                ? YamlMapping.asMapping("the arguments of '" + names.get(0) + "'", arguments.get())
                : YamlMapping.empty(node.position());
        Map<String, YamlNode> merged = new LinkedHashMap<>(given.entries());
        for (String outer : List.of("name", "config", "description")) {
            if (mapping.entries().size() > 1) {
                mapping.get(outer).ifPresent(value -> merged.putIfAbsent(outer, value));
            }
        }
        return test(owner, names.get(0), new YamlMapping(given.position(), merged, given.keys()), column);
    }

    private GenericTest test(Owner owner, String written, YamlMapping given, Optional<String> column) {
        // What the test's where clause is rendered with is known only when the test runs.
        YamlRendering rendering = new YamlRendering(renderers.apply(owner.packageName()), Set.of("where"));
        int dot = written.indexOf('.');
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        given.entries().forEach((key, value) -> {
            if (SETTINGS.contains(key)) {
                config.put(key, rendering.node(value).value());
            } else if (!Set.of("name", "config", "arguments", "description", "test_name", "column_name")
                    .contains(key)) {
                arguments.put(key, value.value());
            }
        });
        config.putAll(rendering.mapping(given.mapping("config")).value());
        arguments.putAll(given.mapping("arguments").value());
        given.get("column_name").ifPresent(name -> arguments.put("column_name", name.value()));
        column.ifPresent(name -> arguments.put("column_name", name));
        arguments.put("model", "{{ get_where_subquery(" + owner.model() + ") }}");
        Optional<String> own = column.or(() -> given.text("column_name"));
        return new GenericTest(
                        dot < 0 ? Optional.empty() : Optional.of(written.substring(0, dot)),
                        written.substring(dot + 1),
                        arguments,
                        own,
                        owner.attached(),
                        owner.target(),
                        owner.isSource(),
                        given.text("name"),
                        config,
                        "")
                .hashed();
    }

    private void add(Owner owner, GenericTest test, Position position) {
        List<String> fqn = new ArrayList<>(List.of(owner.packageName()));
        fqn.addAll(owner.file().directories());
        fqn.add(test.fullName());
        NodeSource source = new NodeSource(
                ResourceType.TEST,
                owner.packageName(),
                test.fullName(),
                Optional.empty(),
                fqn,
                owner.shown(),
                owner.file().original(),
                test.shortName() + ".sql",
                position.line(),
                ModelText.at(owner.shown(), position.line(), test.rawCode()),
                Optional.of(test),
                NodeSource.NO_CHECKSUM);
        if (ids.add(source.uniqueId())) {
            found.add(source);
        } else {
            throw position.mistake("the test '" + test.fullName()
                    + "' is written twice; give one of the two a 'name' of its own, or remove it");
        }
    }
}
