package dev.freshet.deploy.cli.options;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that ask the project's running service. They need not parse the project. */
public final class ServiceOptions {

    @Option(
            names = "--project-dir",
            paramLabel = "DIR",
            defaultValue = "${env:DBT_PROJECT_DIR}",
            description = "Where dbt_project.yml is. Default: this directory or the nearest one above that has it.")
    @Nullable
    public Path projectDir;

    @Option(names = "--json", description = "Print the service's own answer, for other programs.")
    public boolean json;

    /** @throws FreshetException USER when no service runs for the project */
    public ServiceClient service() {
        ProjectOptions options = new ProjectOptions();
        options.projectDir = projectDir;
        return ServiceClient.require(SettingsFile.read(options.directory()).directory());
    }

    /** A model or a target of the service's. */
    public record Subject(Optional<String> model, Optional<String> target) {

        /** @param name {@code model:x}, {@code target:y} or, when only one of both has it, a plain name; empty for the whole pipeline */
        public static Subject of(String name, JsonNode status) {
            if (name.isEmpty()) {
                return new Subject(Optional.empty(), Optional.empty());
            }
            if (name.startsWith("model:")) {
                return new Subject(Optional.of(name.substring("model:".length())), Optional.empty());
            }
            if (name.startsWith("target:")) {
                return new Subject(Optional.empty(), Optional.of(name.substring("target:".length())));
            }
            boolean model = named(status.path("models"), name);
            boolean target = named(status.path("targets"), name);
            if (model && target) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "'" + name + "' is a model and a target: say 'model:" + name + "' or 'target:" + name + "'");
            }
            return target
                    ? new Subject(Optional.empty(), Optional.of(name))
                    : new Subject(Optional.of(name), Optional.empty());
        }

        private static boolean named(JsonNode parts, String name) {
            for (JsonNode part : parts) {
                if (part.path("name").asText().equals(name)) {
                    return true;
                }
            }
            return false;
        }

        public String text() {
            return model.map(name -> "model '" + name + "' and what reads it")
                    .or(() -> target.map(name -> "delivery to '" + name + "'"))
                    .orElse("the pipeline's cycle");
        }
    }

    /** What is paused after a change, for people. */
    public static String paused(JsonNode pauses) {
        List<String> parts = new ArrayList<>();
        if (pauses.path("pipeline").asBoolean()) {
            parts.add("the cycle");
        }
        pauses.path("models").forEach(model -> parts.add("model " + model.asText()));
        pauses.path("targets").forEach(target -> parts.add("target " + target.asText()));
        return parts.isEmpty() ? "Nothing is paused" : "Paused now: " + String.join(", ", parts);
    }
}
