package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.demo.PostgresAddress;
import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.state.duckdb.file.SharedFile;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gate test that fails holds its target at the last good cut while the source and other targets go on; mended, it moves on by itself. With a
 * PostgreSQL and a DuckDB target, each in turn the one that is held.
 */
class GateTest {

    private static final Duration PATIENCE = ShopFixture.PATIENCE;

    /** Opens a target. */
    private interface Target {
        Connection connect() throws SQLException;
    }

    @TempDir
    Path directory;

    @Test
    void postgresIsHeldAndDuckDbGoesOn() throws Exception {
        try (ShopFixture shop = shop()) {
            PostgresAddress warehouse = shop.warehouse();
            holdsAndMovesOn(shop, "warehouse", warehouse::connect, "lake", lake());
        }
    }

    @Test
    void duckDbIsHeldAndPostgresGoesOn() throws Exception {
        try (ShopFixture shop = shop()) {
            PostgresAddress warehouse = shop.warehouse();
            holdsAndMovesOn(shop, "lake", lake(), "warehouse", warehouse::connect);
        }
    }

    private static void holdsAndMovesOn(
            ShopFixture shop, String held, Target heldTarget, String free, Target freeTarget) throws Exception {
        models(shop, held, free);
        String all = "select id, email from analytics.%s order by id";
        String count = "select people from analytics.people_count";
        try (Pipeline pipeline = shop.start()) {
            caughtUp(pipeline);
            assertThat(rows(heldTarget, all.formatted("gated"))).containsExactly("1 a", "2 b", "3 c");

            shop.execute(shop.crm(), "insert into people values (4, 'a', '4')");
            caughtUp(pipeline);
            assertThat(rows(heldTarget, all.formatted("gated"))).containsExactly("1 a", "2 b", "3 c");
            assertThat(rows(freeTarget, all.formatted("free"))).containsExactly("1 a", "2 b", "3 c", "4 a");
            PipelineStatus.Target status = target(pipeline, held);
            assertThat(status.state()).isEqualTo(Publisher.State.HELD.name());
            assertThat(status.problem().orElse(""))
                    .contains("gate test 'unique_gated_email' fails since cut ")
                    .contains("got 1 result, configured to fail if != 0")
                    .contains("freshet status --test unique_gated_email");
            assertThat(target(pipeline, free).state()).isEqualTo(Publisher.State.RUNNING.name());
            assertThat(pipeline.tests().failures("unique_gated_email", 10).rows())
                    .containsExactly(List.of("a", "2"));

            shop.execute(shop.crm(), "insert into people values (5, 'e', '5')", "delete from people where id = 2");
            caughtUp(pipeline);
            assertThat(rows(heldTarget, all.formatted("gated"))).containsExactly("1 a", "2 b", "3 c");
            assertThat(rows(heldTarget, count))
                    .as("nothing else of the held target moves either")
                    .containsExactly("3");
            assertThat(rows(freeTarget, all.formatted("free"))).containsExactly("1 a", "3 c", "4 a", "5 e");
        }
        String ledger = "select through_cut from analytics.freshet_ledger where table_name = 'gated'";
        List<String> before = rows(heldTarget, ledger);
        try (Pipeline pipeline = shop.start()) {
            caughtUp(pipeline);
            assertThat(target(pipeline, held).state())
                    .as("a restart does not open the gate")
                    .isEqualTo(Publisher.State.HELD.name());
            assertThat(rows(heldTarget, ledger)).isEqualTo(before);
            assertThat(rows(heldTarget, all.formatted("gated"))).containsExactly("1 a", "2 b", "3 c");

            shop.execute(shop.crm(), "update people set email = 'd' where id = 4");
            caughtUp(pipeline);
            assertThat(target(pipeline, held).state()).isEqualTo(Publisher.State.RUNNING.name());
            assertThat(rows(heldTarget, all.formatted("gated"))).containsExactly("1 a", "3 c", "4 d", "5 e");
            assertThat(rows(heldTarget, count)).containsExactly("4");
            assertThat(target(pipeline, held).tables().values())
                    .as("the net change, not a comparison")
                    .allSatisfy(table -> assertThat(table.lastMethod()).isEqualTo(Method.DELTA));

            aTestThatCannotRunHoldsToo(shop, pipeline, held, heldTarget, freeTarget);
            if (held.equals("warehouse")) {
                whatFailsIsNeverSeen(shop, pipeline, heldTarget);
            }
        }
    }

