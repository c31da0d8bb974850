package dev.freshet.deploy.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.deploy.config.RunTimeFile;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Keeps {@link Pauses} over restarts, in {@code pauses.json} of the run-time directory: what a person paused stays paused after a crash. */
final class PauseFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    PauseFile(Path directory) {
        this.file = directory.resolve("pauses.json");
    }

    Pauses read() {
        if (!Files.exists(file)) {
            return Pauses.NONE;
        }
        try {
            JsonNode root = JSON.readTree(Files.readString(file));
            Set<TableId> models = new HashSet<>();
            root.path("models")
                    .forEach(model -> models.add(new TableId(
                            model.path(0).asText(),
                            model.path(1).asText(),
                            model.path(2).asText())));
            Set<String> targets = new HashSet<>();
            root.path("targets").forEach(target -> targets.add(target.asText()));
            return new Pauses(root.path("pipeline").asBoolean(), models, targets);
        } catch (IOException | IllegalArgumentException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be read: " + e.getMessage() + "; delete it, then nothing is paused",
                    e);
        }
    }

    void write(Pauses pauses) {
        ObjectNode root = JSON.createObjectNode().put("pipeline", pauses.pipeline());
        ArrayNode models = root.putArray("models");
        pauses.models().stream().sorted().forEach(model -> models.addArray()
                .add(model.connection())
                .add(model.schema())
                .add(model.name()));
        ArrayNode targets = root.putArray("targets");
        pauses.targets().stream().sorted().forEach(targets::add);
        RunTimeFile.replace(file, root.toPrettyString());
    }
}
