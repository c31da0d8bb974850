package dev.freshet.deploy.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A project whose database is a DuckDB file, and the commands on it. */
abstract class OneShotProject {

    @TempDir
    Path project;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeEach
    void write() throws IOException {
        file("dbt_project.yml", "name: demo\nprofile: demo\n");
        file(
                "profiles.yml",
                "demo: {target: dev, outputs: {dev: {type: duckdb, path: '" + project.resolve("dw.duckdb")
                        + "', schema: main}}}\n");
    }

    void file(String path, String content) throws IOException {
        Path file = project.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    /** Without times, durations and dots. */
    List<String> lines() {
        List<String> lines = printed.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("^\\d\\d:\\d\\d:\\d\\d  ", "")
                        .replaceAll(" in \\d+\\.\\d\\ds\\]", "]")
                        .replaceAll(" \\.{3,} ", " "))
                .toList();
        printed.reset();
        return lines;
    }

    int run(String... arguments) {
        List<String> all = new java.util.ArrayList<>(List.of(arguments));
        all.addAll(List.of("--project-dir", project.toString()));
        return FreshetCommand.run(
                new Terminal(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        Clock.systemUTC(),
                        ZoneOffset.UTC,
                        false),
                all.toArray(String[]::new));
    }
}
