package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.testkit.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 3: the process may end right after any step of the flow; what follows continues as if nothing had happened. */
class CrashPointTest {

    @TempDir
    Path directory;

    @Test
    void everyStepMayBeTheLast() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 500)) {
            try (DemoWorkload load = shop.workload(300, 7)) {
                for (int occurrence : new int[] {1, 4}) {
                    for (Step step : Step.values()) {
                        crashAfter(shop, step, occurrence);
                    }
                }
                load.stop();
            }
            shop.catchUpAndVerify();
        }
    }

    private static void crashAfter(ShopFixture shop, Step step, int occurrence) {
        try (ServiceProcess service = ServiceProcess.start(new ServiceProcess.Launch(
                CrashingService.class.getName(),
                List.of(shop.project().toString(), step.name(), Integer.toString(occurrence)),
                List.of("-XX:TieredStopAtLevel=1"),
                shop.environment(),
                shop.project()))) {
            assertThat(service.awaitExit(Duration.ofSeconds(90)))
                    .as("%s for the %d. time:\n%s", step, occurrence, String.join("\n", service.output()))
                    .isEqualTo(CrashingService.EXIT);
        }
    }
}
