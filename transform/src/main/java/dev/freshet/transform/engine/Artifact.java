package dev.freshet.transform.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What dbt's files have in common: metadata, and in those about a run its results and how long it took. */
final class Artifact {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ParsedProject project;
    private final Map<String, @Nullable Object> document = new LinkedHashMap<>();

    /** About a run. */
    Artifact(
            ParsedProject project,
            String schema,
            Instant generatedAt,
            List<? extends Map<String, @Nullable Object>> results,
            Duration took) {
        this(project, schema, generatedAt);
        document.put("results", results);
        document.put("elapsed_time", took.toNanos() / 1e9);
    }

    /** With nothing but its metadata. */
    Artifact(ParsedProject project, String schema, Instant generatedAt) {
        this.project = project;
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        Map<?, ?> known = (Map<?, ?>) project.manifest().document().getOrDefault("metadata", Map.of());
        metadata.put("dbt_schema_version", schema);
        metadata.put("dbt_version", known.get("dbt_version"));
        metadata.put("generated_at", generatedAt.toString());
        metadata.put("invocation_id", known.get("invocation_id"));
        metadata.put("invocation_started_at", known.get("invocation_started_at"));
        metadata.put("env", Map.of());
        document.put("metadata", metadata);
    }

    Artifact with(String key, @Nullable Object value) {
        document.put(key, value);
        return this;
    }

    /** @throws FreshetException USER when it can't be written */
    void write(String name) {
        Path file = project.targetDirectory().resolve(name);
        try {
            Files.createDirectories(project.targetDirectory());
            Files.write(file, JSON.writeValueAsBytes(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the results hold what is no JSON", e);
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "'" + file + "' can't be written: " + e.getMessage() + "; check the directory's rights",
                    e);
        }
    }
}
