package dev.freshet.transform.project.yaml;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.Position;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a YAML file into nodes with positions. */
public final class YamlFile {

    private static final int LARGEST_CHARACTERS = 32 * 1024 * 1024;
    private static final int MOST_ALIASES = 500;

    private YamlFile() {}

    /**
     * @param name how messages call the file
     * @throws FreshetException USER when it can't be read or is not YAML
     */
    public static YamlMapping read(Path path, String name) {
        return parse(text(path, name), name);
    }

    /** Parses a document whose root is a mapping; an empty one is an empty mapping. */
    public static YamlMapping parse(String text, String name) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST_CHARACTERS);
        options.setMaxAliasesForCollections(MOST_ALIASES);
        Node root;
        try {
            root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            throw position(name, e).mistake(explain(e));
        } catch (YAMLException e) {
            throw new Position(name, 1).mistake("this is not valid YAML: " + e.getMessage());
        }
        if (root == null) {
            return YamlMapping.empty(new Position(name, 1));
        }
        YamlNode node = new NodeReader(name).read(root);
        if (node instanceof YamlScalar scalar && scalar.isNull()) {
            return YamlMapping.empty(scalar.position());
        }
        return YamlMapping.asMapping("the file", node);
    }

    private static String text(Path path, String name) {
        try {
            return Files.readString(path);
        } catch (MalformedInputException e) {
            throw new FreshetException(ErrorKind.USER, name + " is not UTF-8: save it as UTF-8", e);
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, name + " can't be read: " + e.getMessage(), e);
        }
    }

    private static Position position(String name, MarkedYAMLException e) {
        Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
        return new Position(name, mark == null ? 1 : mark.getLine() + 1);
    }

    private static String explain(MarkedYAMLException e) {
        String problem = String.valueOf(e.getProblem());
        if (problem.startsWith("found undefined alias")) {
            // SnakeYAML would quote the rest of the value, which may be a password.
            return "this alias has no anchor; put quotes around a value that begins with '*'";
        }
        String context = e.getContext() == null ? "" : " " + e.getContext().strip();
        String message = "this is not valid YAML: " + problem + context;
        if (problem.contains("'\\t")) {
            return message + "; indent with spaces, not tabs";
        }
        if (problem.contains("mapping values are not allowed") || problem.contains("expected <block end>")) {
            return message + "; check the indentation of this line and the one above it";
        }
        if (problem.contains("'%'") || problem.contains("'{'")) {
            return message + "; put quotes around a value that begins with Jinja";
        }
        return message;
    }
}
