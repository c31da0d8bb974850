package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
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
            keepHistory(shop);
            try (DemoWorkload load = shop.workload(300, 7)) {
                for (int occurrence : new int[] {1, 4}) {
                    for (Step step : Step.values()) {
                        shop.execute(shop.crm(), "insert into visits (customer_id) values (1), (1), (2)");
                        crashAfter(shop, step, occurrence);
                    }
                }
                load.stop();
            }
            shop.catchUpAndVerify();
        }
    }

    /** Rows that are only ever added, so that a history to which each was added once is what the model's SQL gives. */
    private static void keepHistory(ShopFixture shop) throws IOException {
        shop.execute(shop.crm(), "create table visits (id bigserial primary key, customer_id bigint)");
        Files.writeString(
                shop.project().resolve("models/visits.yml"),
                "sources:\n  - {name: web, connection: crm, schema: public, tables: [{name: visits}]}\n");
        shop.model(
                "visit_log",
                """
                {{ config(materialized='incremental', incremental_strategy='append') }}
                select id, customer_id from {{ source('web', 'visits') }}
                {% if is_incremental() %} where id > (select coalesce(max(id), 0) from {{ this }}) {% endif %}
                """);
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
