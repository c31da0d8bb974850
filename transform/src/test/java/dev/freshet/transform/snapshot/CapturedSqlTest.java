package dev.freshet.transform.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.testkit.Rows;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SnapshotHistory;
import dev.freshet.transform.project.node.SnapshotHistory.HardDeletes;
import dev.freshet.transform.project.node.SnapshotHistory.Strategy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the rows of a captured snapshot become by a cycle, in a DuckDB of its own. */
class CapturedSqlTest {

    private static final TableId PEOPLE = new TableId("crm", "public", "people");
    private static final TableId KEPT = new TableId("warehouse", "analytics", "kept");
    private static final List<String> GIVEN = List.of("id", "name");
    private static final List<String> OF_DBT =
            List.of("id", "name", "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to");
    private static final SnapshotHistory HISTORY = new SnapshotHistory(
            Strategy.CAPTURED,
            List.of("id"),
            Optional.empty(),
            List.of(),
            HardDeletes.INVALIDATE,
            Optional.empty(),
            new SnapshotHistory.Names(
                    "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"));
    private static final Model MODEL = new Model(
            "snapshot.shop.kept",
            "kept",
            KEPT,
            Model.Materialization.SNAPSHOT,
            Model.Route.MAINTAINED,
            List.of(),
            "",
            List.of("dbt_scd_id"),
            List.of(),
            List.of(),
            "snapshots/kept.yml");

    private Connection connection;
    private final List<String> events = new ArrayList<>();

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("set TimeZone = 'UTC'");
        for (TableId table : List.of(PEOPLE, KEPT)) {
            execute("create schema " + StateNames.quote(StateNames.schema(table)));
        }
        execute("create table " + StateNames.relation(PEOPLE) + " (id int, name varchar)");
        execute(
                "create table " + StateNames.relation(KEPT)
                        + " (id int, name varchar, dbt_scd_id varchar, dbt_updated_at timestamp, dbt_valid_from timestamp, dbt_valid_to timestamp)");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void aHistoryOfDbtIsContinuedByWhatHappenedAfterIt() throws SQLException {
        execute("insert into " + StateNames.relation(KEPT) + " values"
                + " (1, 'Anna', 'a', '2026-01-01', '2026-01-01', '2026-01-03'),"
                + " (1, 'Anne', 'b', '2026-01-03', '2026-01-03', null),"
                // It was seen to be gone.
                + " (2, 'Bob', 'c', '2026-01-01', '2026-01-01', '2026-01-04')");
        event("w", 10, 1, "2026-01-01", 1, "Anna");
        event("w", 10, 2, "2026-01-01", 2, "Bob");
        event("w", 20, 1, "2026-01-02", 2, "Bobby");
        event("w", 20, 2, "2026-01-02", 1, "Ann");
        event("d", 30, 1, "2026-01-03 12:00", 2, null);
        event("w", 30, 2, "2026-01-03", 1, "Anne");
        event("w", 40, 1, "2026-01-05", 1, "Annie");
        event("w", 50, 1, "2026-01-06", 1, "Anouk");
        now(1, "Anouk");
        cycle(60, OF_DBT, true);
        assertThat(history(1))
                .containsExactly(
                        "Anna 2026-01-01 2026-01-03",
                        "Anne 2026-01-03 2026-01-05",
                        "Annie 2026-01-05 2026-01-06",
                        "Anouk 2026-01-06 null");
        assertThat(history(2)).containsExactly("Bob 2026-01-01 2026-01-04");
    }

    /** An application may write local times: they say nothing about the log's. */
    @Test
    void timesOfAnotherClockHideNoChange() throws SQLException {
        execute("insert into " + StateNames.relation(KEPT)
                + " values (1, 'Anna', 'a', '2199-01-01', '2199-01-01', null)");
        now(1, "Anne");
        cycle(60, OF_DBT, true);
        assertThat(current()).containsExactly("Anne");
        execute("delete from " + StateNames.relation(KEPT) + " where dbt_scd_id <> 'a'");
        execute("update " + StateNames.relation(KEPT) + " set dbt_valid_to = null");
        event("w", 70, 1, "2026-01-05", 1, "Annie");
        cycle(70, withPlaces(), false);
        assertThat(current()).as("a change of this very cycle").containsExactly("Annie");
    }

