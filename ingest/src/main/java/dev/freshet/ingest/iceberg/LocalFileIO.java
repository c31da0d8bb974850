package dev.freshet.ingest.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Files on this machine for Iceberg, without Hadoop. A file is on disk (fsync) when its stream is closed, so a commit that names it survives a
 * power cut. Locations are plain absolute paths or {@code file:} URIs; anything else is refused. Public because Iceberg creates it by name
 * ({@code io-impl}).
 */
public class LocalFileIO implements SupportsPrefixOperations {

    private Map<String, String> properties = Map.of();

    public LocalFileIO() {}

    @Override
    public void initialize(Map<String, String> settings) {
        properties = Map.copyOf(settings);
    }

    @Override
    public Map<String, String> properties() {
        return properties;
    }

    @Override
    public InputFile newInputFile(String location) {
        return org.apache.iceberg.Files.localInput(path(location).toFile());
    }

    @Override
    public OutputFile newOutputFile(String location) {
        return new LocalOutputFile(path(location));
    }

    @Override
    public void deleteFile(String location) {
        try {
            Files.deleteIfExists(path(location));
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete '" + location + "'", e);
        }
    }

    @Override
    public Iterable<FileInfo> listPrefix(String prefix) {
        List<FileInfo> files = new ArrayList<>();
        Path root = path(prefix);
        if (!Files.exists(root)) {
            return files;
        }
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(new FileInfo(
                            file.toString(),
                            attributes.size(),
                            attributes.lastModifiedTime().toMillis()));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException problem) throws IOException {
                    if (problem instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw problem;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("can't list '" + prefix + "'", e);
        }
        return files;
    }

    @Override
    public void deletePrefix(String prefix) {
        deleteTree(path(prefix));
    }

    /** Whether a location is a file on this machine. */
    static boolean isLocal(String location) {
        return location.startsWith("/") || location.startsWith("file:") || !location.contains("://");
    }

    static Path path(String location) {
        if (location.startsWith("file:")) {
            String rest = location.substring("file:".length());
            return Path.of(rest.startsWith("///") ? rest.substring(2) : rest);
        }
        if (!isLocal(location)) {
            throw new IllegalArgumentException(
                    "'" + location + "' is not a path on this machine: set io-impl to match");
        }
        return Path.of(location);
    }

    static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try {
            if (Files.isDirectory(root)) {
                try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
                    for (Path child : children) {
                        deleteTree(child);
                    }
                }
            }
            Files.deleteIfExists(root);
        } catch (IOException e) {
            throw new UncheckedIOException("can't delete '" + root + "'", e);
        }
    }
}
