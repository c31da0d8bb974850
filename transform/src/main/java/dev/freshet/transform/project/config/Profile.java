package dev.freshet.transform.project.config;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.problem.NearestName;
import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import dev.freshet.transform.project.yaml.YamlScalar;
import dev.freshet.transform.project.yaml.YamlSequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One profile of profiles.yml.
 *
 * @param outputs those that could be rendered, in the order of the file
 * @param broken why the others could not, by name: an output that nobody uses may lack its environment variable
 * @param target the default output
 */
public record Profile(String name, Map<String, Connection> outputs, Map<String, String> broken, String target) {

    private static final String ROUTE = "route.";

    /**
     * @param file the whole of profiles.yml
     * @param chosen {@code --target}
     */
    static Profile of(
            YamlMapping file, String fileName, Profiles.Wanted wanted, Optional<String> chosen, TextRenderer renderer) {
        String name = wanted.name();
        if (!file.entries().containsKey(name)) {
            Set<String> known = new TreeSet<>(file.entries().keySet());
            known.remove("config");
            throw wanted.mistake("profile '" + name + "' is not in " + fileName
                    + NearestName.choices(name, "its profiles are", known) + "; change 'profile:' in "
                    + ProjectFile.FILE + " or pass --profile");
        }
        YamlMapping profile =
                YamlMapping.asMapping("profile '" + name + "'", file.entries().get(name));
        YamlMapping declared = profile.mapping("outputs");
        if (declared.entries().isEmpty()) {
            throw profile.position().mistake("profile '" + name + "' needs 'outputs' with at least one output");
        }
        YamlRendering rendering = new YamlRendering(renderer, Set.of());
        String target = chosen.or(() -> profile.get("target")
                        .map(rendering::node)
                        .map(YamlNode::value)
                        .map(String::valueOf))
                .orElse("default");
        if (!declared.entries().containsKey(target)) {
            throw unknownOutput(
                    profile,
                    name,
                    target,
                    chosen.isPresent(),
                    declared.entries().keySet());
        }
        Map<String, Connection> outputs = new LinkedHashMap<>();
        Map<String, String> broken = new LinkedHashMap<>();
        declared.entries().forEach((output, node) -> {
            try {
                outputs.put(
                        output, connection(output, YamlMapping.asMapping("output '" + output + "'", node), rendering));
            } catch (FreshetException e) {
                if (output.equals(target)) {
                    throw e;
                }
                broken.put(output, String.valueOf(e.getMessage()));
            }
        });
        return new Profile(name, outputs, broken, target);
    }

    private static FreshetException unknownOutput(
            YamlMapping profile, String name, String target, boolean chosen, Set<String> known) {
        String what = chosen
                ? "--target '" + target + "' is not an output of profile '" + name + "'"
                : "the target '" + target + "' is not an output of profile '" + name + "'";
        return profile.keyPosition("target").mistake(what + NearestName.choices(target, "its outputs are", known));
    }

    private static Connection connection(String name, YamlMapping written, YamlRendering rendering) {
        YamlMapping output = rendering.mapping(written);
        String type = output.requireText("type", "output '" + name + "'");
        Map<String, String> settings = new LinkedHashMap<>();
        flatten("", output, settings);
        settings.remove("type");
        return new Connection(name, type, settings);
    }

    /** Nested keys are joined with dots, lists with commas. */
    private static void flatten(String prefix, YamlMapping mapping, Map<String, String> settings) {
        mapping.entries().forEach((key, node) -> {
            if (node instanceof YamlMapping nested) {
                flatten(prefix + key + ".", nested, settings);
            } else if (node instanceof YamlSequence sequence) {
                List<String> items = new ArrayList<>();
                for (YamlNode item : sequence.items()) {
                    items.add(item instanceof YamlScalar scalar ? scalar.text() : String.valueOf(item.value()));
                }
                settings.put(prefix + key, String.join(",", items));
            } else if (node instanceof YamlScalar scalar && !scalar.isNull()) {
                settings.put(prefix + key, scalar.text());
            }
        });
    }

    /**
     * An output that something of the project names.
     *
     * @param user who names it, for the message: {@code source 'shop'}
     */
    public Connection output(String output, String user) {
        Connection found = outputs.get(output);
        if (found != null) {
            return found;
        }
        if (broken.containsKey(output)) {
            throw new FreshetException(ErrorKind.USER, broken.get(output) + " (needed by " + user + ")");
        }
        throw new FreshetException(
                ErrorKind.USER,
                user + " names the output '" + output + "', which profile '" + name + "' does not have"
                        + NearestName.choices(output, "its outputs are", outputs.keySet()));
    }

    /**
     * An output that something names explicitly. The default output's {@code route:} map says which one it stands for: so one project
     * runs on outputs of production and on one's own.
     *
     * @param user as in {@link #output}
     */
    public Connection routed(String named, String user) {
        String actual = defaultOutput().setting(ROUTE + named).orElse(named);
        return output(
                actual,
                actual.equals(named)
                        ? user
                        : user + ", by the 'route' of output '" + target + "' from '" + named + "',");
    }

    public Connection defaultOutput() {
        return output(target, "the default target");
    }
}
