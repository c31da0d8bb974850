package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.testkit.PostgresServer;
import dev.freshet.testkit.Rows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Models that read several databases, run once. */
class FederatedRunTest {

    private static PostgresServer server;

    @TempDir
    Path directory;

    private CommandFixture project;
    private String shop;
    private String bank;
    private String lake;

    @BeforeAll
    static void start() {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void write(TestInfo test) {
        String name = test.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT);
        name = name.substring(0, Math.min(name.length(), 40));
        shop = server.createDatabase(name + "_shop");
        bank = server.createDatabase(name + "_bank");
        lake = server.createDatabase(name + "_lake");
        project = new CommandFixture(directory)
                .file(
                        "profiles.yml",
                        "demo: {target: lake, outputs: {lake: " + output(lake) + ", shop: " + output(shop) + ", bank: "
                                + output(bank) + "}}\n")
                .file(
                        "models/sources.yml",
                        "sources: [{name: shop, connection: shop, schema: public, tables: [{name: orders}, {name: odd}]},"
                                + " {name: bank, connection: bank, schema: public, tables: [{name: payments}]}]\n");
        server.execute(
                shop,
                "create table orders (id int primary key, customer text, placed date, note text)",
                "insert into orders select i, 'c' || i % 10, date '2026-01-01' + i % 100, repeat('n', 50) from generate_series(1, 1000) i");
        server.execute(
                bank,
                "create table payments (id int primary key, order_id int, amount numeric(10,2), kind varchar(10))",
                "insert into payments select i, i, i / 4.0, case when i % 2 = 0 then 'card' else 'it''s' end from generate_series(1, 1000) i");
    }

    private static String output(String database) {
        return "{type: postgres, host: " + server.host() + ", port: " + server.port() + ", user: " + server.user()
                + ", password: " + server.password() + ", dbname: " + database + ", schema: public}";
    }

    private static List<String> rows(String database, String query) {
        try (Connection connection = server.connect(database)) {
            return Rows.of(connection, query);
        } catch (SQLException e) {
            throw new AssertionError(query + ": " + e.getMessage(), e);
        }
    }

    @Test
    void readsOnlyTheRowsThatAreNeeded() {
        project.file(
                "models/paid.sql",
                """
                {{ config(materialized='table', unique_key='customer') }}
                select o.customer, sum(p.amount) as paid, count(*) as n
                from {{ source('shop', 'orders') }} o join {{ source('bank', 'payments') }} p on p.order_id = o.id
                where o.placed >= '2026-02-01' and p.kind = 'it''s'
                group by 1
                """);
        assertThat(project.run("run")).isZero();
        assertThat(project.lines())
                .contains("Read 690 rows of public.orders from 'shop'", "Read 500 rows of public.payments from 'bank'");
        assertThat(rows(lake, "select customer || ' ' || paid || ' ' || n from paid order by 1"))
                .isEqualTo(rows(
                        bank,
                        "select 'c' || order_id % 10 || ' ' || sum(amount) || ' ' || count(*) from payments"
                                + " where order_id % 100 >= 31 and kind = 'it''s' group by order_id % 10 order by 1"));
    }

    @Test
    void tablesGetTheirIndexesAndHooksRun() {
        server.execute(lake, "create table hooked (name text)");
        project.file(
                "models/paid.sql",
                """
                {{ config(materialized='table', indexes=[{'columns': ['customer']}],
                          post_hook="insert into hooked values ('{{ this.name }}')") }}
                select o.customer, sum(p.amount) as paid
                from {{ source('shop', 'orders') }} o join {{ source('bank', 'payments') }} p on p.order_id = o.id
                group by 1
                """);
        assertThat(project.run("run")).isZero();
        assertThat(project.run("run")).isZero();
        assertThat(rows(lake, "select name from hooked")).containsExactly("paid", "paid");
        assertThat(rows(
                        lake,
                        "select count(*) from pg_indexes where tablename = 'paid' and indexdef like '%(customer)'"))
                .containsExactly("1");
    }

