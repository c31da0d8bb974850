package dev.freshet.transform.project.partial;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** Which build of Freshet this is: another one may render differently, whatever its version says. */
final class Program {

    private Program() {}

    /** @throws IOException when it can't be found out */
    static String fingerprint() throws IOException {
        CodeSource source = Program.class.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IOException("the classes come from nowhere");
        }
        Path location;
        try {
            location = Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        return Fingerprint.of(Files.isDirectory(location) ? inDirectory(location) : inJar(location));
    }

    private static List<Object> inJar(Path jar) throws IOException {
        List<Object> entries = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            zip.stream().forEach(entry -> {
                entries.add(entry.getName());
                entries.add(entry.getCrc());
            });
        }
        return entries;
    }

    /** As a build tool leaves them, while Freshet is being worked on. */
    private static List<Object> inDirectory(Path directory) throws IOException {
        List<Object> entries = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                entries.add(directory.relativize(file).toString());
                entries.add(Files.getLastModifiedTime(file).toMillis());
                entries.add(Files.size(file));
            }
        }
        return entries;
    }
}
