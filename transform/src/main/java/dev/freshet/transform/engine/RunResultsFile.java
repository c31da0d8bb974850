package dev.freshet.transform.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.Manifest;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.ResourceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes dbt's run_results.json, version 6: every key of every result is there, null when empty. */
final class RunResultsFile {

    static final String NAME = "run_results.json";

    private static final String SCHEMA = "https://schemas.getdbt.com/dbt/run-results/v6.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunResultsFile() {}

    static void write(
            ParsedProject project,
            List<NodeResult> results,
            Duration took,
            Map<String, Object> arguments,
            Instant generatedAt) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("metadata", metadata(project, generatedAt));
        List<Object> entries = new ArrayList<>();
        results.forEach(result -> entries.add(entry(project, result)));
        document.put("results", entries);
        document.put("elapsed_time", took.toNanos() / 1e9);
        document.put("args", arguments);
        Path file = project.targetDirectory().resolve(NAME);
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

    static Map<String, @Nullable Object> metadata(ParsedProject project, Instant generatedAt) {
        Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
        Map<?, ?> known = (Map<?, ?>) project.manifest().document().getOrDefault("metadata", Map.of());
        metadata.put("dbt_schema_version", SCHEMA);
        metadata.put("dbt_version", known.get("dbt_version"));
        metadata.put("generated_at", generatedAt.toString());
        metadata.put("invocation_id", known.get("invocation_id"));
        metadata.put("invocation_started_at", known.get("invocation_started_at"));
        metadata.put("env", Map.of());
        return metadata;
    }

    private static Map<String, @Nullable Object> entry(ParsedProject project, NodeResult result) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("status", result.status().word());
        List<Object> timing = new ArrayList<>();
        for (NodeResult.Timing part : result.timing()) {
            Map<String, Object> times = new LinkedHashMap<>();
            times.put("name", part.name());
            times.put("started_at", part.startedAt().toString());
            times.put("completed_at", part.completedAt().toString());
            timing.add(times);
        }
        entry.put("timing", timing);
        entry.put("thread_id", result.thread());
        entry.put("execution_time", result.seconds());
        entry.put("adapter_response", result.response());
        entry.put("message", result.message().orElse(null));
        entry.put("failures", result.failures().isPresent() ? result.failures().getAsLong() : null);
        entry.put("unique_id", result.node().uniqueId());
        boolean hasCode = result.node().type() != ResourceType.SEED;
        entry.put("compiled", hasCode ? result.compiledCode().isPresent() : null);
        entry.put("compiled_code", result.compiledCode().orElse(null));
        entry.put("relation_name", relation(project.manifest(), result));
        entry.put("batch_results", null);
        return entry;
    }

    private static @Nullable Object relation(Manifest manifest, NodeResult result) {
        if (result.node().type() == ResourceType.TEST && !ProjectRun.storesFailures(result.node())) {
            return null;
        }
        return manifest.node(result.node().uniqueId())
                .map(document -> document.get("relation_name"))
                .orElse(null);
    }

    /** A result as {@code on-run-end} sees it. */
    static Map<String, Object> forTemplates(ParsedProject project, NodeResult result) {
        Map<String, Object> seen = new LinkedHashMap<>();
        entry(project, result).forEach((key, value) -> {
            if (value != null) {
                seen.put(key, value);
            }
        });
        seen.put("status", result.status().word());
        seen.put("node", project.manifest().node(result.node().uniqueId()).orElse(Map.of()));
        return seen;
    }
}
