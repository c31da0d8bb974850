package dev.freshet.transform.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What run_results.json says of the last run.
 *
 * @param command {@code run}, {@code build}, ...
 * @param arguments all that it was given
 * @param retryable unique ids of the nodes that failed or were skipped
 */
public record PreviousRun(
        String command, boolean isFullRefresh, Map<String, Object> arguments, List<String> retryable) {

    private static final Set<String> RETRYABLE = Set.of("error", "fail", "skipped", "runtime error", "partial success");
    private static final ObjectMapper JSON = new ObjectMapper();

    public PreviousRun {
        retryable = List.copyOf(retryable);
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
            document.path("results").forEach(result -> {
                if (RETRYABLE.contains(result.path("status").asText())) {
                    ids.add(result.path("unique_id").asText());
                }
            });
            return new PreviousRun(
                    document.path("args").path("which").asText(),
                    document.path("args").path("full_refresh").asBoolean(),
                    arguments == null ? Map.of() : arguments,
                    ids);
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + file + "' can't be read: " + e.getMessage(), e);
        }
    }
}
