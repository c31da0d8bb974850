package dev.freshet.transform.plan;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The tables of a shop that the corpus asks about, with what may stand in them: NULLs, ties, odd texts, few different values so that rows meet. */
final class CorpusTables {

    static final String SOURCE = "shop";

    /** A SQL literal. */
    interface Value {
        String next(Random random);

        default Value orNull(int percent) {
            return random -> random.nextInt(100) < percent ? "NULL" : next(random);
        }
    }

    private record Field(String name, DataType type, Value value) {}

    /** @param rows how many it has at first */
    record Table(TableId id, TableSchema schema, List<Value> values, int rows) {

        List<Integer> key() {
            return schema.key().stream()
                    .map(name ->
                            schema.columns().stream().map(Column::name).toList().indexOf(name))
                    .toList();
        }

        List<String> row(Random random) {
            return values.stream().map(value -> value.next(random)).toList();
        }
    }

    private static final Decimal MONEY = new Decimal(10, 2);
    private static final Value AMOUNT =
            random -> random.nextInt(120) + "." + List.of("00", "50", "99").get(random.nextInt(3));
    private static final Value CURRENCY = text("EUR", "USD", "GBP", "eur");
    private static final Value COUNTRY = text("DE", "FR", "us", "US", "", "Österreich");

    private CorpusTables() {}

