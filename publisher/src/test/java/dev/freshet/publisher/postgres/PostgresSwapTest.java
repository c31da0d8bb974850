package dev.freshet.publisher.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.publisher.MemoryStateStore;
import dev.freshet.publisher.PublishedModel;
import dev.freshet.publisher.Receipt;
import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Column;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.testkit.PostgresServer;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that have to be replaced, what comes along, what stands in the way, and rights that are missing. */
class PostgresSwapTest {

    private static final TableSchema NARROW = new TableSchema(
            List.of(new Column("id", Simple.BIGINT), new Column("na me", Simple.VARCHAR)), List.of("id"));
    private static final TableSchema WIDE = new TableSchema(
            List.of(
                    new Column("id", Simple.BIGINT),
                    new Column("added", Simple.DOUBLE),
                    new Column("na me", Simple.VARCHAR)),
            List.of("id"));

    private static Warehouse warehouse = null;

    private final MemoryStateStore store = new MemoryStateStore(5);
    private String space = "";
    private String quoted = "";
    private TableId table = new TableId("warehouse", "none", "none");
    private TableId other = table;
    private Target target = null;

    @BeforeAll
    static void startServer() {
        warehouse = new Warehouse(PostgresServer.start());
        warehouse.execute("create role reader", "create role \"limited user\" login password 'limited'");
    }

    @AfterAll
    static void stopServer() {
        warehouse.close();
    }

    @BeforeEach
    void openTarget() {
        space = warehouse.newSchema();
        quoted = Identifier.quote(space);
        table = new TableId("warehouse", space, "it's \"a\" table");
        other = new TableId("warehouse", space, "other");
        target = warehouse.open(space, owner());
    }

    @AfterEach
    void closeTarget() {
        target.close();
    }

    private static Ownership owner() {
        return new Ownership(new PipelineId("swap", "prod"), 1, UUID.randomUUID());
    }

    private Receipt publish() {
        return publish(target);
    }

    private Receipt publish(Target to) {
        try (StateSnapshot snapshot = store.read()) {
            return to.publish(
                    snapshot, List.of(new PublishedModel(table, List.of("id")), new PublishedModel(other, List.of())));
        }
    }

    private void narrow() {
        store.cycle()
                .put(table, NARROW, List.of(Row.of(1L, "one"), Row.of(2L, "two")))
                .put(other, NARROW, List.of(Row.of(1L, "first")))
                .commit();
        publish();
    }

    private MemoryStateStore.Cycle widen() {
        return store.cycle()
                .put(table, WIDE, List.of(Row.of(1L, 0.5, "one"), Row.of(3L, null, "three")))
                .put(other, NARROW, List.of(Row.of(1L, "second")));
    }

    private void verify() {
        assertThat(warehouse.contents(table)).isEqualTo(store.rows(table));
        assertThat(warehouse.contents(other)).isEqualTo(store.rows(other));
    }

