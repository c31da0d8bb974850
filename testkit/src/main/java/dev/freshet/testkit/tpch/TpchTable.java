package dev.freshet.testkit.tpch;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import io.trino.tpch.CustomerGenerator;
import io.trino.tpch.Distributions;
import io.trino.tpch.LineItemGenerator;
import io.trino.tpch.NationGenerator;
import io.trino.tpch.OrderGenerator;
import io.trino.tpch.PartGenerator;
import io.trino.tpch.PartSupplierGenerator;
import io.trino.tpch.RegionGenerator;
import io.trino.tpch.SupplierGenerator;
import io.trino.tpch.TextPool;
import io.trino.tpch.TpchEntity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A table of TPC-H, parents before children. */
enum TpchTable {
    REGION("regionkey", "k regionkey, name, comment"),
    NATION("nationkey", "k nationkey, name, k regionkey, comment"),
    SUPPLIER("suppkey", "k suppkey, name, address, k nationkey, phone, m acctbal, comment"),
    CUSTOMER("custkey", "k custkey, name, address, k nationkey, phone, m acctbal, mktsegment, comment"),
    PART("partkey", "k partkey, name, mfgr, brand, type, i size, container, m retailprice, comment"),
    PARTSUPP("partkey suppkey", "k partkey, k suppkey, i availqty, m supplycost, comment"),
    ORDERS(
            "orderkey",
            "k orderkey, k custkey, orderstatus, m totalprice, d orderdate, orderpriority, clerk, i shippriority, comment"),
    LINEITEM(
            "orderkey linenumber",
            "k orderkey, k partkey, k suppkey, i linenumber, m quantity, m extendedprice, m discount, m tax, returnflag,"
                    + " linestatus, d shipdate, d commitdate, d receiptdate, shipinstruct, shipmode, comment");

    static final String SOURCE = "tpch";

    private final TableSchema schema;

    /** @param columns each with its kind, text without one, and without its table's prefix */
    TpchTable(String key, String columns) {
        List<Column> all = new ArrayList<>();
        for (String column : List.of(columns.split(", ", -1))) {
            int space = column.indexOf(' ');
            all.add(new Column(
                    prefix() + column.substring(space + 1), space < 0 ? Simple.VARCHAR : type(column.charAt(0))));
        }
        schema = new TableSchema(
                all,
                List.of(key.split(" ", -1)).stream()
                        .map(name -> prefix() + name)
                        .toList());
    }

    private static DataType type(char kind) {
        return switch (kind) {
            case 'k' -> Simple.BIGINT;
            case 'i' -> Simple.INTEGER;
            case 'm' -> new Decimal(15, 2);
            case 'd' -> Simple.DATE;
            default -> throw new IllegalArgumentException("no type is called " + kind);
        };
    }

    private String prefix() {
        return name().equals("PARTSUPP") ? "ps_" : name().substring(0, 1).toLowerCase(Locale.ROOT) + "_";
    }

    String table() {
        return name().toLowerCase(Locale.ROOT);
    }

    TableId id() {
        return new TableId(SOURCE, "public", table());
    }

    TableSchema schema() {
        return schema;
    }

    /** For a CREATE TABLE or a reader of files. */
    String declarations(String between) {
        return schema.columns().stream()
                .map(column -> column.name() + between + column.type().sql())
                .collect(Collectors.joining(", "));
    }

    /** The rows of a database of this scale. */
    Iterable<? extends TpchEntity> rows(double scale, TextPool texts) {
        Distributions distributions = Distributions.getDefaultDistributions();
        return switch (this) {
            case REGION -> new RegionGenerator(distributions, texts);
            case NATION -> new NationGenerator(distributions, texts);
            case SUPPLIER -> new SupplierGenerator(scale, 1, 1, distributions, texts);
            case CUSTOMER -> new CustomerGenerator(scale, 1, 1, distributions, texts);
            case PART -> new PartGenerator(scale, 1, 1, distributions, texts);
            case PARTSUPP -> new PartSupplierGenerator(scale, 1, 1, texts);
            case ORDERS -> new OrderGenerator(scale, 1, 1, distributions, texts);
            case LINEITEM -> new LineItemGenerator(scale, 1, 1, distributions, texts);
        };
    }
}
