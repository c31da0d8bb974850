package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.DemoWorkload;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person sees it: a real browser on a pipeline under load. Leaves screenshots in {@code target/screenshots}. */
@Tag("browser")
class PageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    @TempDir
    Path directory;

    @Test
    void numbersMoveAFailureShowsItsReasonAndThingsCanBePausedAndResumed() throws Exception {
        Optional<Path> binary = Browser.installed();
        if (binary.isEmpty() && System.getenv("FRESHET_REQUIRE_BROWSER") != null) {
            throw new AssertionError(
                    "no chromium, chromium-browser or google-chrome on the PATH, and FRESHET_REQUIRE_BROWSER is set");
        }
        Assumptions.assumeTrue(binary.isPresent(), "no browser: install chromium, or name one with FRESHET_BROWSER");
        try (ShopFixture shop = ShopFixture.create(directory.resolve("shop"), 500)) {
            shop.model(
                    "credit_grades",
                    """
                    select customer_id,
                        case when credit_limit < 0 then cast('limit ' || credit_limit as integer) else 1 end as grade
                    from {{ source('crm', 'customers') }}""");
            shop.model(
                    "credit_report",
                    "select grade, count(*) as customers from {{ ref('credit_grades') }} group by grade");
            try (RunningService service = new RunningService(shop);
                    Browser browser = new Browser(binary.get(), Files.createDirectory(directory.resolve("browser")));
                    DemoWorkload load = shop.workload(300, 1)) {
                see(shop, service, browser);
                load.stop();
            }
        }
    }

    private static void see(ShopFixture shop, RunningService service, Browser browser) throws Exception {
        browser.open(service.url());
        until("the graph is drawn", () -> browser.attribute(node("customer_value"), "data-state")
                .equals("fresh"));
        assertThat(browser.text("#pipeline")).isEqualTo("shop_demo/warehouse");
        assertThat(browser.text("#attention")).contains("Every model is fresh");
        numbersMove(browser);

        shop.execute(shop.crm(), "update customers set credit_limit = -1 where customer_id = 1");
        until("the failure shows", () -> browser.attribute(node("credit_grades"), "data-state")
                .equals("failed"));
        assertThat(browser.text("#attention li[data-state=failed]"))
                .contains("credit_grades")
                .contains("Could not convert string 'limit -1")
                .contains("Held with it: credit_report");
        assertThat(browser.text(row("credit_report"))).contains("its parent 'credit_grades' is failing");

        browser.click(row("order_summary") + " button");
        until("the pause shows", () -> browser.text(row("order_summary")).contains("paused"));
        assertThat(service.part("models", "order_summary").path("state").asText())
                .isEqualTo("paused");
        until("so does what it holds", () -> browser.attribute(node("customer_value"), "data-state")
                .equals("held"));
        browser.screenshot(SCREENSHOTS.resolve("page-light.png"), "light", 1280);
        browser.screenshot(SCREENSHOTS.resolve("page-dark.png"), "dark", 1280);
        browser.screenshot(SCREENSHOTS.resolve("page-narrow.png"), "light", 420);
        browser.click(row("order_summary") + " button");
        until("it is resumed", () -> browser.attribute(node("order_summary"), "data-state")
                .equals("fresh"));

        shop.execute(shop.crm(), "update customers set credit_limit = 1 where customer_id = 1");
        until("the model is well again", () -> browser.text("#attention").contains("Every model is fresh"));

        browser.click("#pause-all");
        until("the cycle is paused", () -> browser.text("#state").equals("paused"));
        assertThat(service.hosted().report().state().name()).isEqualTo("PAUSED");
        browser.click("#attention li[data-state=paused] button");
        until("it goes on", () -> browser.text("#state").equals("running"));

        browser.click(node("open_orders"));
        until("its lineage is lit", () -> !browser.attribute("[data-id='shop.public.orders'].lit", "data-id")
                .isEmpty());
        assertThat(browser.attribute(node("ticket_desk") + ".lit", "data-id")).isEmpty();
        browser.screenshot(SCREENSHOTS.resolve("page-lineage.png"), "light", 1280);
        assertThat(browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
                        .asBoolean())
                .as("nothing makes the page scroll sideways")
                .isTrue();
        assertThat(browser.complaints()).as("the console is clean").isEmpty();
    }

    private static void numbersMove(Browser browser) {
        until("rows flow", () -> !browser.text("#hop-delivered .rate").startsWith("0 "));
        String cut = browser.text("#subtitle");
        String rate = browser.text("#hop-staged .rate");
        until("the cut moves", () -> !browser.text("#subtitle").equals(cut));
        until("the rate moves", () -> !browser.text("#hop-staged .rate").equals(rate));
        assertThat(browser.text("#hop-delivered .lag")).matches("[\\d.]+ m?s");
    }

    private static String node(String model) {
        return "#graph [data-id='warehouse.analytics." + model + "']";
    }

    private static String row(String model) {
        return "#models [data-id='warehouse.analytics." + model + "']";
    }

    private static void until(String what, Callable<Boolean> condition) {
        Await.until(what, PATIENCE, condition);
    }
}
