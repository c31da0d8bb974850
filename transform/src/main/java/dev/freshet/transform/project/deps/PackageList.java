package dev.freshet.transform.project.deps;

import dev.freshet.transform.project.yaml.TextRenderer;
import dev.freshet.transform.project.yaml.YamlFile;
import dev.freshet.transform.project.yaml.YamlMapping;
import dev.freshet.transform.project.yaml.YamlNode;
import dev.freshet.transform.project.yaml.YamlRendering;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads {@code packages.yml} and {@code dependencies.yml}. */
final class PackageList {

    static final List<String> FILES = List.of("packages.yml", "dependencies.yml");

    private PackageList() {}

    /**
     * What a project or package asks for, in the order of the file.
     *
     * @param shown how messages call the directory, empty for the project's own
     */
    static List<PackageRequest> read(Path directory, String shown, TextRenderer renderer) {
        List<PackageRequest> requests = new ArrayList<>();
        for (String name : FILES) {
            Path file = directory.resolve(name);
            if (!Files.isRegularFile(file)) {
                continue;
            }
            String called = shown.isEmpty() ? name : shown + "/" + name;
            List<YamlNode> entries = YamlFile.read(file, called).list("packages");
            if (!entries.isEmpty() && !requests.isEmpty()) {
                throw entries.get(0)
                        .position()
                        .mistake("packages.yml names packages too; keep all of them in one of the two files");
            }
            // dependencies.yml holds no Jinja in dbt; rendering what has none changes nothing.
            YamlRendering rendering = new YamlRendering(renderer, Set.of());
            for (YamlNode entry : entries) {
                requests.add(PackageRequest.of(rendering.mapping(YamlMapping.asMapping("a package", entry))));
            }
        }
        return requests;
    }
}
