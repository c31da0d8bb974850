package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.freshet.deploy.Main;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as a person sees it: a real browser on the demo while it runs. Leaves screenshots in {@code target/screenshots}. */
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
        try (ServiceProcess demo = ServiceProcess.start(new ServiceProcess.Launch(
                        Main.class.getName(),
                        List.of("demo", "--directory", "demo", "--orders", "500", "--rate", "300", "--port", "0"),
                        List.of("-XX:TieredStopAtLevel=1"),
                        Map.of(),
                        directory));
                Browser browser = new Browser(binary.get(), Files.createDirectory(directory.resolve("browser")))) {
            try {
                see(new Demo(demo, directory.resolve("demo/project")), browser);
            } finally {
                // In order, for its databases end with it only then.
                demo.sigterm();
                assertThat(demo.awaitExit(PATIENCE)).isZero();
            }
        }
    }

    /** The demo in its process, as another terminal sees it. */
    private static final class Demo {

        private final Path project;
        private final int port;
        private final String url;
        private final ServiceClient client;

        Demo(ServiceProcess process, Path project) {
            this.project = project;
            String listens = process.awaitLine("PostgreSQL listens on 127.0.0.1:\\d+", PATIENCE);
            this.port = Integer.parseInt(listens.replaceAll(".*127\\.0\\.0\\.1:(\\d+).*", "$1"));
            this.url = process.awaitLine("Look at it at http", PATIENCE).replaceAll(".*(http\\S+).*", "$1");
            Path directory = project.resolve(".freshet");
            until("it runs", () -> ServiceClient.find(directory).isPresent());
            this.client = ServiceClient.require(directory);
        }

        void add(String model, String sql) throws IOException {
            Files.writeString(project.resolve("models").resolve(model + ".sql"), sql);
        }

        void atCrm(String sql) throws SQLException {
            try (Connection connection = DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + port + "/crm", "postgres", "");
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        String state(String model) {
            for (JsonNode part : client.status().path("models")) {
                if (part.path("name").asText().equals(model)) {
                    return part.path("state").asText();
                }
            }
            return "unknown";
        }
    }

    private static void see(Demo demo, Browser browser) throws Exception {
        browser.open(demo.url);
        until("the graph is drawn", () -> browser.attribute(node("customer_value"), "data-state")
                .equals("fresh"));
        assertThat(browser.text("#pipeline")).isEqualTo("shop_demo/warehouse");
        until("everything is loaded", () -> browser.text("#attention").contains("Every model is fresh"));
        numbersMove(browser);

        demo.add(
                "credit_grades",
                """
                select customer_id,
                    case when credit_limit < 0 then cast('limit ' || credit_limit as integer) else 1 end as grade
                from {{ source('crm', 'customers') }}""");
        demo.add("credit_report", "select grade, count(*) as customers from {{ ref('credit_grades') }} group by grade");
        demo.client.reload();
        until("the new models are drawn and well", () -> browser.attribute(node("credit_report"), "data-state")
                .equals("fresh"));
        // A customer that the load knows nothing of.
        demo.atCrm("insert into customers (customer_id, name, country, marketing_consent, credit_limit)"
                + " values (1000000, 'Ada', 'NL', false, -1)");
        until("the failure shows", () -> browser.attribute(node("credit_grades"), "data-state")
                .equals("failed"));
        assertThat(browser.text("#attention li[data-state=failed]"))
                .contains("credit_grades")
                .contains("Could not convert string '…' to INT32")
                .contains("Held with it: credit_report");
        assertThat(browser.text(row("credit_report"))).contains("'credit_grades', which it reads, fails");

        browser.click(row("order_summary") + " button");
        until("the pause shows", () -> browser.text(row("order_summary")).contains("paused"));
        assertThat(demo.state("order_summary")).isEqualTo("paused");
        until("so does what it holds", () -> browser.attribute(node("customer_value"), "data-state")
                .equals("held"));
        browser.screenshot(SCREENSHOTS.resolve("page-light.png"), "light", 1280);
        browser.screenshot(SCREENSHOTS.resolve("page-dark.png"), "dark", 1280);
        browser.screenshot(SCREENSHOTS.resolve("page-narrow.png"), "light", 420);
        assertNothingScrollsSideways(browser);
        browser.click(row("order_summary") + " button");
        until("it is resumed", () -> browser.attribute(node("order_summary"), "data-state")
                .equals("fresh"));

        demo.atCrm("update customers set credit_limit = 1 where customer_id = 1000000");
        until("the model is well again", () -> browser.text("#attention").contains("Every model is fresh"));

        browser.click("#pause-all");
        until("the cycle is paused", () -> browser.text("#state").equals("paused"));
        assertThat(demo.client.status().path("state").asText()).isEqualTo("paused");
        browser.click("#attention li[data-state=paused] button");
        until("it goes on", () -> browser.text("#state").equals("running"));

        browser.click("#targets [data-id=warehouse] button");
        until("the target is paused", () -> browser.text("#targets [data-id=warehouse]")
                .contains("paused"));
        browser.click("#targets [data-id=warehouse] button");
        until("it is delivered to", () -> browser.text("#targets [data-id=warehouse]")
                .contains("running"));

        browser.click(node("open_orders"));
        until("its lineage is lit", () -> !browser.attribute("[data-id='shop.public.orders'].lit", "data-id")
                .isEmpty());
        assertThat(browser.attribute(node("ticket_desk") + ".lit", "data-id")).isEmpty();
        browser.screenshot(SCREENSHOTS.resolve("page-lineage.png"), "light", 1280);
        assertNothingScrollsSideways(browser);
        assertThat(browser.complaints()).as("the console is clean").isEmpty();
    }

    private static void assertNothingScrollsSideways(Browser browser) {
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                .isLessThanOrEqualTo(
                        browser.evaluate("document.documentElement.clientWidth").asInt());
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
