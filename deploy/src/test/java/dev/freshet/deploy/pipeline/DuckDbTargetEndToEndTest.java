package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.duckdb.file.SharedFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project whose default target is a DuckDB file, which is read while the pipeline runs. */
class DuckDbTargetEndToEndTest {

    private static final String FACTS = "select count(*) || ' ' || coalesce(sum(order_id), 0) from ";

    @TempDir
    Path directory;

    @Test
    void fileFollowsTheSourceAndCanBeReadInBetween() throws Exception {
        Path file = directory.resolve("analytics.duckdb");
        try (ShopFixture shop = ShopFixture.create(directory, 100)) {
            shop.deliverTo(file);
            shop.model(
                    "orders_copy", "{{ config(unique_key='order_id') }} select * from {{ source('shop', 'orders') }}");
            assertThat(Checkup.of(shop.load(), shop.settings(), new Plugins()))
                    .allSatisfy(finding -> assertThat(finding.problems()).isEmpty());
            try (Pipeline pipeline = shop.start()) {
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                assertThat(fact(SharedFile.connect("jdbc:duckdb:" + file), "analytics.analytics.orders_copy"))
                        .isEqualTo(fact(shop.shop().connect(), "orders"));
                shop.execute(
                        shop.shop(),
                        "delete from order_items where order_id in (3, 4)",
                        "delete from orders where order_id in (3, 4)");
                assertThat(pipeline.catchUp(ShopFixture.PATIENCE))
                        .as("%s", pipeline.status())
                        .isTrue();
                assertThat(pipeline.status().failing()).isEmpty();
            }
            assertThat(fact(SharedFile.connect("jdbc:duckdb:" + file), "analytics.analytics.orders_copy"))
                    .isEqualTo(fact(shop.shop().connect(), "orders"))
                    .startsWith("98 ");
        }
    }

    private static String fact(Connection connection, String table) throws SQLException {
        try (connection;
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(FACTS + table)) {
            row.next();
            return row.getString(1);
        }
    }
}
