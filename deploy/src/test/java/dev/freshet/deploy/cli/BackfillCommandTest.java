package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.deploy.service.RunningService;
import dev.freshet.testkit.Rows;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows are computed anew, and what someone did to them on the target is made good, while the service runs. */
class BackfillCommandTest {

    @TempDir
    static Path directory;

    private static ShopFixture shop;
    private static RunningService service;

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @BeforeAll
    static void start() throws Exception {
        shop = ShopFixture.create(directory, 100);
        shop.keepOnly(List.of("sources"));
        shop.execute(
                shop.shop(),
                "update orders set ordered_at = '2026-01-01 12:00:00+00'::timestamptz + (order_id % 10) * interval '1 day'");
        shop.model(
                "dated",
                "{{ config(unique_key='order_id', event_time='ordered_at') }} select order_id, ordered_at, discount from {{ source('shop', 'orders') }}");
        shop.model("bag", "select status, is_gift from {{ source('shop', 'orders') }}");
        shop.model("kept", kept(1));
        shop.model("versions", "select version, count(*) as orders from {{ ref('kept') }} group by version");
        service = new RunningService(shop);
    }

    private static String kept(int version) {
        return "{{ config(materialized='incremental', unique_key='order_id') }} select order_id, " + version
                + " as version from {{ source('shop', 'orders') }}"
                + "{% if is_incremental() %} where order_id > (select max(order_id) from {{ this }}){% endif %}";
    }

    @AfterAll
    static void stop() {
        service.close();
        shop.close();
    }

    @Test
    void whatWasChangedOnTheTargetIsCorrectedWhereAsked() throws Exception {
        String right = rows("select * from analytics.dated order by order_id").toString();
        String other = "select order_id from analytics.dated where discount = 77.77 order by order_id";
        shop.execute(
                shop.warehouse(),
                "update analytics.dated set discount = 77.77 where order_id in (1, 2, 3, 12)",
                "delete from analytics.dated where order_id = 22");

        assertThat(run("backfill", "--select", "dated", "--keys", "1", "22")).isZero();
        assertThat(output()).contains("Backfilled dated: computed and compared with its target\n");
        assertThat(rows(other)).containsExactly("2", "3", "12");

        assertThat(run("backfill", "-s", "dated", "--event-time-start", "2026-01-03", "--event-time-end", "2026-01-04"))
                .isZero();
        assertThat(rows(other)).as("2 and 12 were ordered on that day").containsExactly("3");

        shop.execute(shop.warehouse(), "insert into analytics.bag values ('invented', true)");
        assertThat(run("backfill", "--select", "dated", "bag")).isZero();
        assertThat(rows("select * from analytics.dated order by order_id").toString())
                .isEqualTo(right);
        assertThat(rows("select 1 from analytics.bag where status = 'invented'"))
                .isEmpty();
    }

    @Test
    void rowsOfAHistoryAreComputedByTheTextOfToday() throws Exception {
        shop.model("kept", kept(2));
        service.hosted().reload();
        assertThat(service.hosted().catchUp(ShopFixture.PATIENCE)).isTrue();
        assertThat(rows("select version, orders from analytics.versions"))
                .as("what is there stays, as in dbt")
                .containsExactly("1 100");
        assertThat(run("backfill", "--select", "kept", "--keys", "5", "7"))
                .as(output())
                .isZero();
        assertThat(output()).contains("Backfilled kept: computed and compared with its target; 4 stored rows");
        assertThat(service.hosted().catchUp(ShopFixture.PATIENCE)).isTrue();
        assertThat(rows("select order_id from analytics.kept where version = 2 order by order_id"))
                .containsExactly("5", "7");
        assertThat(rows("select version, orders from analytics.versions order by version"))
                .as("what reads it follows")
                .containsExactly("1 98", "2 2");
        refused("model 'kept' keeps history: say which rows", "--select", "kept");
    }

    @Test
    void whatCannotBeDoneIsToldInOneSentence() {
        refused("name the models with --select");
        refused("nothing that is selected is kept by the service", "--select", "nobody");
        refused("model 'bag' has no unique_key that --keys could be values of", "--select", "bag", "--keys", "1");
        refused(
                "model 'bag' has no event_time: configure the column that tells a row's time, or use --keys",
                "--select",
                "dated",
                "bag",
                "--event-time-start",
                "2026-01-01",
                "--event-time-end",
                "2026-01-02");
        refused(
                "give --event-time-start and --event-time-end, or --keys, not both",
                "--select",
                "dated",
                "--keys",
                "1",
                "--event-time-start",
                "2026-01-01",
                "--event-time-end",
                "2026-01-02");
        refused(
                "Value for `--event-time-start` must be less than `--event-time-end`",
                "--select",
                "dated",
                "--event-time-start",
                "2026-01-02",
                "--event-time-end",
                "2026-01-01");
        refused(
                "The flag `--event-time-start` was specified, but `--event-time-end` was not",
                "--select",
                "dated",
                "--event-time-start",
                "2026-01-02");
        refused(
                "--keys has 'one', which is no BIGINT as the key column \"order_id\" is",
                "--select",
                "dated",
                "--keys",
                "one");
    }

    private void refused(String message, String... arguments) {
        List<String> all = new ArrayList<>(List.of("backfill"));
        all.addAll(List.of(arguments));
        assertThat(run(all.toArray(String[]::new))).as(message).isEqualTo(1);
        assertThat(output()).contains(message).doesNotContain("\tat ");
    }

    private int run(String... arguments) {
        printed.reset();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--project-dir", shop.project().toString()));
        return FreshetCommand.run(
                new Terminal(
                        new PrintStream(printed, true, StandardCharsets.UTF_8),
                        Clock.systemUTC(),
                        ZoneOffset.UTC,
                        false),
                all.toArray(String[]::new));
    }

    private String output() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static List<String> rows(String sql) throws SQLException {
        try (Connection connection = shop.warehouse().connect()) {
            return Rows.of(connection, sql);
        }
    }
}
