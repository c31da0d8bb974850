package dev.freshet.benchmarks;

import dev.freshet.state.BatchId;
import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The demo's tables as staged files, made without a source database: rows are a function of their number. */
final class ShopRows implements AutoCloseable {

    private static final String CLOCK = "timestamptz '2026-11-01 12:00:00+00'";
    private static final Decimal MONEY = new Decimal(12, 2);

    /** @param rows a query for the rows numbered by the relation {@code n(i)}; {@code %1$d} is the number of orders */
    private record Table(String source, String name, TableSchema schema, String rows) {
        TableId id() {
            return new TableId(source, "public", name);
        }
    }

    private static final Table ORDERS = new Table(
            "shop",
            "orders",
            schema(
                    List.of("order_id"),
                    "order_id",
                    Simple.BIGINT,
                    "customer_id",
                    Simple.BIGINT,
                    "status",
                    Simple.VARCHAR,
                    "ordered_at",
                    Simple.TIMESTAMPTZ,
                    "ship_by",
                    Simple.DATE,
                    "discount",
                    MONEY,
                    "is_gift",
                    Simple.BOOLEAN,
                    "notes",
                    Simple.VARCHAR),
            """
            select i, case when i %% 50 = 7 then null else 1 + (i * 7919) %% (%1$d // 20) end,
                   case when i > %1$d * 0.97 then 'placed' when i > %1$d * 0.95 then 'paid' when i %% 40 = 0 then 'returned'
                        when i %% 60 = 1 then 'cancelled' else 'delivered' end,
                   CLOCK - interval (7776000.0 * (%1$d - i) / %1$d) seconds,
                   case when i %% 9 = 0 then null else (CLOCK - interval (7776000.0 * (%1$d - i) / %1$d) seconds)::date + 3 end,
                   (i %% 5) * 0.25, i %% 11 = 0, case when i %% 7 = 0 then 'Please ring twice, order ' || i end from n""");
    private static final Table ITEMS = new Table(
            "shop",
            "order_items",
            schema(
                    List.of("order_id", "line_no"),
                    "order_id",
                    Simple.BIGINT,
                    "line_no",
                    Simple.INTEGER,
                    "product_id",
                    Simple.INTEGER,
                    "quantity",
                    Simple.INTEGER,
                    "unit_price",
                    MONEY),
            """
            select i, k, 1 + (i * 31 + k * 17) %% 500, 1 + (i + k) %% 4, 1 + (i * 13 + k) %% 90 + 0.49
            from n, range(1, 4) lines(k) where k <= 1 + i %% 3""");
    private static final Table PRODUCTS = new Table(
            "shop",
            "products",
            schema(
                    List.of("product_id"),
                    "product_id",
                    Simple.INTEGER,
                    "sku",
                    Simple.UUID,
                    "name",
                    Simple.VARCHAR,
                    "category",
                    Simple.VARCHAR,
                    "price",
                    MONEY,
                    "active",
                    Simple.BOOLEAN,
                    "attributes",
                    Simple.JSON,
                    "description",
                    Simple.VARCHAR),
            """
            select i, md5('sku ' || i)::uuid, 'Product ' || i, ['garden', 'kitchen', 'office', 'sport', 'toys'][1 + i %% 5],
                   5 + (i * 37) %% 200 + 0.99, i %% 20 <> 0, '{"colour": "red"}', 'Long text ' || i from n where i <= 500""");
    private static final Table FEATURED = new Table(
            "shop",
            "featured_products",
            schema(
                    List.of("slot"),
                    "slot",
                    Simple.INTEGER,
                    "product_id",
                    Simple.INTEGER,
                    "shown_until",
                    Simple.TIMESTAMPTZ),
            "select i, i * 3, CLOCK from n where i <= 8");
    private static final Table VIEWS = new Table(
            "shop",
            "page_views",
            schema(
                    List.of(),
                    "viewed_at",
                    Simple.TIMESTAMPTZ,
                    "customer_id",
                    Simple.BIGINT,
                    "path",
                    Simple.VARCHAR,
                    "session",
                    Simple.UUID),
            """
            select CLOCK - interval (i %% 1000) minutes, case when i %% 10 = 0 then null else 1 + i %% (%1$d // 20) end,
                   '/product/' || (1 + i %% 500), md5('session ' || i // 4)::uuid from n where i <= %1$d // 10""");
    private static final Table CUSTOMERS = new Table(
            "crm",
            "customers",
            schema(
                    List.of("customer_id"),
                    "customer_id",
                    Simple.BIGINT,
                    "name",
                    Simple.VARCHAR,
                    "email",
                    Simple.VARCHAR,
                    "segment",
                    Simple.VARCHAR,
                    "country",
                    Simple.VARCHAR,
                    "signed_up_on",
                    Simple.DATE,
                    "marketing_consent",
                    Simple.BOOLEAN,
                    "profile",
                    Simple.JSON,
                    "credit_limit",
                    MONEY),
            """
            select i, 'Customer ' || i, 'customer' || i || '@example.com', ['new', 'regular', 'loyal', null][1 + i %% 4],
                   ['AT', 'DE', 'ES', 'FR', 'IT', 'NL', 'PL', 'SE'][1 + (i * 31) %% 8], CLOCK::date - (i %% 1500)::integer,
                   i %% 3 = 0, '{"language": "de"}', 100 * (i %% 50) from n where i <= %1$d // 20""");
    private static final Table TICKETS = new Table(
            "crm",
            "tickets",
            schema(
                    List.of("ticket_id"),
                    "ticket_id",
                    Simple.UUID,
                    "customer_id",
                    Simple.BIGINT,
                    "order_id",
                    Simple.BIGINT,
                    "urgent",
                    Simple.BOOLEAN,
                    "opened_at",
                    Simple.TIMESTAMPTZ,
                    "closed_at",
                    Simple.TIMESTAMPTZ,
                    "body",
                    Simple.VARCHAR),
            """
            select md5('ticket ' || i)::uuid, 1 + (i * 17) %% (%1$d // 20), case when i %% 3 = 0 then null else 1 + (i * 19) %% %1$d end,
                   i %% 5 = 0, CLOCK - interval (90 * i) seconds, case when i %% 10 < 8 then CLOCK - interval (30 * i) seconds end,
                   'Where is my order? ' || i from n where i <= %1$d // 20""");

