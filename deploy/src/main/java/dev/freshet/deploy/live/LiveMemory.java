package dev.freshet.deploy.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.deploy.config.RunTimeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** What each live node saw when it ran last, in {@code live.json} of the run-time directory, so that a restart runs nothing that did not change. */
final class LiveMemory {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A run that went well.
     *
     * @param marks of its inputs, taken before it began
     * @param runs how many there were, for those that read it
     * @param seen by live parent, its {@code runs} when this one began
     */
    record Ran(
            String fingerprint,
            Instant began,
            Duration took,
            Map<String, String> marks,
            long runs,
            Map<String, Long> seen) {}

    private final Path file;

    LiveMemory(Path directory) {
        this.file = directory.resolve("live.json");
    }

    /** By unique id. A file that can't be read is as good as none: everything runs once more. */
    Map<String, Ran> read() {
        Map<String, Ran> ran = new TreeMap<>();
        if (!Files.exists(file)) {
            return ran;
        }
        try {
            JSON.readTree(Files.readString(file)).properties().forEach(entry -> {
                JsonNode node = entry.getValue();
                Map<String, String> marks = new TreeMap<>();
                node.path("marks")
                        .properties()
                        .forEach(
                                mark -> marks.put(mark.getKey(), mark.getValue().asText()));
                Map<String, Long> seen = new TreeMap<>();
                node.path("seen")
                        .properties()
                        .forEach(mark -> seen.put(mark.getKey(), mark.getValue().asLong()));
                ran.put(
                        entry.getKey(),
                        new Ran(
                                node.path("fingerprint").asText(),
                                Instant.parse(node.path("began").asText()),
                                Duration.ofMillis(node.path("took_ms").asLong()),
                                marks,
                                node.path("runs").asLong(),
                                seen));
            });
            return ran;
        } catch (IOException | RuntimeException e) {
            return new TreeMap<>();
        }
    }

    void write(Map<String, Ran> ran) {
        ObjectNode root = JSON.createObjectNode();
        ran.forEach((id, last) -> {
            ObjectNode node = root.putObject(id)
                    .put("fingerprint", last.fingerprint())
                    .put("began", last.began().toString())
                    .put("took_ms", last.took().toMillis())
                    .put("runs", last.runs());
            ObjectNode marks = node.putObject("marks");
            last.marks().forEach(marks::put);
            ObjectNode seen = node.putObject("seen");
            last.seen().forEach(seen::put);
        });
        RunTimeFile.replace(file, root.toPrettyString());
    }
}