    @Test
    void aLogThatBeganAnewAddsToWhatTheOneBeforeItLeft() throws SQLException {
        addPlaces();
        execute("insert into " + StateNames.relation(KEPT) + " values"
                + " (1, 'Anna', 'a', '2026-01-01', '2026-01-01', '2026-01-03', 500, 1),"
                + " (1, 'Anne', 'b', '2026-01-03', '2026-01-03', null, 900, 1),"
                + " (2, 'Bob', 'c', '2026-01-01', '2026-01-01', null, 500, 2),"
                + " (3, 'Cleo', 'd', '2026-01-03', '2026-01-03', null, 900, 2)");
        event("w", 40, 1, "2026-01-05", 1, "Annie");
        event("w", 50, 1, "2026-01-06", 2, "Bobby");
        now(1, "Annie");
        now(2, "Bobby");
        now(3, "Cleo");
        cycle(60, withPlaces(), true);
        assertThat(history(1))
                .containsExactly("Anna 2026-01-01 2026-01-03", "Anne 2026-01-03 2026-01-05", "Annie 2026-01-05 null");
        assertThat(history(2)).containsExactly("Bob 2026-01-01 2026-01-06", "Bobby 2026-01-06 null");
        assertThat(history(3)).containsExactly("Cleo 2026-01-03 null");

        events.clear();
        event("w", 550, 1, "2026-01-07", 1, "Anouk");
        event("w", 550, 2, "2026-01-07", 3, "Chloe");
        cycle(1000, withPlaces(), false);
        assertThat(history(1)).endsWith("Annie 2026-01-05 2026-01-07", "Anouk 2026-01-07 null");
        assertThat(history(3))
                .as("its place is that of the log before and is forgotten before this one comes there")
                .containsExactly("Cleo 2026-01-03 2026-01-07", "Chloe 2026-01-07 null");
    }

    @Test
    void whatIsRecordedIsNotRecordedAgain() throws SQLException {
        event("w", 10, 1, "2026-01-01", 1, "Anna");
        now(1, "Anna");
        addPlaces();
        cycle(10, withPlaces(), true);
        event("w", 20, 1, "2026-01-02", 1, "Anne");
        event("w", 20, 2, "2026-01-02", 1, "Anna");
        cycle(20, withPlaces(), false);
        List<String> recorded = history(1);
        assertThat(recorded).hasSize(3);
        cycle(20, withPlaces(), true);
        assertThat(history(1)).isEqualTo(recorded);
    }

    private void addPlaces() throws SQLException {
        execute("alter table " + StateNames.relation(KEPT) + " add column if not exists dbt_log_position bigint");
        execute("alter table " + StateNames.relation(KEPT) + " add column if not exists dbt_log_sequence bigint");
    }

    private static List<String> withPlaces() {
        List<String> columns = new ArrayList<>(OF_DBT);
        columns.add(CapturedSql.LOG_POSITION);
        columns.add(CapturedSql.LOG_SEQUENCE);
        return columns;
    }

    private void event(String op, long position, long sequence, String at, int id, String name) {
        events.add("(" + (events.size() + 1) + ", '" + op + "', " + position + ", " + sequence + ", '" + at
                + "'::timestamptz, " + id + ", " + (name == null ? "null" : "'" + name + "'") + ")");
    }

    private void now(int id, String name) throws SQLException {
        execute("insert into " + StateNames.relation(PEOPLE) + " values (" + id + ", '" + name + "')");
    }

    /** What the store does with the result: rows replace those of their id. */
    private void cycle(long through, List<String> stored, boolean compares) throws SQLException {
        if (!events.isEmpty()) {
            execute("create or replace temp table "
                    + StateNames.versions(PEOPLE).replace("temp.", "")
                    + " as select * from (values " + String.join(", ", events) + ") e("
                    + String.join(
                            ", ",
                            StagedVersions.EVENT,
                            StagedVersions.OP,
                            StagedVersions.POSITION,
                            StagedVersions.SEQUENCE,
                            StagedVersions.AT)
                    + ", id, name)");
        }
        String sql = new CapturedSql(
                        new Shape(MODEL, HISTORY, GIVEN, stored),
                        PEOPLE,
                        List.of("id"),
                        new StagedVersions(events.size(), false, new SourcePosition(through, "" + through)),
                        compares)
                .continued();
        execute("create or replace temp table came as " + sql);
        addPlaces();
        assertThat(Rows.of(connection, "select dbt_scd_id from came group by 1 having count(*) > 1"))
                .as("each row comes once")
                .isEmpty();
        execute("delete from " + StateNames.relation(KEPT) + " where dbt_scd_id in (select dbt_scd_id from came)");
        execute("insert into " + StateNames.relation(KEPT) + " by name select * from came");
    }

    private List<String> history(int id) throws SQLException {
        return Rows.of(
                connection,
                "select name, dbt_valid_from::date, dbt_valid_to::date from " + StateNames.relation(KEPT)
                        + " where id = " + id + " order by dbt_valid_from, dbt_valid_to nulls last");
    }

    private List<String> current() throws SQLException {
        return Rows.of(connection, "select name from " + StateNames.relation(KEPT) + " where dbt_valid_to is null");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
