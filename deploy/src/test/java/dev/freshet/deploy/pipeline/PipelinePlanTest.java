package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.transform.project.Project;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelinePlanTest {

    @Test
    void aProjectWithoutAnythingToMaintainIsToldWhatWouldBe() {
        Project project = new Project(
                Path.of("shop"), Path.of("shop/target"), "shop", Map.of(), "dev", List.of(), List.of(), List.of());
        assertThatThrownBy(() -> PipelinePlan.of(project))
                .hasMessageContaining("project 'shop' has no model that Freshet can maintain")
                .hasMessageContaining("'connection: <an output of profiles.yml>'")
                .hasMessageContaining("'meta: {freshet: {maintain: true}}'")
                .hasMessageEndingWith("'freshet run' builds the project as it is");
    }
}
