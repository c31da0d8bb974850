package dev.freshet.deploy.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * How the commands of a project find its running service: {@code service.json} in the run-time directory, readable by its owner only. It is gone after an orderly
 * stop; after a crash it names a process that does not live or does not answer with its token.
 */
final class ServiceFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param token proves to the service that the caller may read its owner's files */
    record Entry(String host, int port, long pid, String token, String pipeline) {

        /** Where a client on this machine connects. */
        String url() {
            String reachable = host.equals("0.0.0.0") ? "127.0.0.1" : host.equals("::") ? "::1" : host;
            return "http://" + (reachable.contains(":") ? "[" + reachable + "]" : reachable) + ":" + port;
        }

        /** Without the token. */
        @Override
        public String toString() {
            return pipeline + " at " + url() + ", process " + pid;
        }
    }

    private final Path file;

    ServiceFile(Path directory) {
        this.file = directory.resolve("service.json");
    }

    /** Empty when there is none, or what is there was not written by a service. */
    Optional<Entry> read() {
        try {
            JsonNode root = JSON.readTree(Files.readString(file));
            Entry entry = new Entry(
                    root.path("host").asText(),
                    root.path("port").asInt(),
                    root.path("pid").asLong(),
                    root.path("token").asText(),
                    root.path("pipeline").asText());
            return entry.port() > 0 && !entry.token().isEmpty() ? Optional.of(entry) : Optional.empty();
        } catch (IOException ignored) {
            return Optional.empty();
        }
    }

    void write(Entry entry) {
        String text = JSON.createObjectNode()
                .put("host", entry.host())
                .put("port", entry.port())
                .put("pid", entry.pid())
                .put("token", entry.token())
                .put("pipeline", entry.pipeline())
                .toPrettyString();
        try {
            Files.createDirectories(file.getParent());
            Path next = file.resolveSibling("service.json." + entry.pid());
            Files.deleteIfExists(next);
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.write(next, text.getBytes(StandardCharsets.UTF_8));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be written: " + e.getMessage()
                            + "; free space or set 'directory' in freshet.yml",
                    e);
        }
    }

    /** Removes the file unless another service has written its own by now. */
    void remove(Entry entry) {
        if (read().equals(Optional.of(entry))) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException ignored) {
                // what it names does not answer any more, which is told apart
            }
        }
    }
}