    @Test
    void everyValueArrivesAsItIs() {
        server.execute(
                shop,
                "create type mood as enum ('sad', 'ok')",
                "create table odd (id int primary key, b boolean, s smallint, l bigint, r real, d double precision, n numeric(20,5), wide numeric(38,10),"
                        + " t text, v varchar(20), c char(5), j jsonb, u uuid, m mood, dt date, ts timestamp, tz timestamptz, ti time, x bytea, iv interval, li int[])",
                "insert into odd values (1, true, 1, 9223372036854775807, 'NaN', '-Infinity', 1.5, 1234567890123456789012345678.0123456789,"
                        + " E'a,\"b\"\\n\\\\N', '', 'ab', '{\"k\": [1, \"\\\"\"]}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ok', 'infinity', '-infinity',"
                        + " '2026-01-01 10:00:00.123456+05:45', '24:00:00', '\\x00ff', '1 mon 2 days 03:04:05.6', '{1,null,3}')",
                "insert into odd (id) values (2)",
                "insert into odd (id, r, d, t, v, c) values (3, 1e-40, 2.2250738585072014e-308, '\\N', ' ', '')",
                "insert into odd (id, dt, ts, tz) values (4, '9999-12-31', '294246-12-31 23:59:59.999999', '0001-01-01 00:00:00+00')");
        String texts = "id, b, s, l, r, d, n, wide, t, v, c, j, u, m, dt, ts, tz";
        project.file(
                        "models/simple.sql",
                        "{{ config(materialized='table', unique_key='id') }} select " + texts
                                + ", (select count(*) from {{ source('bank', 'payments') }}) as p from {{ source('shop', 'odd') }}")
                .file(
                        "models/whole.sql",
                        "{{ config(materialized='table', unique_key='id') }} select *, (select count(*) from {{ source('bank', 'payments') }}) as p"
                                + " from {{ source('shop', 'odd') }}");
        String same = "select concat_ws('|', id, b, s, l, r, d, n, wide, t, v, rtrim(c), j, u, m, dt, ts, tz) from ";
        assertThat(project.run("run", "-s", "simple")).isZero();
        assertThat(rows(lake, same + "simple order by id")).isEqualTo(rows(shop, same + "odd order by id"));
        // A time, bytes, an interval and a list go the careful way, and all with them.
        assertThat(project.run("run", "-s", "whole")).isZero();
        assertThat(rows(lake, same + "whole order by id")).isEqualTo(rows(shop, same + "odd order by id"));
        assertThat(rows(lake, "select concat_ws('|', ti, x, iv) from whole where id = 1"))
                .isEqualTo(rows(shop, "select concat_ws('|', ti, x, iv) from odd where id = 1"));
    }

    @Test
    void aYearBeforeChristIsNotTakenForOneAfter() {
        server.execute(
                shop,
                "create table odd (id int primary key, dt date, ts timestamp, tz timestamptz)",
                "insert into odd values (1, '0044-03-15 BC', '0044-03-15 10:00:00 BC', '0044-03-15 10:00:00+00 BC'), (2, 'infinity', null, '2026-01-01')");
        project.file(
                "models/old.sql",
                "{{ config(materialized='table', unique_key='id') }} select o.*, (select count(*) from {{ source('bank', 'payments') }}) as p"
                        + " from {{ source('shop', 'odd') }} o");
        assertThat(project.run("run")).isZero();
        String same = "select concat_ws('|', id, dt, ts, tz) from ";
        assertThat(rows(lake, same + "old order by id")).isEqualTo(rows(shop, same + "odd order by id"));
    }

    @Test
    void aRowThatCannotBeHeldIsLeftOutAndTold() {
        server.execute(
                shop,
                "create table odd (id int primary key, n numeric(10,2))",
                "insert into odd values (1, 'NaN'), (2, 1.5)");
        project.file(
                "models/numbers.sql",
                "{{ config(materialized='table', unique_key='id') }} select o.*, (select count(*) from {{ source('bank', 'payments') }}) as p"
                        + " from {{ source('shop', 'odd') }} o");
        assertThat(project.run("run")).isZero();
        assertThat(project.lines())
                .contains(
                        "[WARNING]: 1 row of table 'public.odd' is left out of every model until mended at the source:"
                                + " column \"n\" is NaN, which DECIMAL(10,2) can't hold");
        assertThat(rows(lake, "select id from numbers")).containsExactly("2");
    }

    @Test
    void nothingIsLeftInTheSourcesAndASecondRunChangesWhatChanged() {
        project.file(
                        "models/base.sql",
                        "{{ config(materialized='view') }} select id, customer from {{ source('shop', 'orders') }} where id <= 10")
                .file(
                        "models/joined.sql",
                        "{{ config(materialized='table', unique_key='id') }} select b.id, b.customer, p.amount from {{ ref('base') }} b"
                                + " join {{ source('bank', 'payments') }} p on p.order_id = b.id");
        assertThat(project.run("run", "-s", "joined")).isZero();
        server.execute(shop, "delete from orders where id = 3", "update orders set customer = 'new' where id = 4");
        assertThat(project.run("run", "-s", "joined")).isZero();
        assertThat(project.lines()).anyMatch(line -> line.contains("9 rows: -2 +1"));
        assertThat(rows(lake, "select customer from joined where id = 4")).containsExactly("new");
        assertThat(rows(shop, "select slot_name from pg_replication_slots")).isEmpty();
        assertThat(rows(shop, "select tablename from pg_tables where schemaname = 'public'"))
                .containsExactly("orders");
    }
}
