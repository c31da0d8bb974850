package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.transform.project.database.Databases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project that uses a bit of everything, and every byte that it compiles to. */
class GoldenCompileTest {

    @TempDir
    Path directory;

    @Test
    void compilesToTheseFiles() throws IOException {
        ParsedProject project = new ProjectOnDisk(directory)
                .withSources()
                .environment("MIN_AMOUNT", "100")
                .file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        vars:
                          statuses: [paid, shipped]
                        models:
                          demo:
                            staging: {+materialized: ephemeral}
                            marts: {+materialized: table, +schema: marts}
                        """)
                .file(
                        "macros/columns.sql",
                        """
                        {% macro cents_to_units(column, digits=2) -%}
                            round({{ column }} / 100.0, {{ digits }})
                        {%- endmacro %}

                        {% macro in_list(column, values) -%}
                            {{ column }} in ({% for value in values %}'{{ value }}'{{ ", " if not loop.last }}{% endfor %})
                        {%- endmacro %}

                        {% macro day(column) %}{{ return(adapter.dispatch('day')(column)) }}{% endmacro %}
                        {% macro default__day(column) %}date_trunc('day', {{ column }}){% endmacro %}
                        {% macro duckdb__day(column) %}{{ column }}::date{% endmacro %}
                        """)
                .file(
                        "models/staging/stg_orders.sql",
                        """
                        select id, customer_id, {{ cents_to_units('amount') }} as amount, {{ day('ordered_at') }} as day
                        from {{ source('shop', 'orders') }}
                        where {{ in_list('status', var('statuses')) }}
                        """)
                .file(
                        "models/staging/large_orders.sql",
                        """
                        -- more than {{ env_var('MIN_AMOUNT') }}
                        with big as (select * from {{ ref('stg_orders') }} where amount > {{ env_var('MIN_AMOUNT') }})
                        select * from big
                        """)
                .file(
                        "models/marts/customers.sql",
                        """
                        {{ config(unique_key='id', alias='dim_customers') }}

                        select c.id, c.name, count(o.id) as orders
                        from {{ source('crm', 'customers') }} c
                        left join {{ ref('large_orders') }} o on o.customer_id = c.id
                        group by all
                        """)
                .file(
                        "models/marts/daily.sql",
                        """
                        {%- set kinds = ['web', 'store'] -%}
                        with customers as (select * from {{ ref('customers') }})
                        select o.day,
                        {%- for kind in kinds %}
                            count(*) filter (where kind = '{{ kind }}') as {{ kind }}_orders{{ "," if not loop.last }}
                        {%- endfor %}
                        from {{ ref('stg_orders') }} o join customers c on c.id = o.customer_id
                        group by 1 {# not by name #}
                        """)
                .file(
                        "models/local/events_by_day.sql",
                        """
                        {{ config(materialized='table') }}
                        select {{ day('at') }} as day, count(*) as events from {{ source('dw', 'events') }} group by 1
                        """)
                .parse();
        project.compileSelected(project.modelIds(), Databases.none()).write();
        assertThat(written(project.targetDirectory().resolve("compiled/demo/models")))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "staging/stg_orders.sql",
                                """
                        select id, customer_id, round(amount / 100.0, 2) as amount, ordered_at::date as day
                        from "shop.public"."orders"
                        where status in ('paid', 'shipped')""",
                                "staging/large_orders.sql",
                                """
                        -- more than 100
                        with  __dbt__cte__stg_orders as (
                        select id, customer_id, round(amount / 100.0, 2) as amount, ordered_at::date as day
                        from "shop.public"."orders"
                        where status in ('paid', 'shipped')
                        ), big as (select * from __dbt__cte__stg_orders where amount > 100)
                        select * from big""",
                                "marts/customers.sql",
                                """


                        with __dbt__cte__stg_orders as (
                        select id, customer_id, round(amount / 100.0, 2) as amount, ordered_at::date as day
                        from "shop.public"."orders"
                        where status in ('paid', 'shipped')
                        ),  __dbt__cte__large_orders as (
                        -- more than 100
                        with big as (select * from __dbt__cte__stg_orders where amount > 100)
                        select * from big
                        ) select c.id, c.name, count(o.id) as orders
                        from "crm.public"."customers" c
                        left join __dbt__cte__large_orders o on o.customer_id = c.id
                        group by all""",
                                "marts/daily.sql",
                                """
                        with  __dbt__cte__stg_orders as (
                        select id, customer_id, round(amount / 100.0, 2) as amount, ordered_at::date as day
                        from "shop.public"."orders"
                        where status in ('paid', 'shipped')
                        ), customers as (select * from "warehouse.analytics_marts"."dim_customers")
                        select o.day,
                            count(*) filter (where kind = 'web') as web_orders,
                            count(*) filter (where kind = 'store') as store_orders
                        from __dbt__cte__stg_orders o join customers c on c.id = o.customer_id
                        group by 1\s""",
                                "local/events_by_day.sql",
                                """

                        select date_trunc('day', at) as day, count(*) as events from "dw"."raw"."events" group by 1"""));
    }

    private static Map<String, String> written(Path root) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(root)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), Files.readString(file));
            }
        }
        return files;
    }
}
