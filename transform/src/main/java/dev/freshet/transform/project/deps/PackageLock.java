package dev.freshet.transform.project.deps;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.jinja.JsonText;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.render.Digest;
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
import org.jspecify.annotations.Nullable;

/** {@code package-lock.yml}: what was installed for the requests of packages.yml, and a hash of these requests, as dbt writes both. */
final class PackageLock {

    static final String FILE = "package-lock.yml";
    private static final String HASH = "sha1_hash";

    private PackageLock() {}

    /** The locked packages, if the file was written for these requests. */
    static Optional<List<PackageRequest>> read(Path project, List<PackageList.Entry> requests) {
        Path file = project.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        YamlMapping lock = YamlFile.read(file, FILE);
        String hash = lock.text(HASH).orElse("");
        // The versions of dbt before 1.9 hash requests without a name.
        if (!hash.equals(hash(requests, true)) && !hash.equals(hash(requests, false))) {
            return Optional.empty();
        }
        List<PackageRequest> locked = new ArrayList<>();
        for (YamlNode entry : lock.list("packages")) {
            locked.add(PackageRequest.of(YamlMapping.asMapping("a locked package", entry)));
        }
        return locked.isEmpty() ? Optional.empty() : Optional.of(locked);
    }

    /**
     * @param pinned the lines of each package, first its origin
     * @throws FreshetException USER when it can't be written
     */
    static void write(Path project, List<List<String>> pinned, List<PackageList.Entry> requests) throws IOException {
        StringBuilder text = new StringBuilder("packages:\n");
        for (List<String> lines : pinned) {
            String start = "  - ";
            for (String line : lines) {
                text.append(start).append(line).append('\n');
                start = "    ";
            }
        }
        Files.writeString(project.resolve(FILE), text + HASH + ": " + hash(requests, true) + "\n");
    }

    static String hash(List<PackageList.Entry> requests, boolean isNamed) {
        List<String> texts = new ArrayList<>();
        requests.forEach(request -> texts.add(JsonText.sorted(specification(request, isNamed))));
        texts.sort(null);
        return Digest.sha1(String.join("\n", texts));
    }

    /** A request with all the keys that dbt knows of its kind. */
    private static Map<String, Object> specification(PackageList.Entry request, boolean isNamed) {
        Map<String, Object> all = new LinkedHashMap<>();
        PackageRequest kind = request.request();
        if (kind instanceof PackageRequest.Git) {
            all.put("revision", None.NONE);
            all.put("warn-unpinned", None.NONE);
            all.put("subdirectory", None.NONE);
        } else if (kind instanceof PackageRequest.Hub) {
            all.put("install_prerelease", false);
        }
        if (isNamed) {
            all.put("name", None.NONE);
        }
        request.rendered().value().forEach((key, value) -> all.put(key, python(value)));
        all.put("unrendered", python(request.written().value()));
        return all;
    }

    private static Object python(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(String.valueOf(key), python(item)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(item -> copy.add(python(item)));
            return copy;
        }
        return value == null ? None.NONE : value;
    }
}
