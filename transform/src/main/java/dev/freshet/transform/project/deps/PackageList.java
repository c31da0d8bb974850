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
     * One entry of the file.
     *
     * @param written as it stands there
     * @param rendered the same with its Jinja rendered
     */
    record Entry(PackageRequest request, YamlMapping written, YamlMapping rendered) {}

    /**
     * What a project or package asks for, in the order of the file.
     *
     * @param shown how messages call the directory, empty for the project's own
     */
    static List<PackageRequest> read(Path directory, String shown, TextRenderer renderer) {
        return entries(directory, shown, renderer).stream().map(Entry::request).toList();
    }

    static List<Entry> entries(Path directory, String shown, TextRenderer renderer) {
        List<Entry> requests = new ArrayList<>();
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
                YamlMapping written = YamlMapping.asMapping("a package", entry);
                YamlMapping rendered = rendering.mapping(written);
                requests.add(new Entry(PackageRequest.of(rendered), written, rendered));
            }
        }
        return requests;
    }
}