    @Test
    void whatBelongsToTheTableComesAlong() {
        narrow();
        String t = Identifier.quote(table);
        warehouse.execute(
                "grant select on " + t + " to reader with grant option",
                "grant update (\"na me\") on " + t + " to public",
                "comment on table " + t + " is 'it''s \\ a comment'",
                "comment on column " + t + ".\"na me\" is 'the ''name'''",
                "create index \"lower 'name'\" on " + t + " (lower(\"na me\")) where id > 0",
                "create unique index only_ids on " + t + " using btree (id desc nulls last) include (\"na me\")",
                "alter table " + t + " add constraint positive check (id > 0)",
                "alter table " + t + " add constraint named unique (\"na me\")",
                "alter table " + t + " alter column id set not null",
                "alter table " + t + " owner to reader");
        String indexes = "select indexdef from pg_indexes where schemaname = '" + space + "' and tablename = "
                + Identifier.literal(table.name()) + " order by indexname";
        List<?> before = warehouse.query(indexes);
        assertThat(before).hasSize(4);
        widen().commit();
        assertThat(publish().tables()).extracting(TableReceipt::method).containsExactly(Method.SWAP, Method.DELTA);
        verify();
        assertThat(warehouse.query(indexes)).isEqualTo(before);
        String id = Identifier.literal(t) + "::regclass";
        assertThat(warehouse.value("select pg_get_userbyid(relowner) from pg_class where oid = " + id))
                .isEqualTo("reader");
        assertThat(warehouse.value("select obj_description(" + id + ")")).isEqualTo("it's \\ a comment");
        assertThat(warehouse.value("select col_description(" + id + ", 3)")).isEqualTo("the 'name'");
        assertThat(warehouse.value("select has_column_privilege('limited user', " + id + ", 'na me', 'update')"))
                .isEqualTo(true);
        assertThat(warehouse.value("select has_column_privilege('limited user', " + id + ", 'added', 'update')"))
                .isEqualTo(false);
        assertThat(warehouse.query("select conname::text from pg_constraint where conrelid = " + id
                        + " and contype in ('c', 'u') order by 1"))
                .isEqualTo(List.of(List.of("named"), List.of("positive")));
        assertThat(warehouse.value("select attnotnull from pg_attribute where attname = 'id' and attrelid = " + id))
                .isEqualTo(true);
        assertThat(warehouse.query("select relname from pg_class where relname like 'freshet_new%'"))
                .isEmpty();
        // And on from there.
        store.cycle().put(table, WIDE, List.of(Row.of(9L, 1.5, "nine"))).commit();
        assertThat(publish().tables().get(0).method()).isEqualTo(Method.DELTA);
        verify();
    }

    @Test
    void grantsOfATableComeAlong() {
        narrow();
        String t = Identifier.quote(table);
        warehouse.execute(
                "alter default privileges in schema " + quoted + " grant delete on tables to reader",
                "grant select on " + t + " to reader with grant option");
        widen().commit();
        publish();
        assertThat(warehouse.value(
                        "select string_agg(privilege_type || is_grantable, ',') from information_schema.role_table_grants"
                                + " where grantee = 'reader' and table_schema = '" + space + "' and table_name = "
                                + Identifier.literal(table.name())))
                .isEqualTo("SELECTYES");
    }

    @Test
    void dependentsAreNamedAndHoldThatTableOnly() {
        narrow();
        String t = Identifier.quote(table);
        warehouse.execute(
                "create view " + quoted + ".\"some view\" as select id from " + t,
                "create materialized view " + quoted + ".kept as select id from " + t,
                "alter table " + t + " add constraint ids unique (id)",
                "create table " + quoted + ".child (id bigint references " + t + " (id))",
                "create function " + quoted + ".f(" + t + ") returns int language sql as 'select 1'");
        widen().commit();
        Receipt receipt = publish();
        assertThat(receipt.tables()).extracting(TableReceipt::method).containsExactly(Method.HELD, Method.DELTA);
        assertThat(receipt.tables().get(0).problem().orElse(""))
                .contains("table '" + table + "'")
                .contains("view \"" + space + "\".\"some view\"")
                .contains("materialized view \"" + space + "\".kept")
                .contains("foreign key child_id_fkey of \"" + space + "\".child")
                .contains("function \"" + space + "\".f(")
                .contains("keeps its last state");
        assertThat(warehouse.contents(table)).containsOnlyKeys(Row.of(1L, "one"), Row.of(2L, "two"));
        assertThat(warehouse.throughCut(table)).isEqualTo(1);
        assertThat(warehouse.throughCut(other)).isEqualTo(2);
        warehouse.execute(
                "drop view " + quoted + ".\"some view\"",
                "drop materialized view " + quoted + ".kept",
                "drop table " + quoted + ".child",
                "drop function " + quoted + ".f(" + t + ")");
        assertThat(publish().tables().get(0).method()).isEqualTo(Method.SWAP);
        verify();
    }

