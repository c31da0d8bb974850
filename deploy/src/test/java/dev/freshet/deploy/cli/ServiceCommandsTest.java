package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.deploy.service.RunningService;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads who asks a running service something from another terminal. */
class ServiceCommandsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ShopFixture shop;
    private static RunningService service;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeAll
    static void start() throws Exception {
        shop = ShopFixture.create(directory, 200);
        shop.model(
                "an_uncommonly_long_name_for_a_model_that_breaks",
                "select * from {{ source('crm', 'customers') }} where 1 = cast(name as integer)");
        shop.model("never_had_rows", "select * from {{ ref('an_uncommonly_long_name_for_a_model_that_breaks') }}");
        service = new RunningService(shop);
    }

    @AfterAll
    static void stop() {
        service.close();
        shop.close();
    }

    @Test
    void statusFitsEightyColumnsAndSaysWhatIsWrong() {
        assertThat(run("status")).isZero();
        assertThat(output().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(output())
                .contains("Pipeline shop_demo/warehouse is running at " + service.url())
                .containsPattern("shop +streaming ")
                .containsPattern("order_summary +fresh ")
                .containsPattern("an_uncommonly_long_name_for_a_m… +failed ")
                .contains("Could not convert string")
                .containsPattern("never_had_rows +held ")
                .contains("'an_uncommonly_long_name_for_a_model_that_breaks', which it reads, fails")
                .containsPattern("warehouse +running ");
    }

    @Test
    void statusAsJsonIsTheServicesOwn() throws Exception {
        assertThat(run("status", "--json")).isZero();
        JsonNode status = new ObjectMapper().readTree(output());
        assertThat(status.path("pipeline").asText()).isEqualTo("shop_demo/warehouse");
        assertThat(status.path("models")).hasSizeGreaterThan(10);
    }

    @Test
    void planTellsHowModelsAreKeptAndWhatThatCost() throws Exception {
        assertThat(run("plan", "-s", "order_summary")).isZero();
        assertThat(output())
                .contains(
                        "order_summary  differentiate: counts and sums of each group are kept, and what changes in them is found by the affected values of order_id")
                .containsPattern("last change: (all rows|the rows of [0-9,]+ keys?) in [0-9.,]+ ms, estimated ")
                .doesNotContain("customer_value");
        assertThat(run("plan", "--json")).isZero();
        JsonNode plan = new ObjectMapper().readTree(output());
        assertThat(plan.path("models")).hasSizeGreaterThan(10);
        assertThat(run("plan", "-s", "order_summary", "--lineage")).isZero();
        assertThat(output())
                .startsWith("order_summary\n")
                .containsPattern("  customer_id +<- shop\\.public\\.orders\\.customer_id\n")
                .containsPattern("  rows +<- .*shop\\.public\\.orders\\.order_id");
    }

    @Test
    void pauseAndResumeSayWhatIsPaused() throws Exception {
        assertThat(run("pause", "order_summary")).isZero();
        assertThat(output())
                .contains("Paused model 'order_summary' and what reads it")
                .contains("Paused now: model warehouse.analytics.order_summary");
        assertThat(run("pause", "warehouse")).isZero();
        assertThat(output()).contains("Paused delivery to 'warehouse'").contains(", target warehouse");
        assertThat(run("resume", "target:warehouse")).isZero();
        assertThat(service.status().path("targets").path(0).path("state").asText())
                .isNotEqualTo("paused");
        assertThat(run("resume")).isZero();
        assertThat(output()).endsWith("Nothing is paused\n");
        assertThat(run("pause", "nobody")).isEqualTo(1);
        assertThat(output()).contains("keeps no model 'nobody'").doesNotContain("\tat ");
    }

    @Test
    void reloadTellsWhatItChangesAndKeepsTheOldVersionWhenTheNewOneIsWrong() throws Exception {
        Path model = shop.project().resolve("models/marts/order_summary.sql");
        String text = Files.readString(model);
        try {
            shop.model("big_orders", "select * from {{ ref('order_summary') }} where net_amount > 100");
            Files.writeString(model, text.replace("- o.discount as", "- o.discount * 2 as"));
            assertThat(run("reload")).isZero();
            assertThat(output())
                    .contains("New: big_orders\n")
                    .contains("Computed again: order_summary\n")
                    .contains("Following by their difference: customer_value")
                    .contains("The service runs the new version");
            assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
            assertThat(service.part("models", "big_orders").path("state").asText())
                    .isEqualTo("fresh");

            Files.writeString(model, text.replace("source('shop'", "source('shoop'"));
            assertThat(run("reload")).isEqualTo(1);
            assertThat(output()).contains("shoop").contains("models/marts/order_summary.sql");
            assertThat(service.status().path("state").asText()).isEqualTo("running");
            assertThat(service.part("models", "big_orders").path("state").asText())
                    .isEqualTo("fresh");
        } finally {
            Files.writeString(model, text);
            Files.deleteIfExists(shop.project().resolve("models/big_orders.sql"));
        }
        assertThat(run("reload", "--preview")).isZero();
        assertThat(output()).contains("No longer kept: big_orders");
    }

    @Test
    void runBesideTheServiceIsRefusedForWhatItKeeps() {
        assertThat(run("run", "-s", "open_orders")).isEqualTo(1);
        assertThat(output())
                .contains("the running service (process "
                        + ProcessHandle.current().pid() + ") keeps open_orders fresh")
                .contains("freshet reload");
    }

    @Test
    void otherOneShotCommandsBesideTheServiceWorkOrSayWhyNot() throws Exception {
        assertThat(run("parse")).isZero();
        assertThat(run("compile", "-s", "open_orders")).isZero();
        assertThat(output()).contains("Compiled node 'open_orders' is:");
        assertThat(run("serve", "--once")).isEqualTo(1);
        assertThat(output())
                .contains("is owned by process " + ProcessHandle.current().pid())
                .doesNotContain("\tat ");
        shop.model("not_reloaded_yet", "select order_id from {{ source('shop', 'orders') }}");
        try {
            assertThat(run("run", "-s", "not_reloaded_yet")).isEqualTo(1);
            assertThat(output())
                    .contains("the running service (process "
                            + ProcessHandle.current().pid() + ") does not know not_reloaded_yet yet")
                    .contains("freshet reload");
        } finally {
            Files.delete(shop.project().resolve("models/not_reloaded_yet.sql"));
        }
        Path file = shop.project().resolve("dbt_project.yml");
        String before = Files.readString(file);
        try {
            Files.writeString(file, before + "\nclean-targets: [target, .freshet]\n");
            assertThat(run("clean")).isEqualTo(1);
            assertThat(output()).contains("'.freshet' of 'clean-targets' is in use by the project's running service");
            assertThat(shop.settings().directory().resolve("service.json")).exists();
        } finally {
            Files.writeString(file, before);
        }
    }

    /** The fixture's databases are a demo's. */
    @Test
    void aSecondDemoInOneDirectoryLeavesTheFirstOneAlone() throws Exception {
        Files.createFile(directory.resolve(".freshet-demo"));
        assertThat(FreshetCommand.run(terminal(), "demo", "--directory", directory.toString()))
                .isEqualTo(1);
        assertThat(output()).contains("another demo").doesNotContain("\tat ");
        assertThat(shop.settings().directory().resolve("service.json")).exists();
    }

    @Test
    void withoutAServiceEachCommandSaysHowToStartOne() throws Exception {
        Path other = Files.createDirectories(directory.resolve("other-" + System.nanoTime()));
        Files.writeString(other.resolve("dbt_project.yml"), "name: other\nprofile: other\n");
        for (String command : List.of("status", "pause", "resume", "reload")) {
            assertThat(FreshetCommand.run(terminal(), command, "--project-dir", other.toString()))
                    .isEqualTo(1);
            assertThat(output()).contains("start it with 'freshet serve'").doesNotContain("\tat ");
        }
        assertThat(FreshetCommand.run(terminal(), "backfill", "--select", "m", "--project-dir", other.toString()))
                .isEqualTo(1);
        assertThat(output()).contains("start it with 'freshet serve'");
        // A service that was killed leaves its file behind.
        Files.createDirectories(other.resolve(".freshet"));
        Files.writeString(
                other.resolve(".freshet/service.json"),
                "{\"host\":\"127.0.0.1\",\"port\":1,\"pid\":%d,\"token\":\"t\",\"pipeline\":\"other/dev\"}"
                        .formatted(ProcessHandle.current().pid()));
        assertThat(FreshetCommand.run(terminal(), "status", "--project-dir", other.toString()))
                .isEqualTo(1);
        // Another project's service may have got its port.
        Files.writeString(
                other.resolve(".freshet/service.json"),
                "{\"host\":\"127.0.0.1\",\"port\":%d,\"pid\":%d,\"token\":\"t\",\"pipeline\":\"other/dev\"}"
                        .formatted(service.port(), ProcessHandle.current().pid()));
        assertThat(FreshetCommand.run(terminal(), "pause", "--project-dir", other.toString()))
                .isEqualTo(1);
        assertThat(output()).contains("start it with 'freshet serve'");
    }

    private int run(String command, String... more) {
        List<String> line =
                new ArrayList<>(List.of(command, "--project-dir", shop.project().toString()));
        line.addAll(List.of(more));
        return FreshetCommand.run(terminal(), line.toArray(String[]::new));
    }

    private Terminal terminal() {
        printed.reset();
        return new Terminal(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                Clock.fixed(Instant.parse("2026-11-20T12:34:56Z"), ZoneOffset.UTC),
                ZoneOffset.UTC,
                false);
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }
}
