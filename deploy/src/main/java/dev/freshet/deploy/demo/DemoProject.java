package dev.freshet.deploy.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The demo's dbt project, {@code examples/shop}, which travels inside the distribution. */
public final class DemoProject {

    private static final String RESOURCE = "demo/shop/";

    private DemoProject() {}

    /** Writes the project's files into a directory, over what is there. */
    public static void copyTo(Path directory) {
        URL root = DemoProject.class.getClassLoader().getResource(RESOURCE + "dbt_project.yml");
        if (root == null) {
            throw new IllegalStateException("the distribution lacks the demo's project");
        }
        try {
            URI uri = root.toURI();
            if (uri.getScheme().equals("jar")) {
                try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
                    copy(jar.getPath(RESOURCE), directory);
                }
            } else {
                copy(Path.of(uri).getParent(), directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the demo's project can't be written to '" + directory + "'", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(from)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
