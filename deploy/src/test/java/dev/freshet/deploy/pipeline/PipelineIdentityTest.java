package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.demo.DemoProject;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.ProjectLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two people with a checkout each of one project, on the same source databases. */
class PipelineIdentityTest {

    @TempDir
    Path directory;

    @Test
    void pipelinesWithDefaultOutputsOfTheirOwnRunSideBySide() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory.resolve("ada"), 300)) {
            Project ada = shop.load();
            Project bob = checkout(shop, Optional.of("mine"));
            try (Pipeline one = shop.start();
                    Pipeline other = start(bob, Takeover.REFUSED)) {
                try (DemoWorkload load = shop.workload(200, 1)) {
                    assertThat(one.catchUp(ShopFixture.PATIENCE))
                            .as("%s", one.status())
                            .isTrue();
                    assertThat(other.catchUp(ShopFixture.PATIENCE))
                            .as("%s", other.status())
                            .isTrue();
                    load.stop();
                }
                assertThat(one.catchUp(ShopFixture.PATIENCE)).isTrue();
                assertThat(other.catchUp(ShopFixture.PATIENCE)).isTrue();
            }
            shop.verify(ada);
            shop.verify(bob);
            assertThat(bob.models().get(bob.models().size() - 1).relation().connection())
                    .isEqualTo("mine");
        }
    }

    @Test
    void someoneElsesPipelineIsRefusedByItsOwnersNameUnlessTakenOver() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory.resolve("ada"), 200)) {
            try (Pipeline ada = shop.start()) {
                assertThat(ada.catchUp(ShopFixture.PATIENCE))
                        .as("%s", ada.status())
                        .isTrue();
            }
            Project bob = checkout(shop, Optional.empty());
            assertThatThrownBy(() -> start(bob, Takeover.REFUSED))
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("belongs to 'freshet pipeline shop_demo/warehouse, connection crm, owner "
                            + System.getProperty("user.name") + "@")
                    .hasMessageContaining("--take-over")
                    .hasMessageContaining("--target");
            try (Pipeline taken = start(bob, Takeover.ALLOWED)) {
                assertThat(taken.catchUp(ShopFixture.PATIENCE))
                        .as("%s", taken.status())
                        .isTrue();
                assertThat(taken.fatalError()).isEmpty();
            }
            shop.verify(bob);
            assertThatThrownBy(shop::start)
                    .as("now it is Ada who is refused")
                    .hasMessageContaining("belongs to 'freshet pipeline shop_demo/warehouse");
        }
    }

    /** A second checkout, with staging of its own and an output {@code mine} that delivers to a schema of its own. */
    private Project checkout(ShopFixture shop, Optional<String> target) throws Exception {
        Path project = directory.resolve("bob");
        DemoProject.copyTo(project);
        Files.writeString(project.resolve("freshet.yml"), "batch:\n  interval: 50ms\n");
        Path profiles = project.resolve("profiles.yml");
        Files.writeString(
                profiles,
                Files.readString(profiles)
                        + """

                    mine:
                      type: postgres
                      host: 127.0.0.1
                      port: %d
                      user: postgres
                      password: postgres
                      dbname: warehouse
                      schema: bob
                      route: {warehouse: mine}
                """
                                .formatted(shop.warehouse().port()));
        return ProjectLoader.load(
                project,
                new ProjectLoader.Options(
                        Optional.of(project),
                        Optional.empty(),
                        target,
                        Map.of(),
                        shop.environment(),
                        project,
                        true,
                        false,
                        Instant.now()));
    }

    private static Pipeline start(Project project, Takeover takeover) {
        return Pipeline.start(
                project,
                SettingsFile.read(project.directory()),
                new Plugins(),
                takeover,
                Clock.systemUTC(),
                StepListener.NONE,
                new PipelineListener() {});
    }
}
