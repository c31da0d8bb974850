package dev.freshet.transform.engine;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.render.LiveRendering;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code source freshness}: asks when each source was loaded last, judges it by its thresholds, and writes sources.json version 3. Used once. */
public final class SourceFreshness {

    private static final String SCHEMA = "https://schemas.getdbt.com/dbt/sources/v3.json";

    /** dbt's words. */
    public enum Status {
        PASS("pass"),
        WARN("warn"),
        ERROR("error"),
        RUNTIME_ERROR("runtime error");

        private final String word;

        Status(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /**
     * How fresh one source is.
     *
     * @param name source and table
     * @param loadedAt empty when it could not be asked
     * @param error why it could not be asked
     */
    public record Source(
            String uniqueId,
            String name,
            Status status,
            Optional<Instant> loadedAt,
            Instant askedAt,
            Duration took,
            Optional<String> error) {}

    public record Report(List<Source> sources, Duration took) {

        public boolean isGood() {
            return sources.stream()
                    .allMatch(source -> source.status() == Status.PASS || source.status() == Status.WARN);
        }
    }

    /** Told of a source that is about to be asked: its name. */
    @FunctionalInterface
    public interface Started {
        void started(int number, int total, String name);
    }

    /** Told of what became of it. */
    @FunctionalInterface
    public interface Ended {
        void ended(int number, int total, Source source);
    }

    private final ParsedProject project;
    private final NodeExecution execution;
    private final Clock clock;

    public SourceFreshness(ParsedProject project, Clock clock) {
        this.project = project;
        this.execution = project.execution();
        this.clock = clock;
    }

    /** @param wanted by unique id */
    public Report run(Predicate<String> wanted, Started started, Ended ended) {
        Instant began = clock.instant();
        List<Map<String, @Nullable Object>> watched = project.manifest().section("sources").values().stream()
                .filter(document -> wanted.test(String.valueOf(document.get("unique_id"))) && isWatched(document))
                .toList();
        List<Source> sources = new ArrayList<>();
        try (Databases live = Databases.live()) {
            int number = 0;
            for (Map<String, @Nullable Object> document : watched) {
                number++;
                started.started(number, watched.size(), name(document));
                Source source = ask(document, live);
                sources.add(source);
                live.rollback();
                ended.ended(number, watched.size(), source);
            }
        }
        Duration took = Duration.between(began, clock.instant());
        write(sources, took);
        return new Report(sources, took);
    }

    private static boolean isWatched(Map<String, @Nullable Object> document) {
        return document.get("freshness") instanceof Map<?, ?> freshness
                && (limit(freshness, "warn_after").isPresent()
                        || limit(freshness, "error_after").isPresent())
                && (document.get("loaded_at_field") != null || document.get("loaded_at_query") != null);
    }

    private static String name(Map<String, @Nullable Object> document) {
        return document.get("source_name") + "." + document.get("name");
    }

    private static Optional<Duration> limit(Map<?, ?> freshness, String key) {
        if (!(freshness.get(key) instanceof Map<?, ?> limit)
                || limit.get("count") == null
                || limit.get("period") == null) {
            return Optional.empty();
        }
        long count = Long.parseLong(String.valueOf(limit.get("count")));
        return Optional.of(
                switch (String.valueOf(limit.get("period"))) {
                    case "minute" -> Duration.ofMinutes(count);
                    case "hour" -> Duration.ofHours(count);
                    default -> Duration.ofDays(count);
                });
    }

    private Source ask(Map<String, @Nullable Object> document, Databases live) {
        Instant began = clock.instant();
        String id = String.valueOf(document.get("unique_id"));
        try {
            execution.comment(id, live);
            Connection output = project.connections().get(execution.outputOfSource(id));
            LiveRendering.Result found =
                    execution.freshness(document, output == null ? project.target() : output, live);
            List<@Nullable Object> row = found.rows().get(0);
            // A table without rows is as old as can be.
            Instant loaded = row.get(0) == null ? Instant.EPOCH : instant(row.get(0));
            Instant asked = instant(row.get(1));
            return new Source(
                    id,
                    name(document),
                    judged((Map<?, ?>) document.get("freshness"), Duration.between(loaded, asked)),
                    Optional.of(loaded),
                    asked,
                    Duration.between(began, clock.instant()),
                    Optional.empty());
        } catch (FreshetException e) {
            return new Source(
                    id,
                    name(document),
                    Status.RUNTIME_ERROR,
                    Optional.empty(),
                    clock.instant(),
                    Duration.between(began, clock.instant()),
                    Optional.of(String.valueOf(e.getMessage())));
        }
    }

    private static Status judged(@Nullable Map<?, ?> freshness, Duration age) {
        Map<?, ?> limits = freshness == null ? Map.of() : freshness;
        if (limit(limits, "error_after")
                .filter(limit -> age.compareTo(limit) > 0)
                .isPresent()) {
            return Status.ERROR;
        }
        return limit(limits, "warn_after")
                        .filter(limit -> age.compareTo(limit) > 0)
                        .isPresent()
                ? Status.WARN
                : Status.PASS;
    }

    /** Times without a zone are UTC, as in dbt. */
    private static Instant instant(@Nullable Object value) {
        String text = String.valueOf(value).strip().replace(' ', 'T');
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (java.time.format.DateTimeParseException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + value + "' is no time: cast loaded_at_field to a timestamp", e);
        }
    }

    private void write(List<Source> sources, Duration took) {
        new Artifact(
                        project,
                        SCHEMA,
                        clock.instant(),
                        sources.stream().map(this::entry).toList(),
                        took)
                .write("sources.json");
    }

    private Map<String, @Nullable Object> entry(Source source) {
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("unique_id", source.uniqueId());
        if (source.loadedAt().isEmpty()) {
            entry.put("error", source.error().orElse(null));
            entry.put("status", source.status().word());
            return entry;
        }
        Map<String, @Nullable Object> document =
                project.manifest().node(source.uniqueId()).orElseThrow();
        Instant loaded = source.loadedAt().get();
        entry.put("max_loaded_at", loaded.toString());
        entry.put("snapshotted_at", source.askedAt().toString());
        entry.put(
                "max_loaded_at_time_ago_in_s",
                Duration.between(loaded, source.askedAt()).toNanos() / 1e9);
        entry.put("status", source.status().word());
        entry.put("criteria", document.get("freshness"));
        entry.put("adapter_response", Map.of());
        entry.put("timing", List.of());
        entry.put("thread_id", Thread.currentThread().getName());
        entry.put("execution_time", source.took().toNanos() / 1e9);
        return entry;
    }
}
