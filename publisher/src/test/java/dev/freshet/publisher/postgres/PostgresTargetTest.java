package dev.freshet.publisher.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetContract;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.IntervalValue;
import dev.freshet.state.Ownership;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against a real server. */
class PostgresTargetTest extends TargetContract {

    private static Warehouse warehouse = null;

    @BeforeAll
    static void startServer() {
        warehouse = new Warehouse(PostgresServer.start());
    }

    @AfterAll
    static void stopServer() {
        warehouse.close();
    }

    @Override
    protected String newSpace() {
        return warehouse.newSchema();
    }

    @Override
    protected Target open(Ownership owner) {
        return warehouse.open(space, owner);
    }

    @Override
    protected Map<Row, Long> contents(TableId table) {
        return warehouse.contents(table);
    }

    @Override
    protected long[] countAndSum(TableId table) {
        return warehouse.query("select count(*), sum(a)::bigint from " + Identifier.quote(table)).get(0).stream()
                .mapToLong(value -> ((Number) value).longValue())
                .toArray();
    }

    @Override
    protected void byHand(TableId table, String... statements) {
        for (String statement : statements) {
            warehouse.execute(statement.replace("%s", Identifier.quote(table)));
        }
    }

    @Override
    protected boolean exists(TableId table) {
        return warehouse.exists(table);
    }

    /** The state store tells them apart, PostgreSQL does not. */
    @Test
    void valuesThatTheServerTakesForOneChangeTogether() {
        TableId bag = table("zeroes");
        TableSchema schema = new TableSchema(
                List.of(new Column("d", Simple.DOUBLE), new Column("span", Simple.INTERVAL)), List.of());
        Row zero = Row.of(0.0, new IntervalValue(0, 1, 0));
        Row negative = Row.of(-0.0, new IntervalValue(0, 1, 0));
        Row day = Row.of(0.0, new IntervalValue(0, 0, 86_400_000_000L));
        store.cycle().put(bag, schema, List.of(zero, zero, negative, day, day)).commit();
        target.publish(store.read(), List.of(model(bag, schema)));
        store.cycle().change(bag, Map.of(zero, -2L, negative, 1L, day, -1L)).commit();
        Receipt receipt = target.publish(store.read(), List.of(model(bag, schema)));
        assertThat(receipt.tables()).extracting(TableReceipt::method).containsExactly(Method.DELTA);
        assertThat(warehouse.query("select d, span::text, count(*) from " + Identifier.quote(bag)
                        + " group by d, span::text order by 2"))
                .isEqualTo(List.of(List.of(0.0, "1 day", 2L), List.of(0.0, "24:00:00", 1L)));
        store.cycle().change(bag, Map.of(negative, -2L, day, -1L)).commit();
        target.publish(store.read(), List.of(model(bag, schema)));
        assertThat(contents(bag)).isEmpty();
    }

    @Test
    void aBagInPartitionsLosesTheRightRows() {
        TableId bag = table("parted");
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < 40; i++) {
            rows.add(Row.of(i % 4, "x", "y"));
        }
        store.cycle().put(bag, BAG, rows).commit();
        publish(bag);
        String first = Identifier.quote(table("first"));
        byHand(
                bag,
                "create table " + first + " (like %s)",
                "insert into " + first + " select * from %s where a >= 2",
                "delete from only %s where a >= 2",
                "alter table " + first + " inherit %s");
        store.cycle()
                .change(bag, Map.of(rows.get(0), -3L, rows.get(1), 1L, rows.get(2), -9L, rows.get(3), -10L))
                .commit();
        assertThat(publish(bag).tables()).extracting(TableReceipt::method).containsExactly(Method.DELTA);
        assertEqual(bag);
    }

    /** Few changed rows must not make the server read a large table, however little it knows of them. */
    @Test
    void fewChangesAreFoundByIndex() {
        TableId keyed = table("keyed");
        TableId bag = table("bag");
        store.cycle()
                .put(keyed, KEYED, rows(1, 20_000, "x"))
                .put(bag, BAG, rows(1, 20_000, "x"))
                .commit();
        publish(keyed, bag);
        target.close();
        long before = sequentialReads();
        target = open(owner(1));
        for (int i = 1; i <= 5; i++) {
            store.cycle()
                    .put(keyed, KEYED, rows(1 + i, 20_000 + i, "x"))
                    .put(bag, BAG, rows(1 + i, 20_000 + i, "x"))
                    .commit();
            assertThat(publish(keyed, bag).tables())
                    .extracting(TableReceipt::method)
                    .containsExactly(Method.DELTA, Method.DELTA);
        }
        assertEqual(keyed, bag);
        // A server counts what a session did at its end.
        target.close();
        assertThat(sequentialReads() - before).isLessThan(20_000 * 5);
    }

    private long sequentialReads() {
        return (long) warehouse
                .query("select sum(seq_tup_read)::bigint from pg_stat_user_tables where schemaname = '" + space + "'")
                .get(0)
                .get(0);
    }
}
