package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.Main;
import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.testkit.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 3, for real: {@code freshet serve} is killed with -9 at random moments under load, and in the end every table equals its model. */
class KillRecoveryTest {

    private static final int KILLS = Integer.getInteger("freshet.kills", 30);

    @TempDir
    Path directory;

    @Test
    void killedAgainAndAgain() throws Exception {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        System.out.println("kill test: seed " + seed + ", " + KILLS + " kills");
        Random random = new Random(seed);
        try (ShopFixture shop = ShopFixture.create(
                directory, 3_000, "batch:\n  interval: 50ms\n  rows: 500\nstaging:\n  upkeep_interval: 1s\n")) {
            int served = 0;
            try (DemoWorkload load = shop.workload(400, seed)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    try (ServiceProcess service = serve(shop)) {
                        // Every third one dies somewhere in its start, recovery or load, the others while they serve.
                        if (kill % 3 == 0) {
                            pause(1_000 + random.nextInt(3_000));
                        } else {
                            service.awaitLine("Serving pipeline", Duration.ofSeconds(60));
                            served++;
                            pause(random.nextInt(4_000));
                        }
                        assertThat(service.isAlive())
                                .as(() -> String.join("\n", service.output()))
                                .isTrue();
                        service.kill9();
                    }
                }
                load.stop();
                assertThat(load.counters().lostConnections()).isZero();
            }
            assertThat(served).isGreaterThan(KILLS / 2);
            shop.catchUpAndVerify();
        }
    }

    private static ServiceProcess serve(ShopFixture shop) {
        return ServiceProcess.start(new ServiceProcess.Launch(
                Main.class.getName(),
                List.of("serve", "--project-dir", shop.project().toString()),
                List.of("-XX:TieredStopAtLevel=1"),
                shop.environment(),
                shop.project()));
    }

    private static void pause(long millis) throws InterruptedException {
        Thread.sleep(millis);
    }
}