    @Test
    void tablesThatDbtBuiltAreTakenOver() {
        warehouse.execute(
                "create schema " + quoted,
                "create table " + Identifier.quote(table) + " as select 1::bigint as id, 'one'::varchar as \"na me\"",
                "create view " + Identifier.quote(other) + " as select 1 as x");
        long before = oid(table);
        store.cycle()
                .put(table, NARROW, List.of(Row.of(1L, "one"), Row.of(2L, "two")))
                .put(other, NARROW, List.of(Row.of(1L, "first")))
                .commit();
        Receipt receipt = publish();
        assertThat(receipt.tables()).extracting(TableReceipt::method).containsExactly(Method.COMPARISON, Method.SWAP);
        assertThat(receipt.tables().get(0).inserted()).isEqualTo(1);
        assertThat(oid(table)).isEqualTo(before);
        assertThat(warehouse.query("select indexdef from pg_indexes where schemaname = '" + space + "' and tablename = "
                        + Identifier.literal(table.name())))
                .hasSize(1);
        verify();
    }

    private static long oid(TableId table) {
        return (Long) java.util.Objects.requireNonNull(
                warehouse.value("select " + Identifier.literal(Identifier.quote(table)) + "::regclass::oid"));
    }

    /** A table whose columns change is never seen empty, missing or half-way. */
    @Test
    void readersSeeWholeTablesWhileTheyAreReplaced() throws Exception {
        store.cycle().put(other, WIDE, rows(0)).commit();
        publish();
        AtomicBoolean done = new AtomicBoolean();
        List<Object> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
        int[] reads = {0};
        Thread reader = new Thread(() -> {
            while (!done.get()) {
                Object count = warehouse.value("select count(*) from " + Identifier.quote(other));
                reads[0]++;
                if (!Long.valueOf(500).equals(count)) {
                    seen.add(String.valueOf(count));
                }
            }
        });
        reader.setUncaughtExceptionHandler((thread, error) -> seen.add(error));
        reader.start();
        for (int i = 1; i < 20; i++) {
            TableSchema columns = i % 2 == 0
                    ? WIDE
                    : new TableSchema(
                            List.of(
                                    new Column("id", Simple.BIGINT),
                                    new Column("added", Simple.DOUBLE),
                                    new Column("renamed", Simple.VARCHAR)),
                            List.of());
            store.cycle().put(other, columns, rows(i)).commit();
            publish();
        }
        done.set(true);
        reader.join();
        assertThat(seen).isEmpty();
        assertThat(reads[0]).isGreaterThan(10);
    }

    private static List<Row> rows(int round) {
        return java.util.stream.LongStream.range(0, 500)
                .mapToObj(i -> Row.of(i, (double) round, "x"))
                .toList();
    }

    @Test
    void namesThatPostgresCutsOffAreRefused() {
        TableSchema tooLong = new TableSchema(List.of(new Column("\u00e9".repeat(32), Simple.BIGINT)), List.of());
        TableSchema nested =
                new TableSchema(List.of(new Column("deep", new ListOf(new ListOf(Simple.BIGINT)))), List.of());
        store.cycle()
                .put(table, tooLong, List.of())
                .put(other, nested, List.of())
                .commit();
        Receipt receipt = publish();
        assertThat(receipt.tables()).extracting(TableReceipt::method).containsOnly(Method.HELD);
        assertThat(receipt.tables().get(0).problem().orElse(""))
                .contains("column of table '" + table + "' '" + "\u00e9".repeat(32) + "' has 64 bytes");
        assertThat(receipt.tables().get(1).problem().orElse(""))
                .contains("column 'deep' of table '" + other + "'")
                .contains("BIGINT[][]");
    }

    @Test
    void anotherPipelinesTableIsNotTaken() {
        narrow();
        try (Target thief =
                warehouse.open(space, new Ownership(new PipelineId("another", "prod"), 1, UUID.randomUUID()))) {
            assertThat(publish(thief).tables()).allSatisfy(receipt -> {
                assertThat(receipt.method()).isEqualTo(Method.HELD);
                assertThat(receipt.problem().orElse("")).contains("is delivered by pipeline 'swap/prod'");
            });
            thief.retract(List.of(new PublishedModel(table, List.of("id"))));
        }
        verify();
    }

