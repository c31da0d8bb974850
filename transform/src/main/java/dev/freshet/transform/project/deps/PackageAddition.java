package dev.freshet.transform.project.deps;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** {@code deps --add-package}: one more entry in the file that names the project's packages. */
public final class PackageAddition {

    private static final Set<String> SOURCES = Set.of("hub", "git", "local");

    private PackageAddition() {}

    /**
     * Adds a package, in place of an entry for the same one. The file is written anew, without its comments.
     *
     * @param asked {@code name@version}; a local one has no version
     * @param source {@code hub}, {@code git} or {@code local}
     * @return the lines to tell
     * @throws FreshetException USER when it is not understood, or the file can't be written
     */
    public static List<String> add(Path project, String asked, String source) {
        if (!SOURCES.contains(source)) {
            throw new FreshetException(ErrorKind.USER, "--source is hub, git or local, not '" + source + "'");
        }
        int at = asked.lastIndexOf('@');
        // The @ of git@host:path is no version.
        boolean hasVersion = at > 0 && asked.indexOf(':', at) < 0;
        String name = hasVersion ? asked.substring(0, at) : asked;
        Optional<String> version = hasVersion ? Optional.of(asked.substring(at + 1)) : Optional.empty();
        if (version.isEmpty() && !source.equals("local")) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "--add-package needs a version when the source is " + source + ": " + name + "@1.0.0");
        }
        Path file = file(project);
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        List<Object> packages = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        if (Files.isRegularFile(file)) {
            YamlMapping written = YamlFile.read(file, file.getFileName().toString());
            document.putAll(written.value());
            for (YamlNode entry : written.list("packages")) {
                Map<String, @Nullable Object> one =
                        YamlMapping.asMapping("a package", entry).value();
                if (isSame(one, name)) {
                    lines.add("Removed " + one + " from " + file.getFileName());
                } else {
                    packages.add(one);
                }
            }
        }
        packages.add(entry(name, version, source));
        document.put("packages", packages);
        write(file, document);
        lines.add("Added " + asked + " to " + file.getFileName());
        return lines;
    }

    /** The file that names packages already, else packages.yml. */
    private static Path file(Path project) {
        Path dependencies = project.resolve("dependencies.yml");
        boolean isThere = !Files.isRegularFile(project.resolve("packages.yml"))
                && Files.isRegularFile(dependencies)
                && YamlFile.read(dependencies, "dependencies.yml")
                        .get("packages")
                        .isPresent();
        return isThere ? dependencies : project.resolve("packages.yml");
    }

    private static Map<String, Object> entry(String name, Optional<String> version, String source) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put(source.equals("hub") ? "package" : source, name);
        version.ifPresent(bounds -> entry.put(
                source.equals("git") ? "revision" : "version",
                bounds.contains(",") ? List.of(bounds.split(",", -1)) : bounds));
        return entry;
    }

    /** Whether an entry speaks of the package, whatever its source: dbt-labs/dbt_utils and .../dbt-utils.git are one. */
    private static boolean isSame(Map<String, @Nullable Object> entry, String name) {
        String wanted = shortName(name);
        for (String key : List.of("package", "git", "local", "tarball")) {
            if (entry.get(key) instanceof String place && shortName(place).equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String shortName(String place) {
        String last = place.substring(place.lastIndexOf('/') + 1);
        return (last.endsWith(".git") ? last.substring(0, last.length() - 4) : last).replace('-', '_');
    }

    private static void write(Path file, Map<String, @Nullable Object> document) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndent(4);
        options.setIndicatorIndent(2);
        try {
            Files.writeString(file, new Yaml(options).dump(document));
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + file + "' can't be written: " + e.getMessage(), e);
        }
    }
}
