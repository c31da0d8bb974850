package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.deploy.service.RunningService;
import dev.freshet.testkit.Rows;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.http.HttpResponse;
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
        shop.model(
                "lines",
                "{{ config(unique_key=['order_id', 'label']) }} select order_id, 'a, \"' || line_no as label, quantity from {{ source('shop', 'order_items') }}");
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

        assertThat(run("backfill", "--select", "dated", "--keys", "1", "22", "-5"))
                .as(output())
                .isZero();
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
    void rowsAreNamedByTheValuesOfSeveralColumns() throws Exception {
        shop.execute(shop.warehouse(), "update analytics.lines set quantity = -7");
        String right = "select 1 from analytics.lines where quantity <> -7";
        assertThat(run("backfill", "--select", "lines", "--keys", "1,\"a, \"\"1\"", "2,\"a, \"\"1\"", "1,nothing"))
                .as(output())
                .isZero();
        assertThat(rows("select order_id, label from analytics.lines where quantity <> -7 order by order_id"))
                .containsExactly("1 a, \"1", "2 a, \"1");
        assertThat(service.post("/api/v1/backfill", "{\"model\": \"lines\", \"keys\": [[3, \"a, \\\"1\"], \"4,x\"]}")
                        .body())
                .contains("\"chunks\":1");
        refusedByTheService(
                "[[1, \"a\", 2], [1]]", "--keys has '1,a,2', which is 3 values for unique_key (order_id,label)");
        refusedByTheService("[null]", "each of 'keys' must be a value or");
        assertThat(run("backfill", "--select", "lines")).isZero();
        assertThat(rows(right)).hasSameSizeAs(rows("select 1 from analytics.lines"));

        refused(
                "--keys has '1', which is 1 value for unique_key (order_id,label): write commas between the values",
                "--select",
                "lines",
                "--keys",
                "1");
        refused(
                "--keys has 'one', which is no BIGINT as the key column \"order_id\" is",
                "--select",
                "lines",
                "--keys",
                "one,a");
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

    private static void refusedByTheService(String keys, String message) throws Exception {
        HttpResponse<String> answer =
                service.post("/api/v1/backfill", "{\"model\": \"lines\", \"keys\": " + keys + "}");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains(message);
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
