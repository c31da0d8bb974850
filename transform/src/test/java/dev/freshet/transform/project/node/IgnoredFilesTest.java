package dev.freshet.transform.project.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.project.ProjectOnDisk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** .dbtignore, and files that are no part of a project without it. */
class IgnoredFilesTest {

    @TempDir
    Path directory;

    @Test
    void leavesOutWhatDbtLeavesOut() {
        ProjectOnDisk project = new ProjectOnDisk(directory)
                .model("m", "select 1")
                .model(".#m", "{{ nothing() }}")
                .model("~m", "{{ nothing() }}")
                .file("models/draft/d.sql", "{{ nothing() }}")
                .file("tests/fixtures/f.sql", "{{ nothing() }}")
                .file(".dbtignore", "# not ready\ndraft/\n");
        assertThat(project.parse().nodes()).extracting(Node::name).containsExactly("m");
    }

    @Test
    void patternsAreThoseOfGit() {
        IgnoredFiles ignored = IgnoredFiles.of(
                List.of("*.bak.sql", "/seeds/raw", "models/**/old", "a?c.sql", "[xy].sql", "!models/keep.bak.sql"));
        for (String path : List.of(
                "models/a.bak.sql",
                "seeds/raw/a.csv",
                "models/old/a.sql",
                "models/x/y/old/a.sql",
                "models/abc.sql",
                "x.sql")) {
            assertThat(ignored.contain(path)).as(path).isTrue();
        }
        for (String path : List.of(
                "models/a.sql", "models/seeds/raw/a.csv", "models/older/a.sql", "models/keep.bak.sql", "z.sql")) {
            assertThat(ignored.contain(path)).as(path).isFalse();
        }
    }
}
