package dev.freshet.transform.project.parse;

import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.node.ProjectFiles;
import dev.freshet.transform.project.node.ProjectPackage;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.problem.Problems;
import dev.freshet.transform.project.render.ModelRenderer;
import dev.freshet.transform.project.yaml.YamlNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** {@code docs} blocks of Markdown files, and the descriptions that call them with {@code doc()}. */
public final class DocsBlocks {

    /** A block. */
    public record Block(String packageName, String name, String original, String path, String contents) {
        /** dbt's unique id. */
        public String uniqueId() {
            return "doc." + packageName + "." + name;
        }
    }

    private final String project;
    private final ModelRenderer renderer;
    private final Map<String, Block> blocks = new LinkedHashMap<>();

    private DocsBlocks(String project, ModelRenderer renderer) {
        this.project = project;
        this.renderer = renderer;
    }

    /**
     * Reads them all; what is wrong with a file is added to the problems.
     *
     * @param project whose blocks come before those of other packages
     */
    public static DocsBlocks read(
            String project, Collection<ProjectPackage> packages, ModelRenderer renderer, Problems problems) {
        DocsBlocks docs = new DocsBlocks(project, renderer);
        for (ProjectPackage each : packages) {
            for (ProjectFiles.Found found : each.files().under(each.file().docsPaths(), ".md")) {
                problems.attempt(() -> docs.add(each.name(), found));
            }
        }
        return docs;
    }

    private void add(String packageName, ProjectFiles.Found file) {
        String text = ProjectFiles.text(file);
        if (!text.contains("docs")) {
            return;
        }
        for (MacroDefinition block : JinjaTemplate.parse(file.path(), text).macros()) {
            if (block.kind() == MacroDefinition.Kind.DOCS) {
                String key = packageName + "." + block.name();
                Block first = blocks.putIfAbsent(
                        key,
                        new Block(
                                packageName,
                                block.name(),
                                file.original(),
                                file.pathBelowRoot(),
                                block.contents().strip()));
                if (first != null) {
                    throw new Position(file.path(), block.location().line())
                            .mistake("the docs block '" + block.name() + "' is already in " + first.original()
                                    + "; rename one of the two");
                }
            }
        }
    }

    /** All blocks, in order of packages and files. */
    public Collection<Block> all() {
        return blocks.values();
    }

    /** A description with what {@code doc()} gives. */
    public String rendered(String packageName, YamlNode description) {
        String text = String.valueOf(description.value());
        if (!text.contains("{{") && !text.contains("{%")) {
            return text.strip();
        }
        return renderer.description(text, description.position(), packageName, names -> find(packageName, names))
                .strip();
    }

    private String find(String from, List<String> names) {
        List<String> searched = new ArrayList<>();
        if (names.size() == 2) {
            searched.add(names.get(0));
        } else {
            searched.add(from);
            searched.add(project);
            blocks.values().forEach(block -> searched.add(block.packageName()));
        }
        String name = names.get(names.size() - 1);
        Optional<Block> found = searched.stream()
                .flatMap(packageName -> Optional.ofNullable(blocks.get(packageName + "." + name)).stream())
                .findFirst();
        if (found.isEmpty()) {
            TreeSet<String> known = new TreeSet<>();
            blocks.values().forEach(block -> known.add(block.name()));
            throw new dev.freshet.state.FreshetException(
                    dev.freshet.state.ErrorKind.USER,
                    "there is no docs block '" + name + "'" + NearestName.hint(name, known)
                            + "; a Markdown file with {% docs " + name + " %} makes one");
        }
        return found.get().contents();
    }
}
