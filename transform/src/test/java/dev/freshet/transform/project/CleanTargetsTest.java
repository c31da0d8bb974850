package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CleanTargetsTest {

    @TempDir
    Path directory;

    @Test
    void removesWhatIsListedAndKeepsTheProject() {
        ProjectOnDisk project = new ProjectOnDisk(directory)
                .file("dbt_project.yml", "name: demo\nclean-targets: [target, dbt_packages, logs]\n")
                .file("target/compiled/a.sql", "x")
                .file("dbt_packages/p/dbt_project.yml", "name: p\n")
                .model("m", "select 1");
        assertThat(CleanTargets.remove(directory)).containsExactly("target", "dbt_packages");
        assertThat(directory.resolve("target")).doesNotExist();
        assertThat(directory.resolve("models/m.sql")).exists();
        project.file("target/x", "x").file("dbt_project.yml", "name: demo\nclean-targets: [target, models]\n");
        assertThatThrownBy(() -> CleanTargets.remove(directory))
                .hasMessage(
                        "dbt_project.yml: 'clean-targets' names 'models', which holds the project's own files: nothing was removed; take it off the list");
        assertThat(directory.resolve("target/x")).exists();
        project.file("dbt_project.yml", "name: demo\nclean-targets: [../other]\n");
        assertThatThrownBy(() -> CleanTargets.remove(directory)).hasMessageContaining("lies outside the project");
    }
}