    private static void aTestThatCannotRunHoldsToo(
            ShopFixture shop, Pipeline pipeline, String held, Target heldTarget, Target freeTarget) throws Exception {
        shop.execute(shop.crm(), "insert into people values (6, 'f', 'six')");
        caughtUp(pipeline);
        assertThat(target(pipeline, held).state()).isEqualTo(Publisher.State.HELD.name());
        assertThat(target(pipeline, held).problem().orElse(""))
                .contains("gate test 'numbers' can't be run since cut ")
                .contains("Could not convert string '…' to INT32")
                .doesNotContain("six");
        assertThat(rows(heldTarget, "select count(*) from analytics.gated")).containsExactly("4");
        assertThat(rows(freeTarget, "select count(*) from analytics.free")).containsExactly("5");
        shop.execute(shop.crm(), "update people set number = '6' where id = 6");
        Await.until("it is tried again by itself", PATIENCE, () -> target(pipeline, held)
                .state()
                .equals(Publisher.State.RUNNING.name()));
        caughtUp(pipeline);
        assertThat(rows(heldTarget, "select count(*) from analytics.gated")).containsExactly("5");
    }

    /** Under changes that fail and are mended again and again, while somebody looks all the time. */
    private static void whatFailsIsNeverSeen(ShopFixture shop, Pipeline pipeline, Target heldTarget) throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicInteger looks = new AtomicInteger();
        AtomicReference<String> seen = new AtomicReference<>("");
        Thread reader = new Thread(() -> {
            while (!ended.get()) {
                try {
                    List<String> twice =
                            rows(heldTarget, "select email from analytics.gated group by email having count(*) > 1");
                    if (!twice.isEmpty()) {
                        seen.set(twice.toString());
                    }
                    looks.incrementAndGet();
                } catch (SQLException e) {
                    seen.set(e.getMessage());
                }
            }
        });
        reader.start();
        try {
            for (int round = 0; round < 8; round++) {
                shop.execute(shop.crm(), "insert into people values (100 + " + round + ", 'a', '7')");
                if (round % 3 == 0) {
                    caughtUp(pipeline);
                }
                shop.execute(shop.crm(), "update people set email = 'r" + round + "' where id = 100 + " + round);
            }
            caughtUp(pipeline);
        } finally {
            ended.set(true);
            reader.join();
        }
        assertThat(seen.get()).as("after %d looks", looks.get()).isEmpty();
        assertThat(looks.get()).isPositive();
        Await.until("everything is there", PATIENCE, () -> rows(heldTarget, "select count(*) from analytics.gated")
                .equals(List.of("13")));
    }

    private static void caughtUp(Pipeline pipeline) throws InterruptedException {
        assertThat(pipeline.catchUp(PATIENCE)).as("%s", pipeline.status()).isTrue();
        assertThat(pipeline.status().failing()).isEmpty();
    }

    private static PipelineStatus.Target target(Pipeline pipeline, String name) {
        return pipeline.status().targets().stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private ShopFixture shop() throws IOException {
        ShopFixture shop = ShopFixture.create(directory, 100);
        Path profile = shop.project().resolve("profiles.yml");
        String text = Files.readString(profile);
        int at = text.indexOf("    warehouse:");
        Files.writeString(
                profile,
                text.substring(0, at) + "    lake:\n      type: duckdb\n      path: \""
                        + directory.resolve("lake.duckdb") + "\"\n      schema: analytics\n\n" + text.substring(at));
        return shop;
    }

    private Target lake() {
        return () -> SharedFile.connect("jdbc:duckdb:" + directory.resolve("lake.duckdb"));
    }

    private static void models(ShopFixture shop, String held, String free) throws IOException {
        try (Stream<Path> files = Files.walk(shop.project().resolve("models"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
        Files.writeString(
                shop.project().resolve("models/sources.yml"),
                "sources:\n  - {name: crm, connection: crm, schema: public, tables: [{name: people}]}\n");
        String from = " select * from {{ source('crm', 'people') }}";
        shop.model("gated", "{{ config(materialized='table', target='" + held + "', unique_key='id') }}" + from);
        shop.model(
                "people_count",
                "{{ config(materialized='table', target='" + held
                        + "') }} select count(*) as people from {{ source('crm', 'people') }}");
        shop.model("free", "{{ config(materialized='table', target='" + free + "', unique_key='id') }}" + from);
        Files.writeString(
                shop.project().resolve("models/gates.yml"),
                """
                models:
                  - name: gated
                    columns:
                      - name: email
                        data_tests:
                          - unique: {config: {meta: {freshet: {mode: gate}}}}
                """);
        Files.createDirectories(shop.project().resolve("tests"));
        Files.writeString(
                shop.project().resolve("tests/numbers.sql"),
                "{{ config(meta={'freshet': {'mode': 'gate'}}) }} select * from {{ ref('gated') }} where cast(number as integer) < 0");
        shop.execute(
                shop.crm(),
                "create table people (id int primary key, email text, number text)",
                "insert into people values (1, 'a', '1'), (2, 'b', '2'), (3, 'c', '3')");
    }

    private static List<String> rows(Target target, String sql) throws SQLException {
        try (Connection connection = target.connect()) {
            return Rows.of(connection, sql);
        }
    }
}