    @Test
    void missingRightsComeWithTheStatementToRun() {
        store.cycle().put(other, NARROW, List.of(Row.of(1L, "x"))).commit();
        Map<String, String> limited = Map.of("user", "limited user", "password", "limited");
        assertThat(new PostgresTargetFactory()
                        .check(warehouse.connection(space, warehouse.port(), limited), List.of("marts")))
                .hasSize(2)
                .allSatisfy(problem ->
                        assertThat(problem).contains("create schema \"").contains("to \"limited user\";"));
        try (Target target = warehouse.open(space, owner(), warehouse.port(), limited)) {
            assertThatThrownBy(() -> publish(target))
                    .hasMessageContaining("schema '" + space + "' does not exist")
                    .hasMessageContaining("create schema " + quoted + " authorization \"limited user\";");
            warehouse.execute("create schema " + quoted, "grant usage on schema " + quoted + " to \"limited user\"");
            assertThat(new PostgresTargetFactory()
                            .check(warehouse.connection(space, warehouse.port(), limited), List.of()))
                    .singleElement()
                    .asString()
                    .endsWith("Run: grant usage, create on schema " + quoted + " to \"limited user\";");
            assertThatThrownBy(() -> publish(target)).hasMessageContaining("permission denied for schema");
            warehouse.execute("grant usage, create on schema " + quoted + " to \"limited user\"");
            assertThat(new PostgresTargetFactory()
                            .check(warehouse.connection(space, warehouse.port(), limited), List.of()))
                    .isEmpty();
            // A table of someone else's with other columns can be read past, not replaced.
            warehouse.execute("create table " + Identifier.quote(other) + " (x int)");
            TableReceipt held = publish(target).tables().get(0);
            assertThat(held.problem().orElse(""))
                    .contains("must be owner of table other")
                    .contains("Run: alter table " + Identifier.quote(other) + " owner to \"limited user\";");
            warehouse.execute("drop table " + Identifier.quote(other));
            assertThat(publish(target).tables().get(0).method()).isEqualTo(Method.CREATION);
        }
    }

    @Test
    void wrongSettingsAreNamed() {
        store.cycle().put(other, NARROW, List.of()).commit();
        assertFails(Map.of("password", "wrong-secret", "user", "nobody"), "cannot log in", "pg_hba.conf");
        assertFails(Map.of("dbname", "nowhere"), "database 'nowhere' does not exist", "create database \"nowhere\";");
        assertFails(Map.of("port", "1"), "refused or lost", "check that the server is up");
        assertThatThrownBy(() -> warehouse.open(space, owner(), warehouse.port(), Map.of("sslmode", "maybe")))
                .hasMessageContaining("'sslmode' is 'maybe'");
        assertThatThrownBy(() -> new PostgresTargetFactory()
                        .create(new dev.freshet.state.Connection("dev", "postgres", Map.of("user", "u")), owner()))
                .hasMessageContaining("output 'dev' of type 'postgres' needs 'dbname'");
    }

    private void assertFails(Map<String, String> settings, String what, String remedy) {
        try (Target wrong = warehouse.open(space, owner(), warehouse.port(), settings)) {
            assertThatThrownBy(() -> publish(wrong))
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining(what)
                    .hasMessageContaining(remedy)
                    .hasMessageContaining("output 'warehouse'")
                    .message()
                    .doesNotContain("wrong-secret");
            assertThatThrownBy(() -> publish(wrong))
                    .extracting(e -> ((FreshetException) e).kind())
                    .isEqualTo(ErrorKind.TARGET);
        }
    }

    @Test
    void roleAndSearchPathAreHonoured() {
        warehouse.execute("grant create on database warehouse to reader");
        Map<String, String> settings = Map.of("role", "reader", "search_path", "\"$user\", pg_temp");
        store.cycle().put(other, NARROW, List.of(Row.of(1L, "x"))).commit();
        try (Target asReader = warehouse.open(space, owner(), warehouse.port(), settings)) {
            publish(asReader);
        }
        assertThat(warehouse.value("select pg_get_userbyid(relowner) from pg_class where oid = "
                        + Identifier.literal(Identifier.quote(other)) + "::regclass"))
                .isEqualTo("reader");
    }

    @Test
    void theFactoryIsFoundByItsId() {
        assertThat(ServiceLoader.load(TargetFactory.class))
                .extracting(TargetFactory::id)
                .contains("postgres");
    }
}
