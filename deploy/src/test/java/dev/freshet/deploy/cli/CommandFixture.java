package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A project in a directory, whose database is a DuckDB file in it, and what commands on it print. */
final class CommandFixture {

    final Path directory;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    CommandFixture(Path directory) {
        this.directory = directory;
        file("dbt_project.yml", "name: demo\nprofile: demo\n");
        file(
                "profiles.yml",
                "demo: {target: dev, outputs: {dev: {type: duckdb, path: '" + directory.resolve("dw.duckdb")
                        + "', schema: main}}}\n");
    }

    CommandFixture file(String path, String content) {
        try {
            Path file = directory.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** @return the exit code */
    int run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--project-dir", directory.toString()));
        return FreshetCommand.run(
                new Terminal(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        Clock.systemUTC(),
                        ZoneOffset.UTC,
                        false),
                all.toArray(String[]::new));
    }

    /** What was printed since the last time, without times, durations and dots. */
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
}
