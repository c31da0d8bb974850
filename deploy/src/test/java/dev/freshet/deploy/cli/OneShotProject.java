package dev.freshet.deploy.cli;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A project whose database is a DuckDB file, and the commands on it, for tests that speak of nothing else. */
abstract class OneShotProject {

    @TempDir
    Path project;

    private CommandFixture fixture;

    @BeforeEach
    void write() {
        fixture = new CommandFixture(project);
    }

    void file(String path, String content) {
        fixture.file(path, content);
    }

    List<String> lines() {
        return fixture.lines();
    }

    int run(String... arguments) {
        return fixture.run(arguments);
    }
}
