package dev.freshet.transform.project.node;

import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.PropertiesFile;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Digest;
import dev.freshet.transform.project.render.ModelText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a file says about one node, parsed as a template and not rendered yet.
 *
 * @param version of a versioned model
 * @param fqn project, directories, name
 * @param file relative to the project
 * @param originalFile relative to the package
 * @param path relative to the searched directory, such as {@code models}
 * @param line where it begins, from 1
 * @param text empty for a seed
 * @param checksum as the manifest has it
 * @param test what makes a node of properties a generic test
 */
public record NodeSource(
        ResourceType type,
        String project,
        String name,
        Optional<String> version,
        List<String> fqn,
        String file,
        String originalFile,
        String path,
        int line,
        ModelText text,
        Optional<GenericTest> test,
        Map<String, String> checksum) {

    /** What Python's {@code str.split()} splits at. */
    private static final Pattern WHITE_SPACE =
            Pattern.compile("[\\s\\x1c-\\x1f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+");

    private static final long LARGE_SEED = 1024 * 1024;
    /** What dbt calls the directory of analyses, whatever its name is. */
    private static final String ANALYSES = "analysis";

    /** Of what is no file of its own. */
    public static final Map<String, String> NO_CHECKSUM = Map.of("name", "none", "checksum", "");

    public NodeSource {
        fqn = List.copyOf(fqn);
    }

    /** A file that is one node: a model, an analysis, a singular test. */
    public static NodeSource read(ResourceType type, String project, ProjectFiles.Found file) {
        String content = ProjectFiles.text(file);
        ModelText text = ModelText.parse(file.path(), content);
        return of(type, project, file.baseName(), file, 1, file.directories(), text, checksum(content));
    }

    /** A seed, of which the file is read when it is loaded. */
    public static NodeSource seed(String project, ProjectFiles.Found file) {
        return of(
                ResourceType.SEED,
                project,
                file.baseName(),
                file,
                1,
                file.directories(),
                ModelText.EMPTY,
                seedChecksum(file));
    }

    /** A {@code snapshot} block; its file counts as a directory of its path. */
    public static NodeSource snapshot(String project, ProjectFiles.Found file, String content, MacroDefinition block) {
        List<String> directories = new ArrayList<>(file.directories());
        directories.add(file.baseName());
        return of(
                ResourceType.SNAPSHOT,
                project,
                block.name(),
                file,
                block.location().line(),
                directories,
                ModelText.block(
                        block.template(), block.contents(), Digest.sha256(content.getBytes(StandardCharsets.UTF_8))),
                checksum(content));
    }

    /** One that is written in a properties file, with the relation that it follows. */
    public static NodeSource snapshot(ProjectPackage from, NodeProperties entry) {
        PropertiesFile file = entry.file();
        List<String> fqn = new ArrayList<>(List.of(from.name()));
        fqn.addAll(file.directories());
        fqn.add(entry.name());
        Position position = entry.written().keyPosition(SnapshotRules.RELATION);
        String relation = entry.written().requireText(SnapshotRules.RELATION, "snapshot '" + entry.name() + "'");
        String shown = from.isRoot() ? file.original() : from.directory() + "/" + file.original();
        String content = ProjectFiles.text(from.files().at(file.original()));
        return new NodeSource(
                ResourceType.SNAPSHOT,
                from.name(),
                entry.name(),
                Optional.empty(),
                fqn,
                shown,
                file.original(),
                entry.name() + ".sql",
                position.line(),
                ModelText.at(shown, position.line(), "select * from {{ " + relation + " }}"),
                Optional.empty(),
                checksum(content));
    }

    /** Of the text with each run of white space as one blank, as dbt 1.12 hashes it: a formatter changes nothing. */
    private static Map<String, String> checksum(String content) {
        String compact = WHITE_SPACE.matcher(content).replaceAll(" ").strip();
        return Map.of("name", "sha256", "checksum", Digest.sha256(compact.getBytes(StandardCharsets.UTF_8)));
    }

    /** A large seed is known by its path only, as in dbt. */
    private static Map<String, String> seedChecksum(ProjectFiles.Found file) {
        try {
            if (Files.size(file.location()) > LARGE_SEED) {
                return Map.of("name", "path", "checksum", file.original());
            }
        } catch (IOException e) {
            throw new Position(file.path(), 1).mistake("this file can't be read: " + e.getMessage());
        }
        return checksum(ProjectFiles.text(file));
    }

    private static NodeSource of(
            ResourceType type,
            String project,
            String name,
            ProjectFiles.Found file,
            int line,
            List<String> directories,
            ModelText text,
            Map<String, String> checksum) {
        boolean isAnalysis = type == ResourceType.ANALYSIS;
        List<String> fqn = new ArrayList<>(List.of(project));
        if (isAnalysis) {
            fqn.add(ANALYSES);
        }
        fqn.addAll(directories);
        fqn.add(name);
        return new NodeSource(
                type,
                project,
                name,
                Optional.empty(),
                fqn,
                file.path(),
                file.original(),
                isAnalysis ? ANALYSES + "/" + file.pathBelowRoot() : file.pathBelowRoot(),
                line,
                text,
                Optional.empty(),
                checksum);
    }

    /** A template of the command line. */
    public static NodeSource inline(String project, String template) {
        return new NodeSource(
                ResourceType.SQL_OPERATION,
                project,
                "inline_query",
                Optional.empty(),
                List.of(project, "sql", "inline_query"),
                "--inline",
                "--inline",
                "--inline",
                1,
                ModelText.parse("--inline", template),
                Optional.empty(),
                NO_CHECKSUM);
    }

    /** The same file as a version of a model. */
    NodeSource asVersion(String model, String number) {
        List<String> path = new ArrayList<>(fqn.subList(0, fqn.size() - 1));
        path.add(model);
        path.add("v" + number);
        return new NodeSource(
                type,
                project,
                model,
                Optional.of(number),
                path,
                file,
                originalFile,
                this.path,
                line,
                text,
                test,
                checksum);
    }

    /** dbt's unique id: {@code model.shop.orders.v2}. */
    public String uniqueId() {
        return type.id() + "." + project + "." + name
                + version.map(number -> ".v" + number).orElse("")
                + test.map(generic -> "." + generic.hash()).orElse("");
    }

    /** {@code model 'orders'}, for messages. */
    public String title() {
        return type.id() + " '" + name + "'";
    }

    /** Where it begins. */
    public Position start() {
        return new Position(file, line);
    }
}