    static List<Table> all() {
        return List.of(
                table(
                        "customers",
                        18,
                        List.of("id"),
                        new Field("id", Simple.INTEGER, number(1, 24)),
                        new Field(
                                "name",
                                Simple.VARCHAR,
                                text("Ada Lovelace", "  bob  ", "Zoë O'Hara", "李雷", "ada lovelace", "")
                                        .orNull(10)),
                        new Field(
                                "email",
                                Simple.VARCHAR,
                                text("ada@example.com", "Bob@Example.ORG", "zoe+news@mail.test", "broken", "")
                                        .orNull(15)),
                        new Field("country", Simple.VARCHAR, COUNTRY.orNull(10)),
                        new Field(
                                "segment",
                                Simple.VARCHAR,
                                text("retail", "wholesale", "b2b").orNull(15)),
                        new Field("created_at", Simple.TIMESTAMP, time(2025, 12).orNull(5)),
                        new Field("birth_date", Simple.DATE, day(1980, 12).orNull(20)),
                        new Field("is_active", Simple.BOOLEAN, flag().orNull(15)),
                        new Field("credit_limit", MONEY, AMOUNT.orNull(20)),
                        new Field("referred_by", Simple.INTEGER, number(1, 24).orNull(30)),
                        new Field(
                                "attributes",
                                Simple.JSON,
                                text(
                                                "{\"vip\": true, \"score\": 7, \"langs\": [\"de\", \"en\"]}",
                                                "{\"vip\": false, \"score\": null, \"address\": {\"city\": \"Köln\"}}",
                                                "{\"score\": 3.5, \"langs\": []}",
                                                "{}")
                                        .orNull(15))),
                table(
                        "orders",
                        40,
                        List.of("id"),
                        new Field("id", Simple.INTEGER, number(1, 60)),
                        new Field("customer_id", Simple.INTEGER, number(1, 24).orNull(8)),
                        new Field(
                                "status",
                                Simple.VARCHAR,
                                text("placed", "shipped", "returned", "cancelled", "Shipped ")
                                        .orNull(5)),
                        new Field("ordered_at", Simple.TIMESTAMP, time(2026, 3).orNull(5)),
                        new Field("shipped_at", Simple.TIMESTAMP, time(2026, 3).orNull(40)),
                        new Field("amount", MONEY, AMOUNT.orNull(8)),
                        new Field(
                                "discount",
                                new Decimal(5, 2),
                                text("0.00", "0.10", "5.00").orNull(30)),
                        new Field("currency", Simple.VARCHAR, CURRENCY.orNull(8)),
                        new Field(
                                "channel",
                                Simple.VARCHAR,
                                text("web", "store", "app").orNull(10)),
                        new Field(
                                "note",
                                Simple.VARCHAR,
                                text("", " ", "gift; wrap", "call 030-1234", "it's -- late", "ÄÖÜ 100%")
                                        .orNull(40))),
                table(
                        "order_lines",
                        60,
                        List.of("order_id", "line_no"),
                        new Field("order_id", Simple.INTEGER, number(1, 60)),
                        new Field("line_no", Simple.INTEGER, number(1, 4)),
                        new Field("product_id", Simple.INTEGER, number(1, 14).orNull(6)),
                        new Field("quantity", Simple.INTEGER, number(0, 5).orNull(5)),
                        new Field("unit_price", MONEY, AMOUNT.orNull(5)),
                        new Field(
                                "discount_rate",
                                Simple.DOUBLE,
                                text("0", "0.125", "0.25", "0.5").orNull(20))),
                table(
                        "products",
                        12,
                        List.of("id"),
                        new Field("id", Simple.INTEGER, number(1, 16)),
                        new Field(
                                "sku",
                                Simple.VARCHAR,
                                text("A-100", "A-200", "b_300", "C-4/x", "").orNull(5)),
                        new Field("name", Simple.VARCHAR, text("Lamp", "Desk lamp", "Größe L", "50% off", "chair")),
                        new Field(
                                "category",
                                Simple.VARCHAR,
                                text("home", "office", "toys").orNull(10)),
                        new Field("price", MONEY, AMOUNT.orNull(5)),
                        new Field(
                                "weight",
                                Simple.DOUBLE,
                                text("0.25", "1.5", "12.75", "NaN").orNull(15)),
                        new Field(
                                "labels",
                                new ListOf(Simple.VARCHAR),
                                raw("['new', 'sale']", "['sale']", "[]", "['new', NULL, 'eco']")
                                        .orNull(15)),
                        new Field("released", Simple.DATE, day(2024, 12).orNull(10)),
                        new Field("Unit Cost", MONEY, AMOUNT.orNull(10))),
                table(
                        "payments",
                        40,
                        List.of("id"),
                        new Field("id", Simple.INTEGER, number(1, 70)),
                        new Field("order_id", Simple.INTEGER, number(1, 60).orNull(5)),
                        new Field(
                                "method",
                                Simple.VARCHAR,
                                text("card", "transfer", "voucher", "CARD").orNull(5)),
                        new Field("amount", MONEY, AMOUNT.orNull(5)),
                        new Field("paid_at", Simple.TIMESTAMPTZ, zoned(2026, 3).orNull(10)),
                        new Field(
                                "status",
                                Simple.VARCHAR,
                                text("ok", "failed", "refunded").orNull(5))),
                table(
                        "events",
                        60,
                        List.of("id"),
                        new Field("id", Simple.BIGINT, number(1, 90)),
                        new Field("customer_id", Simple.INTEGER, number(1, 24).orNull(15)),
                        new Field(
                                "session_id",
                                Simple.VARCHAR,
                                text("s1", "s2", "s3", "s4", "s5").orNull(10)),
                        new Field(
                                "kind", Simple.VARCHAR, text("view", "cart", "checkout", "purchase", "view", "search")),
                        new Field("occurred_at", Simple.TIMESTAMP, time(2026, 2).orNull(3)),
                        new Field(
                                "payload",
                                Simple.JSON,
                                text(
                                                "{\"url\": \"/p/1?utm_source=mail\", \"ms\": 120, \"items\": [{\"sku\": \"A-100\", \"n\": 2}]}",
                                                "{\"url\": \"/\", \"ms\": 8, \"items\": []}",
                                                "{\"url\": null, \"query\": \"lamp größe\"}",
                                                "{\"ms\": \"n/a\"}")
                                        .orNull(10)),
                        new Field(
                                "scores",
                                new ListOf(Simple.INTEGER),
                                raw("[1, 2, 3]", "[5]", "[]", "[4, NULL, 4]", "[10, 0]")
                                        .orNull(15))),
                table(
                        "subscriptions",
                        20,
                        List.of("id"),
                        new Field("id", Simple.INTEGER, number(1, 30)),
                        new Field("customer_id", Simple.INTEGER, number(1, 24)),
                        new Field("plan", Simple.VARCHAR, text("basic", "pro", "team")),
                        new Field("valid_from", Simple.DATE, day(2026, 2)),
                        new Field("valid_to", Simple.DATE, day(2026, 4).orNull(40)),
                        new Field("monthly", new Decimal(8, 2), AMOUNT)),
                table(
                        "accounts",
                        15,
                        List.of("id"),
                        new Field("id", Simple.UUID, random -> "'00000000-0000-4000-8000-0000000000%02d'"
                                .formatted(random.nextInt(40))),
                        new Field("customer_id", Simple.INTEGER, number(1, 24).orNull(10)),
                        new Field("opened_on", Simple.DATE, day(2025, 12)),
                        new Field("balance", new Decimal(18, 4), random -> (random.nextInt(4000) - 1000) + ".1250"),
                        new Field("currency", Simple.VARCHAR, CURRENCY)),
                table(
                        "rates",
                        25,
                        List.of("currency", "day"),
                        new Field("currency", Simple.VARCHAR, text("EUR", "USD", "GBP")),
                        new Field("day", Simple.DATE, day(2026, 2)),
                        new Field("rate", new Decimal(12, 6), random -> "1." + (100_000 + random.nextInt(900_000)))),
                table(
                        "calendar",
                        40,
                        List.of("day"),
                        new Field("day", Simple.DATE, day(2026, 3)),
                        new Field("is_holiday", Simple.BOOLEAN, flag()),
                        new Field("fiscal_quarter", Simple.VARCHAR, text("Q1", "Q2", "2026-Q1"))),
                table(
                        "employees",
                        14,
                        List.of("id"),
                        new Field("id", Simple.INTEGER, number(1, 20)),
                        new Field("name", Simple.VARCHAR, text("Ann", "Ben", "Çem", "Dee", "Eva")),
                        new Field("manager_id", Simple.INTEGER, number(1, 20).orNull(25)),
                        new Field(
                                "department",
                                Simple.VARCHAR,
                                text("sales", "it", "Sales").orNull(10)),
                        new Field("salary", MONEY, AMOUNT.orNull(8)),
                        new Field("hired_on", Simple.DATE, day(2023, 12))),
                table(
                        "order_tags",
                        40,
                        List.of(),
                        new Field("order_id", Simple.INTEGER, number(1, 60)),
                        new Field(
                                "tag",
                                Simple.VARCHAR,
                                text("vip", "rush", "gift", "Rush", "").orNull(10))),
                table(
                        "quotas",
                        6,
                        List.of("region"),
                        new Field("region", Simple.VARCHAR, text("north", "south", "east", "west", "DE", "US", "FR")),
                        new Field("q1", MONEY, AMOUNT.orNull(10)),
                        new Field("q2", MONEY, AMOUNT.orNull(10)),
                        new Field("q3", MONEY, AMOUNT.orNull(10)),
                        new Field("q4", MONEY, AMOUNT.orNull(10))));
    }

