package dev.freshet.testkit.tpch;

import dev.freshet.state.BatchId;
import dev.freshet.state.Column;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import io.trino.tpch.Distributions;
import io.trino.tpch.TextPool;
import io.trino.tpch.TpchEntity;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The tables of TPC-H as a source gives them: one load, then batches of inserted, updated and deleted rows. Which rows change is a function of the
 * batch's number alone. Files are written below a directory; a DuckDB driver must be on the class path.
 */
public final class TpchStream implements AutoCloseable {

    /** Which tables change. */
    public enum Kind {
        /** Orders and their lines: what TPC-H's own refresh functions change. */
        ORDERS,
        /** A few customers, parts and suppliers as well, and what suppliers ask for parts. */
        USUAL,
        /** A nation and a region, too, which changes most results by a lot. */
        EVERY_TABLE
    }

    /** Enough for comments; the generator's own would take 300 MB. */
    private static final int TEXT_BYTES = 5_000_000;

    private final Path directory;
    private final Connection connection;
    private long position = 10;
    private int files;

    /** @param scale 1 for six million lines */
    public TpchStream(Path directory, double scale) throws SQLException, IOException {
        this.directory = directory;
        this.connection = DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("tpch.duckdb"));
        execute("SET TimeZone = 'UTC'");
        execute("SET threads = 2");
        execute("SET memory_limit = '2GB'");
        TextPool texts = new TextPool(TEXT_BYTES, Distributions.getDefaultDistributions());
        for (TpchTable table : TpchTable.values()) {
            generate(table, scale, texts);
        }
    }

    private void generate(TpchTable table, double scale, TextPool texts) throws SQLException, IOException {
        Path file = directory.resolve(table.table() + ".tbl");
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            for (TpchEntity row : table.rows(scale, texts)) {
                out.write(row.toLine());
                out.write('\n');
            }
        }
        String columns = table.schema().columns().stream()
                .map(column -> "'" + column.name() + "': '" + column.type().sql() + "'")
                .collect(Collectors.joining(", "));
        execute("CREATE TABLE " + table.table() + " AS SELECT * EXCLUDE (_end) FROM read_csv('" + file
                + "', delim = '|', header = false, quote = '', escape = '', columns = {" + columns
                + ", '_end': 'VARCHAR'})");
        Files.delete(file);
    }

    /** Every table, loaded. */
    public StagedBatch load() throws SQLException {
        List<StagedTable> staged = new ArrayList<>();
        for (TpchTable table : TpchTable.values()) {
            Path file = write(table, "SELECT 'r' AS op, * FROM " + table.table());
            StagedBase base = new StagedBase(1, at(0), at(position), Optional.empty(), List.of(file));
            staged.add(new StagedTable(
                    table.id(), table.schema(), at(0), at(position), List.of(), Optional.of(base), false));
        }
        return batch(0, staged);
    }

    /** About {@code rows} changed rows. */
    public StagedBatch change(long rows, Kind kind) throws SQLException {
        long before = position;
        position += 10;
        prepare();
        long orders = Math.max(1, rows * 6 / 100);
        pick("gone", "orders", orders, "");
        change(TpchTable.LINEITEM, "SELECT 'd', * FROM lineitem WHERE l_orderkey IN (SELECT o_orderkey FROM gone)");
        change(TpchTable.ORDERS, "SELECT 'd', * FROM orders WHERE o_orderkey IN (SELECT o_orderkey FROM gone)");
        insert(orders);
        update(
                TpchTable.LINEITEM,
                rows * 25 / 100,
                "l_orderkey NOT IN (SELECT o_orderkey FROM gone)",
                "1 + (l_quantity + 7) % 50 AS l_quantity, l_extendedprice + 10.5 AS l_extendedprice,"
                        + " (l_discount + 0.01) % 0.11 AS l_discount, l_shipdate + 1 AS l_shipdate, l_receiptdate - 1 AS l_receiptdate,"
                        + " CASE l_returnflag WHEN 'R' THEN 'A' ELSE 'R' END AS l_returnflag");
        update(
                TpchTable.ORDERS,
                rows * 8 / 100,
                "o_orderkey NOT IN (SELECT o_orderkey FROM gone)",
                "CASE o_orderpriority WHEN '1-URGENT' THEN '5-LOW' ELSE '1-URGENT' END AS o_orderpriority,"
                        + " o_orderdate + 2 AS o_orderdate, 'special requests ' || o_comment AS o_comment");
        if (kind != Kind.ORDERS) {
            updateOthers(rows);
        }
        if (kind == Kind.EVERY_TABLE) {
            update(TpchTable.NATION, 1, "true", "(n_regionkey + 1) % 5 AS n_regionkey");
            update(TpchTable.REGION, 1, "true", "r_name || '?' AS r_name");
        }
        List<StagedTable> staged = new ArrayList<>();
        for (TpchTable table : TpchTable.values()) {
            if (count(changed(table)) > 0) {
                staged.add(apply(table, before));
            }
        }
        return batch(before, staged);
    }

    private void updateOthers(long rows) throws SQLException {
        update(
                TpchTable.CUSTOMER,
                rows * 2 / 100,
                "true",
                "c_acctbal + 100 AS c_acctbal, CASE c_mktsegment WHEN 'BUILDING' THEN 'MACHINERY' ELSE 'BUILDING' END AS c_mktsegment");
        update(
                TpchTable.PART,
                rows * 2 / 100,
                "true",
                "1 + (p_size + 14) % 50 AS p_size, CASE p_brand WHEN 'Brand#23' THEN 'Brand#12' ELSE 'Brand#23' END AS p_brand,"
                        + " CASE p_container WHEN 'MED BOX' THEN 'SM BOX' ELSE 'MED BOX' END AS p_container, 'forest ' || p_name AS p_name");
        update(TpchTable.PARTSUPP, rows * 4 / 100, "true", "ps_supplycost + 1 AS ps_supplycost, 1 AS ps_availqty");
        update(
                TpchTable.SUPPLIER,
                rows / 200,
                "true",
                "(s_nationkey + 1) % 25 AS s_nationkey, s_acctbal + 1 AS s_acctbal, 'Customer Complaints' AS s_comment");
    }

    private void prepare() throws SQLException {
        for (TpchTable table : TpchTable.values()) {
            execute("CREATE OR REPLACE TEMP TABLE " + changed(table) + " (op VARCHAR, " + table.declarations(" ")
                    + ")");
        }
    }

    private static String changed(TpchTable table) {
        return "changed_" + table.table();
    }

    private void change(TpchTable table, String rows) throws SQLException {
        execute("INSERT INTO " + changed(table) + " " + rows);
    }

    /** Some rows, spread over the table. */
    private void pick(String into, String table, long rows, String where) throws SQLException {
        execute("CREATE OR REPLACE TEMP TABLE " + into + " AS SELECT * FROM " + table + where + " ORDER BY hash("
                + table + ".rowid + " + position * 1_000_003 + ") LIMIT " + rows);
    }

    /** New orders like old ones, a year later. */
    private void insert(long orders) throws SQLException {
        pick("model", "orders", orders, " WHERE o_orderkey NOT IN (SELECT o_orderkey FROM gone)");
        execute("CREATE OR REPLACE TEMP TABLE numbered AS SELECT o_orderkey AS old_key, row_number() OVER () +"
                + " (SELECT max(o_orderkey) FROM orders) AS new_key FROM model");
        for (TpchTable table : List.of(TpchTable.ORDERS, TpchTable.LINEITEM)) {
            String values = table == TpchTable.ORDERS
                    ? "n.new_key AS o_orderkey, o_orderdate - 365 AS o_orderdate"
                    : "n.new_key AS l_orderkey, l_quantity + 20 AS l_quantity, l_shipdate - 365 AS l_shipdate";
            change(
                    table,
                    "SELECT 'c', t.* REPLACE (" + values + ") FROM " + table.table() + " t JOIN numbered n ON t."
                            + table.schema().key().get(0) + " = n.old_key");
        }
    }

    private void update(TpchTable table, long rows, String where, String values) throws SQLException {
        pick("picked", table.table(), Math.max(1, rows), " WHERE " + where);
        change(table, "SELECT 'u', * REPLACE (" + values + ") FROM picked");
    }

    /** Brings this source's own copy of a table to its changes and stages them. */
    private StagedTable apply(TpchTable table, long before) throws SQLException {
        String key = table.schema().key().stream()
                .map(column -> "t." + column + " = c." + column)
                .collect(Collectors.joining(" AND "));
        execute("DELETE FROM " + table.table() + " t USING " + changed(table) + " c WHERE " + key);
        execute("INSERT INTO " + table.table() + " SELECT * EXCLUDE (op) FROM " + changed(table) + " WHERE op <> 'd'");
        Path file = write(table, "SELECT * FROM " + changed(table));
        return new StagedTable(
                table.id(), table.schema(), at(before), at(position), List.of(file), Optional.empty(), false);
    }

    private StagedBatch batch(long start, List<StagedTable> tables) {
        return new StagedBatch(
                new BatchId(TpchTable.SOURCE, position), at(start), at(position), Instant.EPOCH, 0, tables);
    }

    private static SourcePosition at(long ordinal) {
        return new SourcePosition(ordinal, "t" + ordinal);
    }

    private Path write(TpchTable table, String rows) throws SQLException {
        Path file = directory.resolve("staged-" + ++files + ".parquet");
        String names = table.schema().columns().stream().map(Column::name).collect(Collectors.joining(", "));
        execute(String.format(
                Locale.ROOT,
                "COPY (SELECT op AS _op, %1$d::BIGINT AS _position, %1$d::BIGINT AS _tx, now() AS _committed_at,"
                        + " row_number() OVER () AS _sequence, NULL::VARCHAR AS _unavailable, NULL::VARCHAR AS _poison,"
                        + " 1::BIGINT AS _load, %2$s FROM (%3$s)) TO '%4$s' (FORMAT parquet)",
                position,
                names,
                rows,
                file));
        return file;
    }

    private long count(String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet counted = statement.executeQuery("SELECT count(*) FROM " + table)) {
            counted.next();
            return counted.getLong(1);
        }
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
