package dev.freshet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A project as small as those that people begin with, on a DuckDB file: 3 seeds of about a hundred rows, 3 views, 2 tables and 20 tests. */
final class SmallShop {

    private static final int CUSTOMERS = 100;
    private static final int ORDERS = 99;
    private static final int PAYMENTS = 113;

    private SmallShop() {}

    static void write(Path project) throws IOException {
        Files.createDirectories(project.resolve("models/staging"));
        Files.createDirectories(project.resolve("seeds"));
        file(
                project,
                "dbt_project.yml",
                "name: small_shop\nprofile: small_shop\nmodels: {small_shop: {+materialized: table, staging: {+materialized: view}}}\n");
        file(
                project,
                "profiles.yml",
                "small_shop: {target: dev, outputs: {dev: {type: duckdb, path: '" + project.resolve("shop.duckdb")
                        + "', threads: 2}}}\n");
        seeds(project);
        staging(project, "customers", "id as customer_id, first_name, last_name");
        staging(project, "orders", "id as order_id, user_id as customer_id, order_date, status");
        staging(project, "payments", "id as payment_id, order_id, payment_method, amount / 100 as amount");
        file(
                project,
                "models/customers.sql",
                """
                with counted as (
                    select customer_id, min(order_date) as first_order, max(order_date) as last_order, count(*) as orders
                    from {{ ref('stg_orders') }} group by customer_id
                ),
                paid as (
                    select o.customer_id, sum(p.amount) as total
                    from {{ ref('stg_payments') }} p left join {{ ref('stg_orders') }} o using (order_id) group by o.customer_id
                )
                select c.customer_id, c.first_name, c.last_name, n.first_order, n.last_order, n.orders, p.total
                from {{ ref('stg_customers') }} c left join counted n using (customer_id) left join paid p using (customer_id)
                """);
        file(
                project,
                "models/orders.sql",
                """
                {% set methods = ['card', 'coupon', 'transfer', 'voucher'] %}
                with paid as (
                    select order_id,
                    {% for method in methods %}sum(case when payment_method = '{{ method }}' then amount else 0 end) as {{ method }}_amount,
                    {% endfor %}sum(amount) as amount
                    from {{ ref('stg_payments') }} group by order_id
                )
                select o.order_id, o.customer_id, o.order_date, o.status,
                {% for method in methods %}coalesce(p.{{ method }}_amount, 0) as {{ method }}_amount,
                {% endfor %}coalesce(p.amount, 0) as amount
                from {{ ref('stg_orders') }} o left join paid p using (order_id)
                """);
        properties(project);
    }

    private static void seeds(Path project) throws IOException {
        StringBuilder customers = new StringBuilder("id,first_name,last_name\n");
        for (int i = 1; i <= CUSTOMERS; i++) {
            customers.append(i).append(",First").append(i).append(",L.\n");
        }
        file(project, "seeds/raw_customers.csv", customers.toString());
        StringBuilder orders = new StringBuilder("id,user_id,order_date,status\n");
        for (int i = 1; i <= ORDERS; i++) {
            orders.append(i)
                    .append(',')
                    .append(1 + i * 7 % CUSTOMERS)
                    .append(",2026-0")
                    .append(1 + i % 4)
                    .append("-1")
                    .append(i % 10)
                    .append(i % 5 == 0 ? ",returned\n" : ",completed\n");
        }
        file(project, "seeds/raw_orders.csv", orders.toString());
        String[] methods = {"card", "coupon", "transfer", "voucher"};
        StringBuilder payments = new StringBuilder("id,order_id,payment_method,amount\n");
        for (int i = 1; i <= PAYMENTS; i++) {
            payments.append(i)
                    .append(',')
                    .append(1 + i % ORDERS)
                    .append(',')
                    .append(methods[i % 4])
                    .append(',')
                    .append(i * 25)
                    .append('\n');
        }
        file(project, "seeds/raw_payments.csv", payments.toString());
    }

    private static void staging(Path project, String name, String columns) throws IOException {
        file(
                project,
                "models/staging/stg_" + name + ".sql",
                "select " + columns + " from {{ ref('raw_" + name + "') }}\n");
    }

    private static void properties(Path project) throws IOException {
        String key = "data_tests: [unique, not_null]";
        file(
                project,
                "models/staging/staging.yml",
                """
                models:
                  - {name: stg_customers, columns: [{name: customer_id, KEY}]}
                  - {name: stg_orders, columns: [{name: order_id, KEY}, {name: status, data_tests: [{accepted_values: {values: [completed, returned]}}]}]}
                  - {name: stg_payments, columns: [{name: payment_id, KEY}, {name: payment_method, data_tests: [{accepted_values: {values: [card, coupon, transfer, voucher]}}]}]}
                """
                        .replace("KEY", key));
        file(
                project,
                "models/marts.yml",
                """
                models:
                  - {name: customers, columns: [{name: customer_id, KEY}, {name: first_name, data_tests: [not_null]}]}
                  - name: orders
                    columns:
                      - {name: order_id, KEY}
                      - {name: customer_id, data_tests: [not_null, {relationships: {to: "ref('customers')", field: customer_id}}]}
                      - {name: amount, data_tests: [not_null]}
                      - {name: card_amount, data_tests: [not_null]}
                      - {name: coupon_amount, data_tests: [not_null]}
                      - {name: voucher_amount, data_tests: [not_null]}
                      - {name: status, data_tests: [{accepted_values: {values: [completed, returned]}}]}
                """
                        .replace("KEY", key));
    }

    private static void file(Path project, String path, String content) throws IOException {
        Files.writeString(project.resolve(path), content);
    }
}
