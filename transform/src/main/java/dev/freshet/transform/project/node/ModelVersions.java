package dev.freshet.transform.project.node;

import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.config.Properties;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** {@code versions:} of a model: which file is which version, and which one a ref without a version means. */
public final class ModelVersions {

    private ModelVersions() {}

    /** A model's file as the version that it is, if its package says that it is one. */
    public static NodeSource versioned(NodeSource source, Properties properties) {
        for (NodeProperties model : properties.versionedModels()) {
            if (!model.packageName().equals(source.project())) {
                continue;
            }
            for (YamlMapping version : versions(model)) {
                String number = number(version);
                String file = version.text("defined_in").orElse(model.name() + "_v" + number);
                if (file.equals(source.name()) && source.version().isEmpty()) {
                    return source.asVersion(model.name(), number);
                }
            }
        }
        return source;
    }

    /** What the properties say about one version only. */
    public static Optional<YamlMapping> of(NodeProperties model, NodeSource source) {
        return source.version().flatMap(wanted -> versions(model).stream()
                .filter(version -> number(version).equals(wanted))
                .findFirst());
    }

    /** The version that {@code ref('model')} means: {@code latest_version}, else the greatest. */
    public static Optional<String> latest(NodeProperties model) {
        return model.written()
                .text("latest_version")
                .or(() -> versions(model).stream().map(ModelVersions::number).max(ORDER));
    }

    /** Numbers before texts, numbers by size. */
    private static final Comparator<String> ORDER = Comparator.<String, Boolean>comparing(text -> !isNumber(text))
            .thenComparing(text -> isNumber(text) ? Double.parseDouble(text) : 0)
            .thenComparing(Comparator.naturalOrder());

    private static boolean isNumber(String text) {
        return text.matches("\\d+(\\.\\d+)?");
    }

    /** As the manifest has it: a number where it is one. */
    public static Object value(String number) {
        if (number.matches("\\d{1,18}")) {
            return Long.valueOf(number);
        }
        return isNumber(number) ? (Object) Double.valueOf(number) : number;
    }

    private static String number(YamlMapping version) {
        return version.requireText("v", "a version");
    }

    /** The enabled versions of a model, in the order they are written. */
    public static List<ParsedNode> nodes(NodeProperties model, NodeIndex index) {
        return versions(model).stream()
                .flatMap(version -> Optional.ofNullable(
                        index.nodes().get(model.packageName() + "." + model.name() + ".v" + number(version)))
                        .stream())
                .toList();
    }

    /** What is written of each version of a model, in its order; nothing for a model without versions. */
    public static List<YamlMapping> versions(NodeProperties model) {
        List<YamlMapping> versions = new ArrayList<>();
        for (YamlNode node : model.written().list("versions")) {
            versions.add(YamlMapping.asMapping("a version of model '" + model.name() + "'", node));
        }
        return versions;
    }
}
