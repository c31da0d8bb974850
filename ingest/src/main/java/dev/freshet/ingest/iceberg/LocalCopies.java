package dev.freshet.ingest.iceberg;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.FileIO;

/**
 * Paths on this machine for staged files. A file elsewhere is copied here once, and kept until upkeep says that no table names it any more.
 */
final class LocalCopies {

    private final Path directory;
    private final Map<String, Path> copies = new ConcurrentHashMap<>();

    LocalCopies(Path directory) {
        this.directory = directory;
    }

    Path path(FileIO io, DataFile file) {
        String location = file.location();
        if (LocalFileIO.isLocal(location)) {
            return LocalFileIO.path(location).toAbsolutePath();
        }
        return copies.computeIfAbsent(location, missing -> copy(io, missing));
    }

    private Path copy(FileIO io, String location) {
        Path target = directory.resolve("copies").resolve(UUID.randomUUID() + ".parquet");
        try {
            Files.createDirectories(target.getParent());
            try (InputStream in = io.newInputFile(location).newStream()) {
                Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
            }
            return target;
        } catch (IOException e) {
            try {
                Files.deleteIfExists(target);
            } catch (IOException ignored) {
                // The directory goes with the process's scratch space.
            }
            throw Failures.writeFailed(target.toString(), new UncheckedIOException(e));
        }
    }

    /**
     * A file without rows that has every column of a schema, so that a reader by name finds columns that the older files beside it do not
     * have yet.
     */
    Path shape(String table, Schema schema) {
        return copies.computeIfAbsent("shape " + table + " " + schema.schemaId(), missing -> {
            Path target = directory.resolve("shapes").resolve(table + "-" + schema.schemaId() + ".parquet");
            try {
                StagedFileWriter writer =
                        new StagedFileWriter(new LocalFileIO().newOutputFile(target.toString()), schema);
                writer.close();
            } catch (RuntimeException e) {
                throw Failures.writeFailed(target.toString(), e);
            }
            return target;
        });
    }

    /** Deletes the copy of a file that no table names any more. */
    void forget(String location) {
        Path copy = copies.remove(location);
        if (copy != null) {
            new LocalFileIO().deleteFile(copy.toString());
        }
    }
}