    private static Table table(String name, int rows, List<String> key, Field... fields) {
        return new Table(
                new TableId(SOURCE, "public", name),
                new TableSchema(
                        Stream.of(fields)
                                .map(field -> new Column(field.name(), field.type()))
                                .toList(),
                        key),
                Stream.of(fields).map(Field::value).toList(),
                rows);
    }

    private static Value number(int from, int to) {
        return random -> Integer.toString(from + random.nextInt(to - from + 1));
    }

    private static Value text(String... values) {
        return raw(Stream.of(values)
                .map(value -> "'" + value.replace("'", "''") + "'")
                .toArray(String[]::new));
    }

    private static Value raw(String... values) {
        return random -> values[random.nextInt(values.length)];
    }

    private static Value flag() {
        return raw("true", "false");
    }

    private static Value day(int year, int months) {
        return random -> "'%d-%02d-%02d'".formatted(year, 1 + random.nextInt(months), 1 + random.nextInt(28));
    }

    /** Some at the edges of hours and days. */
    private static Value time(int year, int months) {
        return random -> "'%d-%02d-%02d %02d:%s'"
                .formatted(
                        year,
                        1 + random.nextInt(months),
                        1 + random.nextInt(28),
                        random.nextInt(24),
                        List.of("00:00", "15:30", "59:59.999999").get(random.nextInt(3)));
    }

    private static Value zoned(int year, int months) {
        return random -> {
            String local = time(year, months).next(random);
            return local.substring(0, local.length() - 1) + (random.nextBoolean() ? "+00'" : "+02'");
        };
    }
}
