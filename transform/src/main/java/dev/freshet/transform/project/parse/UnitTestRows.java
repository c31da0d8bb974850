package dev.freshet.transform.project.parse;

import dev.freshet.transform.project.node.NodeIndex;
import dev.freshet.transform.project.node.NodeSource;
import dev.freshet.transform.project.node.ParsedNode;
import dev.freshet.transform.project.node.ProjectFiles;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.node.ResourceType;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rows that a unit test gives or expects: written in its entry, in a file of {@code tests/fixtures}, or those of a seed. */
final class UnitTestRows {

    private static final Set<String> FORMATS = Set.of("dict", "csv", "sql");
    private static final Pattern REF =
            Pattern.compile("ref\\(\\s*['\"]([^'\"]+)['\"]\\s*(?:,\\s*['\"]([^'\"]+)['\"]\\s*)?\\)");

    private final NodeIndex index;
    private final Map<String, ProjectPackage> packages;

    UnitTestRows(NodeIndex index, Map<String, ProjectPackage> packages) {
        this.index = index;
        this.packages = packages;
    }

    Map<String, @Nullable Object> given(YamlMapping written, String packageName) {
        boolean isSeed = written.get("rows").isEmpty()
                && written.get("fixture").isEmpty()
                && format(written).equals("dict");
        return isSeed ? document(seedRows(written, packageName), "dict", null) : expected(written, packageName);
    }

    Map<String, @Nullable Object> expected(YamlMapping written, String packageName) {
        String format = format(written);
        Optional<YamlNode> rows = written.get("rows");
        String fixture = written.text("fixture").orElse(null);
        if (format.equals("dict")) {
            if (!(rows.orElse(null) instanceof YamlSequence sequence)) {
                throw written.keyPosition("rows")
                        .mistake("the rows of format 'dict' must be a list of mappings: rows: [{id: 1}]");
            }
            List<Map<String, @Nullable Object>> values = new ArrayList<>();
            sequence.items()
                    .forEach(item ->
                            values.add(YamlMapping.asMapping("a row", item).value()));
            return document(values, format, fixture);
        }
        String text = fixture != null
                ? fixtureText(fixture, format, packageName, written.keyPosition("fixture"))
                : written.text("rows").orElseThrow(() -> written.position()
                        .mistake("the rows of format '" + format
                                + "' must be a text, or 'fixture' must name a file of tests/fixtures"));
        return format.equals("csv")
                ? document(CommaSeparated.rows(text), format, fixture)
                : document(text, format, fixture);
    }

    private static String format(YamlMapping written) {
        String format = written.text("format").orElse("dict");
        if (!FORMATS.contains(format)) {
            throw written.keyPosition("format")
                    .mistake("'" + format + "' is not a format of rows"
                            + NearestName.choices(format, "the formats are", FORMATS));
        }
        return format;
    }

    /** As in dbt, the first complete row comes first: some engines take the columns' types from it. */
    private static Map<String, @Nullable Object> document(Object rows, String format, @Nullable String fixture) {
        if (rows instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i) instanceof Map<?, ?> row
                        && row.values().stream().allMatch(Objects::nonNull)) {
                    Collections.swap(list, 0, i);
                    break;
                }
            }
        }
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("rows", rows);
        document.put("format", format);
        document.put("fixture", fixture);
        return document;
    }

    private String fixtureText(String name, String format, String packageName, Position position) {
        ProjectPackage from = packages.get(packageName);
        Map<String, ProjectFiles.Found> known = new TreeMap<>();
        if (from != null) {
            List<String> roots = from.file().testPaths().stream()
                    .map(path -> path + "/" + NodeFiles.FIXTURES)
                    .toList();
            from.files().under(roots, "." + format).forEach(file -> known.put(file.baseName(), file));
        }
        ProjectFiles.Found found = known.get(name);
        if (found == null) {
            throw position.mistake("there is no file '" + name + "." + format + "' in tests/fixtures"
                    + NearestName.hint(name, known.keySet()));
        }
        return ProjectFiles.text(found).strip();
    }

    private List<Map<String, @Nullable Object>> seedRows(YamlMapping written, String packageName) {
        String input = written.requireText("input", "an entry of 'given'");
        Matcher ref = REF.matcher(input);
        List<String> names = !ref.find()
                ? List.of()
                : ref.group(2) == null ? List.of(ref.group(1)) : List.of(ref.group(1), ref.group(2));
        Optional<ParsedNode> seed = names.isEmpty()
                ? Optional.empty()
                : index.node(
                                packageName,
                                new Reference(Reference.Kind.REF, names, Optional.empty(), written.position()))
                        .filter(node -> node.type() == ResourceType.SEED);
        if (seed.isEmpty()) {
            throw written.position()
                    .mistake("'" + input + "' is given no 'rows', and it is no seed whose rows are known");
        }
        NodeSource source = seed.get().source();
        ProjectPackage owner = Objects.requireNonNull(packages.get(source.project()), source.project());
        List<Map<String, @Nullable Object>> rows =
                CommaSeparated.rows(ProjectFiles.text(owner.files().at(source.originalFile())));
        // A seed's empty values are empty texts to dbt here, other than a fixture's.
        rows.forEach(row -> row.replaceAll((column, value) -> value == null ? "" : value));
        return rows;
    }
}
