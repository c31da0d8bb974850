package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.testkit.PostgresServer;
import dev.freshet.transform.project.database.Databases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Templates that ask PostgreSQL and DuckDB while they are compiled. */
class CompileQueriesTest {

    private static final String TABLES =
            """
            create schema lake;
            create table lake.orders (id integer, status varchar(12), amount numeric(12,2), score double precision, paid boolean, day date, seen timestamp, note varchar);
            insert into lake.orders values (1, 'paid', 10.50, 1.5, true, '2026-01-02', '2026-01-02 03:04:05', ''), (2, 'open', 7.00, 2, false, null, null, 'null');
            create view lake.paid as select * from lake.orders where paid;
            """;

    @TempDir
    static Path shared;

    @TempDir
    Path directory;

    private static PostgresServer server;
    private static Path file;

    @BeforeAll
    static void databases() throws SQLException {
        server = PostgresServer.start();
        file = shared.resolve("warehouse.duckdb");
        for (String url : new String[] {postgresUrl(), "jdbc:duckdb:" + file}) {
            try (Connection session = DriverManager.getConnection(url);
                    Statement statement = session.createStatement()) {
                statement.execute(TABLES);
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void asksPostgres() {
        assertAnswers("pg", "character varying(12) numeric(12,2)");
    }

    @Test
    void asksDuckDb() {
        assertAnswers("duck", "character varying(256) DECIMAL(12,2)");
    }

    private void assertAnswers(String target, String types) {
        String sql = compiled(
                target,
                """
                {%- set orders = api.Relation.create(database=target.database, schema='lake', identifier='orders') -%}
                {%- if execute -%}
                {%- set results = run_query('select id, status, amount, paid, day, seen, note from ' ~ orders.include(database=false) ~ ' order by id') -%}
                {{ results.columns[0].values() }} {{ results.columns['status'].values() | join('/') }} {{ results.rows | length }} {{ results.column_names }}
                {% for row in results.rows %}{{ row[0] }} {{ row['status'] }} {{ row.amount }} {{ row.paid }} {{ row.day }} {{ row.seen }} {{ row.note is none }};
                {% endfor -%}
                {%- set renamed = results.rename(results.column_names | map('upper')).order_by('STATUS') -%}
                {{ renamed.columns['STATUS'].values() }} {{ results.rename({'id': 'n'}).column_names[0] }} {{ results.order_by('id', reverse=true).rows[0].id }} {{ results.distinct('note').rows | length }} {{ results.columns['amount'].data_type.jsonify(results.rows[0].amount) }}
                {% call statement('counted', fetch_result=true) -%} select count(*), sum(amount) from lake.orders {%- endcall -%}
                {{ load_result('counted')['data'][0][0] }} {{ load_result('counted').table.columns[1].values()[0] }} {{ load_result('counted').response }}
                {%- set columns = adapter.get_columns_in_relation(orders) %}
                {{ columns | map(attribute='name') | join(', ') }}: {{ columns[1].data_type }} {{ columns[2].data_type }}
                {{ load_relation(orders).type }} {{ adapter.get_relation(target.database, 'lake', 'paid').is_view }} {{ adapter.get_relation(target.database, 'lake', 'nothing') }}
                {{ adapter.check_schema_exists(target.database, 'lake') }} {{ adapter.check_schema_exists(target.database, 'sea') }}
                {%- endif -%}""");
        assertThat(sql)
                .isEqualTo(
                        """
                        (1, 2) paid/open 2 ('id', 'status', 'amount', 'paid', 'day', 'seen', 'note')
                        1 paid 10.50 True 2026-01-02 2026-01-02 03:04:05 False;
                        2 open 7.00 False None None False;
                        ('open', 'paid') n 2 2 10.5
                        2 17.50 SELECT 1
                        id, status, amount, score, paid, day, seen, note: %s
                        table True None
                        True False"""
                                .formatted(types));
    }

    @Test
    void nothingIsChangedWhileCompiling() {
        assertThatThrownBy(() -> compiled("pg", "\n{% do run_query('drop table lake.orders') %}"))
                .hasMessageContaining("models/m.sql:2")
                .hasMessageContaining("read-only transaction");
        assertThatThrownBy(() -> compiled("duck", "\n{% do run_query('drop table lake.orders') %}"))
                .hasMessageContaining("models/m.sql:2")
                .hasMessageContaining("read-only");
        assertThatThrownBy(() -> compiled("pg", "{% do adapter.drop_relation(this) %}"))
                .hasMessageContaining("adapter.drop_relation() would change the database");
    }

    @Test
    void theInformationSchemaIsFoundInsideADatabase() {
        String model =
                "{% if execute %}{{ run_query('select table_name from ' ~ target.database ~ \".information_schema.tables where table_schema = 'lake' order by 1\").columns[0].values() | join(' ') }}{% endif %}";
        assertThat(compiled("duck", model)).isEqualTo("orders paid");
        assertThatThrownBy(
                        () -> compiled("duck", "{{ run_query('select * from warehouse.information_schema.tabels') }}"))
                .hasMessageContaining("tabels");
    }

    @Test
    void isIncrementalLooksForTheTable() {
        String model = "{{ config(materialized='incremental', schema=none, alias='orders') }}{{ is_incremental() }}";
        assertThat(compiled("pg", model)).isEqualTo("True");
        assertThat(compiled("pg", model.replace("'orders'", "'other'"))).isEqualTo("False");
        assertThat(compiled("pg", model.replace("'orders'", "'paid'"))).isEqualTo("False");
        assertThat(compiled("pg", model.replace("alias", "full_refresh=true, alias")))
                .isEqualTo("False");
        assertThat(compiled("pg", model.replace("='incremental'", "='table'"))).isEqualTo("False");
    }

    @Test
    void parsingNeedsNoDatabase() {
        ProjectOnDisk project = project("{% if execute %}{{ run_query('select 1') }}{% endif %}")
                .file(
                        "profiles.yml",
                        "demo: {target: pg, outputs: {pg: {type: postgres, host: nowhere.invalid, user: u, dbname: d, schema: s}}}");
        assertThat(project.parse().nodes()).hasSize(1);
    }

    @Test
    void aDuckDbFileThatIsNotThereYetIsEmpty() {
        ProjectOnDisk project = project("{{ load_relation(this) }} {{ run_query('select 42').rows[0][0] }}")
                .file(
                        "profiles.yml",
                        "demo: {target: d, outputs: {d: {type: duckdb, path: " + directory + "/new.duckdb}}}");
        assertThat(compiled(project)).isEqualTo("None 42");
        assertThat(Files.exists(directory.resolve("new.duckdb"))).isFalse();
    }

    private String compiled(String target, String template) {
        return compiled(project(template).target(target));
    }

    private static String compiled(ProjectOnDisk project) {
        ParsedProject parsed = project.parse();
        try (Databases databases = Databases.connecting()) {
            return parsed.compile(Set.of("model.demo.m"), databases)
                    .models()
                    .get(0)
                    .sql();
        }
    }

    private ProjectOnDisk project(String template) {
        return new ProjectOnDisk(directory)
                .file(
                        "profiles.yml",
                        """
                        demo:
                          target: pg
                          outputs:
                            pg: {type: postgres, host: localhost, port: %d, user: postgres, password: postgres, dbname: postgres, schema: lake}
                            duck: {type: duckdb, path: '%s', schema: lake}
                        """
                                .formatted(server.port(), file))
                .model("m", template);
    }

    private static String postgresUrl() {
        return "jdbc:postgresql://localhost:" + server.port() + "/postgres?user=postgres&password=postgres";
    }
}
