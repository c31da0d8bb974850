package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.demo.FreshnessProbe;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 2: whoever reads the target, whenever, sees whole source transactions only. */
class TornTransactionTest {

    @TempDir
    Path directory;

    @Test
    void noReaderEverSeesHalfATransaction() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, 1_000);
                Pipeline pipeline = shop.start()) {
            assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                    .as("%s", pipeline.status())
                    .isTrue();
            try (FreshnessProbe probe = FreshnessProbe.start(shop.warehouse(), "analytics", Duration.ofMillis(5))) {
                try (DemoWorkload load =
                        DemoWorkload.start(shop.shop(), shop.crm(), new DemoWorkload.Settings(400, 3, 25, 11), probe)) {
                    Thread.sleep(12_000);
                    load.stop();
                }
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                assertThat(probe.awaitAllVisible(Duration.ofSeconds(20))).isTrue();
                FreshnessProbe.Freshness seen = probe.overall();
                System.out.println("markers: " + seen);
                assertThat(seen.visible()).isGreaterThan(150);
                assertThat(seen.torn()).isZero();
            }
        }
    }
}
