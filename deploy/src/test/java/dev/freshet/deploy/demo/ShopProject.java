package dev.freshet.deploy.demo;

import dev.freshet.deploy.demo.Verifier.ModelCheck;
import dev.freshet.state.TableId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The models of {@code examples/shop}, rendered by plain text replacement: enough for this one project, and no part of Freshet, so that a test
 * with it does not rest on the renderer.
 */
final class ShopProject {

    static final List<String> MODELS = List.of(
            "open_orders",
            "open_order_lines",
            "order_summary",
            "customer_value",
            "latest_orders",
            "customer_timeline",
            "daily_sales",
            "page_interest",
            "front_page",
            "ticket_desk");

    static final List<TableId> SOURCES = List.of(
            new TableId("shop", "public", "orders"),
            new TableId("shop", "public", "order_items"),
            new TableId("shop", "public", "products"),
            new TableId("shop", "public", "featured_products"),
            new TableId("shop", "public", "page_views"),
            new TableId("crm", "public", "customers"),
            new TableId("crm", "public", "tickets"));

    private static final Path DIRECTORY = Path.of("..", "examples", "shop");

    private ShopProject() {}

    static List<ModelCheck> checks() {
        return MODELS.stream()
                .map(name ->
                        new ModelCheck(new TableId("warehouse", "analytics", name), render("marts/" + name + ".sql")))
                .toList();
    }

    private static String render(String file) {
        String text;
        try {
            text = Files.readString(DIRECTORY.resolve("models").resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        text = text.replaceAll("\\{\\{ config\\(.*?\\) }}", "");
        text = text.replaceAll("\\{\\{ source\\('(\\w+)', '(\\w+)'\\) }}", "\"$1.public\".\"$2\"");
        text = text.replaceAll("\\{\\{ utc_date\\('([\\w.]+)'\\) }}", "cast($1 at time zone 'UTC' as date)");
        if (text.contains("ref('stg_orders')")) {
            String inlined = "(" + render("staging/stg_orders.sql") + ")";
            text = text.replace("{{ ref('stg_orders') }}", inlined);
        }
        text = text.replaceAll("\\{\\{ ref\\('(\\w+)'\\) }}", "\"warehouse.analytics\".\"$1\"");
        if (Pattern.compile("\\{[{%]").matcher(text).find()) {
            throw new IllegalStateException(file + " uses more of Jinja than this test renders: " + text);
        }
        return text;
    }
}
