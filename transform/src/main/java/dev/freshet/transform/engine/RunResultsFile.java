package dev.freshet.transform.engine;

import dev.freshet.transform.engine.microbatch.BatchResults;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes dbt's run_results.json, version 6: every key of every result is there, null when empty. */
final class RunResultsFile {

    static final String NAME = "run_results.json";

    private static final String SCHEMA = "https://schemas.getdbt.com/dbt/run-results/v6.json";

    private RunResultsFile() {}

    static void write(
            ParsedProject project,
            List<NodeResult> results,
            Duration took,
            Map<String, Object> arguments,
            Instant generatedAt) {
        new Artifact(
                        project,
                        SCHEMA,
                        generatedAt,
                        results.stream().map(result -> entry(project, result)).toList(),
                        took)
                .with("args", arguments)
                .write(NAME);
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
        boolean hasCode = !Set.of(ResourceType.SEED, ResourceType.UNIT_TEST, ResourceType.EXPOSURE)
                .contains(result.node().type());
        entry.put("compiled", hasCode ? result.compiledCode().isPresent() : null);
        entry.put("compiled_code", hasCode ? result.compiledCode().orElse(null) : null);
        entry.put("relation_name", relation(project, result));
        entry.put("batch_results", result.batches().map(RunResultsFile::batches).orElse(null));
        return entry;
    }

    private static Map<String, Object> batches(BatchResults batches) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("successful", windows(batches.successful()));
        entry.put("failed", windows(batches.failed()));
        return entry;
    }

    private static List<List<String>> windows(List<EventWindow> windows) {
        return windows.stream()
                .sorted(Comparator.comparing(EventWindow::start))
                .map(window -> Stream.of(window.startText(), window.endText())
                        .map(time -> time.replace(' ', 'T'))
                        .toList())
                .toList();
    }

    private static @Nullable Object relation(ParsedProject project, NodeResult result) {
        if (result.node().type() == ResourceType.TEST) {
            return project.storesFailures(result.node()) ? project.storedFailures(result.node()) : null;
        }
        return project.manifest()
                .node(result.node().uniqueId())
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
