package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.Main;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.testkit.ServiceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that is killed while it computes an edited model beside the cycles, for which nothing is kept. */
class KilledRestatementTest {

    @TempDir
    Path directory;

    @Test
    void theRestatementBeginsAnewAndNothingElseIsLost() throws Exception {
        try (ShopFixture shop = ShopFixture.create(directory, EditedModelTest.ORDERS, EditedModelTest.BESIDE)) {
            EditedModelTest.models(shop);
            shop.model(
                    "live",
                    "{{ config(unique_key='order_id') }} select order_id, discount from {{ source('shop', 'orders') }}");
            new RunningService(shop).close();
            try (EditedModelTest.TargetReader reader = new EditedModelTest.TargetReader(shop.warehouse())) {
                EditedModelTest.slowlyLabelled(shop, 2, " cross join {{ source('shop', 'order_items') }} c");
                for (int marker = 1001; marker <= 1002; marker++) {
                    try (ServiceProcess service = serve(shop)) {
                        service.awaitLine("restating labelled", Duration.ofSeconds(60));
                        EditedModelTest.deliver(shop, marker);
                        service.kill9();
                    }
                    assertThat(EditedModelTest.rows(
                                    shop.warehouse(), "select distinct version from analytics.labelled"))
                            .containsExactly("1");
                }
                EditedModelTest.slowlyLabelled(shop, 3, "");
                try (RunningService service = new RunningService(shop)) {
                    assertThat(EditedModelTest.rows(
                                    shop.warehouse(),
                                    "select version, discount from analytics.labelled where order_id = 1"))
                            .containsExactly("3 1002.00");
                    assertThat(service.part("models", "labelled").path("state").asText())
                            .isEqualTo("fresh");
                }
                reader.awaitMore();
            }
            shop.verify();
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
}
