package dev.freshet.state.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on DuckDB, and what happens to its file. */
class DuckDbStateStoreTest extends StateStoreContract {

    private static final TableId MODEL = new TableId("dw", "m", "blobs");

    @TempDir
    Path directory;

    @Override
    StateStore open() {
        return DuckDbStateStore.open(StoreFixture.config(directory));
    }

    private Path file() {
        return StoreFixture.config(directory).file();
    }

    private StateEpoch committed() {
        try (StateStore store = open();
                StateTransaction transaction = store.begin()) {
            transaction.commit(Map.of(), Instant.EPOCH);
            return store.epoch();
        }
    }

    @Test
    void unreadableFileIsSetAside() throws IOException {
        StateEpoch first = committed();
        Files.writeString(file(), "this is no database");
        try (StateStore store = open()) {
            assertThat(store.epoch()).isNotEqualTo(first);
            assertThat(store.cut().number()).isZero();
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("state.duckdb.unreadable-"));
        }
    }

    @Test
    void queriesOfASnapshotGoByTheClockOfItsCut() {
        String times = "select now() = '2026-03-01 23:30:00+00', current_date::varchar, current_localtime()::varchar";
        try (StateStore store = open()) {
            try (StateTransaction transaction = store.begin()) {
                transaction.commit(Map.of(), Instant.parse("2026-03-01T23:30:00Z"));
            }
            try (StateSnapshot snapshot = store.read()) {
                assertThat(only(snapshot, times)).containsExactly(true, "2026-03-01", "23:30:00");
                snapshot.clock(Instant.parse("2026-03-01T23:30:00Z"), ZoneId.of("Europe/Vienna"));
                assertThat(only(snapshot, times)).containsExactly(true, "2026-03-02", "00:30:00");
                assertThat(snapshot.syntaxTree(times)).contains("current_date");
            }
            try (StateSnapshot snapshot = store.read()) {
                assertThat(only(snapshot, times)).as("of its own").containsExactly(true, "2026-03-01", "23:30:00");
            }
        }
    }

    /** A DuckDB with another one is told by the next test. */
    private static final List<String> CLOCK_FUNCTIONS = List.of(
            "age(timestamp '2020-01-01') + date '2020-01-01'",
            "ago(interval 0 second)",
            "current_date",
            "current_localtimestamp()",
            "current_timestamp",
            "get_current_timestamp()",
            "localtimestamp",
            "now()",
            "pg_conf_load_time()",
            "pg_postmaster_start_time()",
            "today()",
            "transaction_timestamp()");

    @Test
    void everyFunctionThatReadsTheClockReadsTheCuts() {
        try (StateStore store = open();
                StateSnapshot snapshot = store.read()) {
            snapshot.clock(Instant.parse("2021-03-01T23:30:00Z"), ZoneId.of("Europe/Vienna"));
            for (String function : CLOCK_FUNCTIONS) {
                assertThat(only(snapshot, "select (" + function + ")::timestamp::varchar as v, 0 as a, 0 as b")
                                .get(0)
                                .toString())
                        .as(function)
                        .matches("2021-03-0[12] (00:00:00|00:30:00|23:30:00)");
            }
            assertThat(only(snapshot, "select localtime::varchar, current_time::varchar, get_current_time()::varchar"))
                    .containsExactly("00:30:00", "00:30:00+00", "00:30:00+00");
            assertThat(only(
                            snapshot,
                            "select age(w, w - interval 1 day)::varchar, age(w)::varchar, age(null::timestamp)"
                                    + " from (values (timestamp '2021-01-02')) t(w)"))
                    .containsExactly("1 day", "2 months", null);
        }
    }

    @Test
    void noOtherFunctionOfDuckDbDependsOnMoreThanItsArgumentsAndChance() {
        String clocks = "get_current_time, get_current_timestamp, current_date, now, today, transaction_timestamp, ago,"
                + " pg_conf_load_time, pg_postmaster_start_time";
        String others = "current_connection_id, current_database, current_query, current_query_id, current_schema,"
                + " current_schemas, current_setting, current_transaction_id, currval, error, gen_random_uuid, getvariable,"
                + " in_search_path, nextval, random, setseed, setval, sleep_ms, stats, txid_current, uuid, uuidv4, uuidv7,"
                + " vector_type, write_log";
        try (StateStore store = open();
                StateSnapshot snapshot = store.read()) {
            assertThat(only(
                                    snapshot,
                                    "select coalesce(string_agg(distinct function_name, ', ' order by function_name), '') as v, 0 as a, 0 as b"
                                            + " from duckdb_functions() where database_name = 'system' and (stability <> 'CONSISTENT'"
                                            + " or macro_definition ~ '\\b(current_timestamp|current_date|now|today)\\b')"
                                            + " and not list_contains(string_split('" + clocks + ", " + others
                                            + "', ', '), function_name)")
                            .get(0))
                    .isEqualTo("");
        }
    }

    private static List<@Nullable Object> only(StateSnapshot snapshot, String sql) {
        try (RowCursor rows = snapshot.query(sql)) {
            assertThat(rows.next()).isTrue();
            return Arrays.asList(rows.value(0), rows.value(1), rows.value(2));
        }
    }

    @Test
    void otherFormatIsReplaced() throws SQLException {
        StateEpoch first = committed();
        sql("UPDATE freshet.store SET format = 999");
        try (StateStore store = open()) {
            assertThat(store.epoch()).isNotEqualTo(first);
            assertThat(store.cut().number()).isZero();
        }
    }

    @Test
    void someoneElsesDatabaseIsNotTouched() throws SQLException {
        sql("CREATE TABLE precious AS SELECT 42 AS answer");
        assertThatThrownBy(this::open)
                .isInstanceOfSatisfying(
                        FreshetException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.USER))
                .hasMessageContaining("not a state store of Freshet");
        sql("SELECT answer FROM precious");
    }

    @Test
    void fileOpenInThisProcessIsNotOpenedTwice() {
        try (StateStore first = open()) {
            assertThatThrownBy(this::open).hasMessageContaining("in use by this very process");
            try (StateTransaction transaction = first.begin()) {
                transaction.commit(Map.of(), Instant.EPOCH);
            }
            assertThat(first.cut().number()).isEqualTo(1);
        }
    }

    @Test
    void storeWithDamagedTablesIsSetAside() throws SQLException {
        StateEpoch first = committed();
        sql("UPDATE freshet.cut SET positions = 'no json'");
        try (StateStore store = open()) {
            assertThat(store.epoch()).isNotEqualTo(first);
        }
        sql("DROP TABLE freshet.view");
        try (StateStore store = open()) {
            assertThat(store.cut().number()).isZero();
        }
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file());
                Statement direct = connection.createStatement()) {
            direct.execute(statement);
        }
    }

    @Test
    void fileInUseNamesItsHolder() throws IOException, InterruptedException {
        Process holder = CrashingCycle.start(directory, "hold");
        try {
            CrashingCycle.awaitLine(holder, "READY");
            assertThatThrownBy(this::open)
                    .isInstanceOfSatisfying(
                            FreshetException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.USER))
                    .hasMessageContaining("state.duckdb' is in use by")
                    .hasMessageContaining(Long.toString(holder.pid()));
        } finally {
            holder.destroyForcibly();
            holder.waitFor(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void fullDiskChangesNothingAndTheStoreGoesOn() throws IOException, InterruptedException {
        Path small = Files.createDirectories(directory.resolve("small"));
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", small.toString());
        assumeTrue(mounted, "needs the right to mount a small file system");
        try {
            DuckDbConfig config = new DuckDbConfig(
                    small.resolve("state.duckdb"),
                    256L << 20,
                    directory.resolve("spill"),
                    2,
                    1000,
                    List.of(),
                    Clock.systemUTC(),
                    UUID::randomUUID);
            try (DuckDbStateStore store = DuckDbStateStore.open(config)) {
                compute(store, 1);
                Path filler = Files.write(small.resolve("filler"), new byte[4 << 20]);
                for (int attempt = 0; attempt < 2; attempt++) {
                    assertThatThrownBy(() -> compute(store, 200_000))
                            .isInstanceOfSatisfying(FreshetException.class, e -> assertThat(e.kind())
                                    .isEqualTo(ErrorKind.RETRYABLE))
                            .hasMessageContaining(config.file().toString())
                            .hasMessageContaining("free space");
                    assertThat(store.cut().number()).isEqualTo(1);
                }
                Files.delete(filler);
                compute(store, 2);
                assertThat(store.cut().number()).isEqualTo(2);
                store.checkpoint();
            }
            try (DuckDbStateStore store = DuckDbStateStore.open(config)) {
                assertThat(store.cut().number()).isEqualTo(2);
            }
        } finally {
            run("umount", "-l", small.toString());
        }
    }

    private static void compute(DuckDbStateStore store, int rows) {
        try (StateTransaction transaction = store.begin()) {
            transaction.recompute(
                    MODEL,
                    "select range as n, md5(range::varchar) || md5((range + 1)::varchar) || uuid()::varchar as t from range("
                            + rows + ")",
                    List.of());
            transaction.commit(Map.of(), Instant.EPOCH);
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void logAndFileStayBoundedUnderChurn() throws IOException {
        DuckDbConfig config = StoreFixture.config(directory);
        DuckDbConfig bounded = new DuckDbConfig(
                config.file(),
                config.memoryLimitBytes(),
                config.temporaryDirectory(),
                2,
                20_000,
                List.of(),
                config.clock(),
                config.ids());
        try (DuckDbStateStore store = DuckDbStateStore.open(bounded)) {
            long early = 0;
            for (int i = 0; i < 60; i++) {
                compute(store, 5_000);
                store.prune(0);
                if (i % 5 == 0) {
                    store.checkpoint();
                }
                if (i == 20) {
                    early = Files.size(config.file());
                }
            }
            store.checkpoint();
            assertThat(Files.size(config.file())).isLessThan(early * 2);
        }
    }
}
