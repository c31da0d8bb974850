package dev.freshet.transform.project;

import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.partial.PartialParsing;
import dev.freshet.transform.project.render.CommandFlags;
import dev.freshet.transform.project.render.TemplateOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A project in a temporary directory, written file by file. */
public final class ProjectOnDisk {

    static final String PROFILES =
            """
            demo:
              target: warehouse
              outputs:
                warehouse: {type: postgres, host: db, port: 5432, user: u, password: hunter2, dbname: dw, schema: analytics, threads: 4}
                shop: {type: postgres, host: shop-db, user: u, password: hunter2, dbname: shop, schema: public}
                crm: {type: postgres, host: crm-db, user: u, password: hunter2, dbname: crm, schema: public}
            """;

    static final String SOURCES =
            """
            sources:
              - name: shop
                connection: shop
                schema: public
                tables:
                  - name: orders
                    columns:
                      - {name: id, data_type: bigint}
                  - name: items
                    identifier: order_items
              - name: crm
                config: {meta: {freshet: {connection: crm}}}
                schema: public
                tables:
                  - name: customers
              - name: dw
                schema: raw
                tables:
                  - name: events
            """;

    public final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final Map<String, Object> vars = new HashMap<>();
    private final Map<String, Object> flags = new HashMap<>();
    private Optional<String> target = Optional.empty();
    private Optional<String> profile = Optional.empty();

    /** An empty project called demo with three PostgreSQL outputs. */
    public ProjectOnDisk(Path directory) {
        this.directory = directory;
        file("dbt_project.yml", "name: demo\nprofile: demo\n");
        file("profiles.yml", PROFILES);
    }

    ProjectOnDisk withSources() {
        return file("models/sources.yml", SOURCES);
    }

    public ProjectOnDisk file(String path, String content) {
        Path file = directory.resolve(path);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public ProjectOnDisk model(String name, String sql) {
        return file("models/" + name + ".sql", sql);
    }

    ProjectOnDisk environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public ProjectOnDisk var(String name, Object value) {
        vars.put(name, value);
        return this;
    }

    /** What a command's option says, {@code STORE_FAILURES}. */
    public ProjectOnDisk flag(String name, Object value) {
        flags.put(name, value);
        return this;
    }

    public ProjectOnDisk target(String name) {
        target = Optional.of(name);
        return this;
    }

    ProjectOnDisk profile(String name) {
        profile = Optional.of(name);
        return this;
    }

    Project load() {
        return ProjectLoader.load(directory, options(false));
    }

    public ParsedProject parse() {
        return ProjectLoader.parse(directory, options(false), "run");
    }

    /** With what the last such parse kept. */
    ParsedProject parsePartially(String command, Instant startedAt) {
        return ProjectLoader.parse(directory, options(false, false, startedAt), command, PartialParsing.AS_CONFIGURED);
    }

    /** As {@code serve} parses it, with what the last parse kept. */
    ParsedProject parseMaintainedPartially() {
        return ProjectLoader.parse(directory, options(true), "run", PartialParsing.ON);
    }

    ParsedProject parse(String command, Instant startedAt) {
        return ProjectLoader.parse(directory, options(false, false, startedAt), command);
    }

    ProjectOnDisk without(String path) {
        try {
            Files.delete(directory.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    public String text(String path) {
        try {
            return Files.readString(directory.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces what is there exactly once. */
    ProjectOnDisk edit(String path, String before, String after) {
        String text = text(path);
        if (text.indexOf(before) < 0 || text.indexOf(before) != text.lastIndexOf(before)) {
            throw new IllegalArgumentException("'" + before + "' is not in " + path + " once");
        }
        return file(path, text.replace(before, after));
    }

    /** As {@code serve} loads it. */
    Project loadMaintained() {
        return ProjectLoader.load(directory, options(true));
    }

    Model model(String name) {
        return find(load(), name);
    }

    static Model find(Project project, String name) {
        return project.models().stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no model " + name + " in " + project.models()));
    }

    /** As {@code --full-refresh} parses it. */
    public ParsedProject parseForFullRefresh() {
        return ProjectLoader.parse(directory, options(false, true), "run");
    }

    private ProjectLoader.Options options(boolean maintainAll) {
        return options(maintainAll, false, Instant.parse("2026-11-20T00:00:00Z"));
    }

    private ProjectLoader.Options options(boolean maintainAll, boolean fullRefresh) {
        return options(maintainAll, fullRefresh, Instant.parse("2026-11-20T00:00:00Z"));
    }

    private ProjectLoader.Options options(boolean maintainAll, boolean fullRefresh, Instant startedAt) {
        return new ProjectLoader.Options(
                Optional.empty(),
                profile,
                target,
                vars,
                environment,
                directory.resolve("home"),
                maintainAll,
                fullRefresh,
                startedAt,
                new CommandFlags(flags, Map.of(), Optional.empty(), TemplateOutput.toLog()));
    }
}
