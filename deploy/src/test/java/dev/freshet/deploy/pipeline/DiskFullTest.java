package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.SmallFileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk is told with its place, stops nothing that does not need it, and costs nothing once there is room again. */
class DiskFullTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    Path directory;

    @Test
    void nothingIsLostWhenTheDiskFillsUp() throws Exception {
        Optional<SmallFileSystem> mounted = SmallFileSystem.mount(directory.resolve("disk"), 400L << 20);
        assumeThat(mounted).as("this user may mount a small file system").isPresent();
        try (SmallFileSystem disk = mounted.get();
                ShopFixture shop = ShopFixture.create(directory.resolve("shop"), 500)) {
            Files.writeString(
                    shop.project().resolve("freshet.yml"),
                    "directory: " + disk.path().resolve("data") + "\nbatch:\n  interval: 50ms\n");
            try (Pipeline pipeline = shop.start()) {
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                try (DemoWorkload load = shop.workload(400, 17)) {
                    disk.fill(0);
                    Await.until("the problem is told", PATIENCE, () -> problems(pipeline)
                            .contains("space"));
                    assertThat(problems(pipeline)).contains(disk.path().toString());
                    disk.release();
                    Await.until("it is over", PATIENCE, () -> problems(pipeline).isEmpty());
                    load.stop();
                }
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
            }
            shop.verify();
        }
    }

    private static String problems(Pipeline pipeline) {
        StringBuilder text = new StringBuilder();
        PipelineStatus status = pipeline.status();
        status.problem().ifPresent(text::append);
        status.sources().forEach(source -> source.problems().forEach(text::append));
        status.targets().forEach(target -> target.problem().ifPresent(text::append));
        return text.toString();
    }
}