    private static final List<Table> TABLES = List.of(ORDERS, ITEMS, PRODUCTS, FEATURED, VIEWS, CUSTOMERS, TICKETS);

    private final Path directory;
    private final long orders;
    private final Connection connection;
    private long position = 10;
    private int files;

    ShopRows(Path directory, long orders) throws SQLException {
        this.directory = directory;
        this.orders = orders;
        this.connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("SET TimeZone = 'UTC'");
        execute("SET threads = 2");
    }

    private static TableSchema schema(List<String> key, Object... namesAndTypes) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            columns.add(new Column((String) namesAndTypes[i], (DataType) namesAndTypes[i + 1]));
        }
        return new TableSchema(columns, key);
    }

    /** Every table, loaded. */
    List<StagedBatch> load() throws SQLException {
        List<StagedBatch> batches = new ArrayList<>();
        for (String source : List.of("shop", "crm")) {
            List<StagedTable> staged = new ArrayList<>();
            for (Table table : TABLES) {
                if (table.source().equals(source)) {
                    Path file = write(table, "r", "range(1, " + (orders + 1) + ")", "*");
                    StagedBase base = new StagedBase(1, at(0), at(position), Optional.empty(), List.of(file));
                    staged.add(new StagedTable(
                            table.id(), table.schema(), at(0), at(position), List.of(), Optional.of(base), false));
                }
            }
            batches.add(batch(source, 0, staged));
        }
        return batches;
    }

    /** About {@code rows} changed rows: mostly orders and their items anywhere in the tables, some of every other kind. */
    List<StagedBatch> change(long rows) throws SQLException {
        long before = position;
        position += 10;
        String status = "* replace (case status when 'delivered' then 'returned' else 'delivered' end as status)";
        List<StagedTable> shop = new ArrayList<>();
        List<StagedTable> crm = new ArrayList<>();
        change(shop, ORDERS, rows < 10 ? rows : rows * 42 / 100, "u", status, orders, before);
        change(
                shop,
                ITEMS,
                rows * 22 / 100,
                "u",
                "* replace (quantity + " + position + " as quantity)",
                orders,
                before);
        change(shop, PRODUCTS, rows / 200, "u", "* replace (name || '.' as name)", 500, before);
        change(shop, VIEWS, rows * 4 / 100, "c", "*", orders / 10, before);
        change(
                crm,
                CUSTOMERS,
                rows * 4 / 100,
                "u",
                "* replace (case segment when 'new' then 'old' else 'new' end as segment)",
                orders / 20,
                before);
        change(
                crm,
                TICKETS,
                rows * 4 / 100,
                "u",
                "* replace (case when closed_at is null then CLOCK end as closed_at)",
                orders / 20,
                before);
        return List.of(batch("shop", before, shop), batch("crm", before, crm));
    }

    private void change(
            List<StagedTable> into, Table table, long rows, String op, String values, long among, long before)
            throws SQLException {
        if (rows > 0) {
            String numbers = "(select distinct 1 + (hash(r + " + position * 1_000_003 + ") %% " + among
                    + ")::bigint from range(" + rows + ") picks(r))";
            Path file = write(table, op, numbers, values.replace("CLOCK", CLOCK));
            into.add(new StagedTable(
                    table.id(), table.schema(), at(before), at(position), List.of(file), Optional.empty(), false));
        }
    }

    private StagedBatch batch(String source, long start, List<StagedTable> tables) {
        return new StagedBatch(new BatchId(source, position), at(start), at(position), Instant.EPOCH, 0, tables);
    }

    private static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "t" + ordinal);
    }

    private Path write(Table table, String op, String numbers, String values) throws SQLException {
        Path file = directory.resolve("staged-" + ++files + ".parquet");
        String names = table.schema().columns().stream().map(Column::name).collect(Collectors.joining(", "));
        String casts = table.schema().columns().stream()
                .map(column -> column.name() + "::"
                        + (column.type() == Simple.JSON
                                ? "VARCHAR"
                                : column.type().sql()) + " as " + column.name())
                .collect(Collectors.joining(", "));
        execute("COPY (SELECT '" + op + "' AS _op, " + position + "::BIGINT AS _position, " + position
                + "::BIGINT AS _tx, now() AS _committed_at, row_number() over () AS _sequence, NULL::VARCHAR AS _unavailable,"
                + " NULL::VARCHAR AS _poison, 1::BIGINT AS _load, " + casts + " FROM (SELECT " + values
                + " FROM (WITH n AS (SELECT * FROM " + numbers.replace("%%", "%") + " numbers(i)) "
                + table.rows().replace("CLOCK", CLOCK).formatted(orders) + ") rows(" + names + "))) TO '" + file
                + "' (FORMAT parquet)");
        return file;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
