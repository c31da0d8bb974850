package dev.freshet.transform.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.microbatch.BatchResults;
import dev.freshet.transform.project.event.EventWindow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What run_results.json says of the last run.
 *
 * @param command {@code run}, {@code build}, ...
 * @param arguments all that it was given
 * @param retryable unique ids of the nodes that failed or were skipped
 * @param batches by microbatch model, where some were built and some were not
 * @param startedAt when it began
 */
public record PreviousRun(
        String command,
        boolean isFullRefresh,
        Map<String, Object> arguments,
        List<String> retryable,
        Map<String, BatchResults> batches,
        Optional<Instant> startedAt) {

    private static final Set<String> RETRYABLE = Set.of("error", "fail", "skipped", "runtime error", "partial success");
    private static final ObjectMapper JSON = new ObjectMapper();

    public PreviousRun {
        retryable = List.copyOf(retryable);
        batches = Map.copyOf(batches);
    }

    /** @throws FreshetException USER when there was no run, or its file can't be read */
    @SuppressWarnings("unchecked")
    public static PreviousRun read(Path targetDirectory) {
        Path file = targetDirectory.resolve(RunResultsFile.NAME);
        if (!Files.isRegularFile(file)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "Could not find previous run in '" + targetDirectory
                            + "' target directory: there is nothing to retry; 'freshet build' runs all");
        }
        try {
            JsonNode document = JSON.readTree(file.toFile());
            Map<String, Object> arguments = JSON.convertValue(document.path("args"), LinkedHashMap.class);
            List<String> ids = new ArrayList<>();
            Map<String, BatchResults> batches = new LinkedHashMap<>();
            document.path("results").forEach(result -> {
                BatchResults done = new BatchResults(
                        windows(result.path("batch_results").path("successful")),
                        windows(result.path("batch_results").path("failed")));
                if (!done.successful().isEmpty() && !done.failed().isEmpty()) {
                    batches.put(result.path("unique_id").asText(), done);
                }
                if (RETRYABLE.contains(result.path("status").asText())) {
                    ids.add(result.path("unique_id").asText());
                }
            });
            return new PreviousRun(
                    document.path("args").path("which").asText(),
                    document.path("args").path("full_refresh").asBoolean(),
                    arguments == null ? Map.of() : arguments,
                    ids,
                    batches,
                    Optional.of(document.path("metadata").path("invocation_started_at"))
                            .filter(JsonNode::isTextual)
                            .map(time -> EventWindow.time(time.asText())));
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + file + "' can't be read: " + e.getMessage(), e);
        }
    }

    private static List<EventWindow> windows(JsonNode listed) {
        List<EventWindow> windows = new ArrayList<>();
        listed.forEach(window -> windows.add(new EventWindow(
                EventWindow.time(window.path(0).asText()),
                EventWindow.time(window.path(1).asText()))));
        return windows;
    }
}
