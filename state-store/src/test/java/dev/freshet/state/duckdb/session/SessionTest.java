package dev.freshet.state.duckdb.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statements that are kept, and the tables they work on. */
class SessionTest {

    private static final String TABLE = "temp.worked_on";
    private static final String COLUMNS = "id BIGINT";
    private static final String INSERT = "INSERT INTO " + TABLE + " SELECT id FROM source";

    @TempDir
    Path directory;

    private Session session;

    @BeforeEach
    void open() throws SQLException {
        session = new Session(DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("test.db")));
        session.execute("SET checkpoint_threshold = '1GB'");
        session.execute("CREATE TABLE source AS SELECT range AS id FROM range(1000)");
    }

    @AfterEach
    void close() throws SQLException {
        session.close();
    }

    @Test
    void keptStatementsReadWhatIsThereNow() throws SQLException {
        for (int i = 1; i <= 3; i++) {
            session.working().empty(TABLE, COLUMNS);
            assertThat(session.update(Planning.AS_WRITTEN, INSERT)).isEqualTo(999 + i);
            session.execute("INSERT INTO source VALUES (" + -i + ")");
        }
        assertThat(session.number(Planning.AS_WRITTEN, "SELECT min(id) FROM " + TABLE))
                .isEqualTo(-2);
    }

    @Test
    void keptStatementsFollowATableThatIsMadeAnew() throws SQLException {
        session.working().empty(TABLE, COLUMNS);
        session.update(Planning.AS_WRITTEN, INSERT);
        session.execute("CREATE OR REPLACE TABLE source AS SELECT 'seven' AS other, 7 AS id");
        session.working().empty(TABLE, COLUMNS + ", more VARCHAR");
        assertThat(session.update(Planning.AS_WRITTEN, "INSERT INTO " + TABLE + " SELECT id, other FROM source"))
                .isEqualTo(1);
        assertThat(session.number(Planning.AS_WRITTEN, "SELECT sum(id) FROM " + TABLE))
                .isEqualTo(7);
    }

    @Test
    void textsThatComeAgainReadWhatIsThereNow() throws SQLException {
        String insert = "INSERT INTO sink SELECT getvariable('clock') + id FROM source WHERE id < getvariable('clock')";
        for (String columns : List.of("id BIGINT", "id BIGINT, more VARCHAR DEFAULT 'x'")) {
            session.execute("CREATE OR REPLACE TABLE sink (" + columns + ")");
            for (int i = 1; i <= 4; i++) {
                session.execute("SET VARIABLE clock = " + i);
                assertThat(session.update(columns.contains("more") ? insert.replace("sink", "sink (id)") : insert))
                        .isEqualTo(i);
                assertThat(session.number("SELECT max(id) FROM sink")).isEqualTo(2L * i - 1);
                session.execute("DELETE FROM source WHERE id = 999");
                assertThat(session.numbers("SELECT count(*), min(id) FROM source", 2))
                        .containsExactly(999, 0);
                session.execute("INSERT INTO source (id) VALUES (999)");
            }
            session.execute("CREATE OR REPLACE TABLE source AS SELECT 'seven' AS other, range AS id FROM range(1000)");
        }
    }

    @Test
    void aTextThatFailsEachTimeItComesFailsAsTheFirstTime() throws SQLException {
        session.execute("CREATE TABLE texts AS SELECT 'no number' AS text");
        String cast = "SELECT count(CAST(text AS BIGINT)) FROM texts";
        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(() -> session.number(cast)).hasMessageContaining("no number");
        }
        session.execute("UPDATE texts SET text = '5'");
        assertThat(session.number(cast)).isEqualTo(1);
        session.execute("DROP TABLE texts");
        assertThatThrownBy(() -> session.number(cast)).hasMessageContaining("texts");
    }

    @Test
    void aFailedStatementCanBeRunAgainAfterTheRollback() throws SQLException {
        session.working().empty(TABLE, COLUMNS);
        String cast = "INSERT INTO " + TABLE + " SELECT CAST(text AS BIGINT) FROM texts";
        session.execute("CREATE TABLE texts AS SELECT 'no number' AS text");
        session.transaction("BEGIN TRANSACTION");
        assertThatThrownBy(() -> session.update(Planning.AS_WRITTEN, cast)).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> session.execute("SELECT 1")).hasMessageContaining("abort");
        session.transaction("ROLLBACK");
        session.execute("UPDATE texts SET text = '5'");
        assertThat(session.update(Planning.AS_WRITTEN, cast)).isEqualTo(1);
        assertThat(session.number("SELECT sum(id) FROM " + TABLE)).isEqualTo(5);
    }

    @Test
    void workingTablesOfATransactionThatWasRolledBackAreMadeAgain() throws SQLException {
        session.transaction("BEGIN TRANSACTION");
        session.working().empty(TABLE, COLUMNS);
        session.transaction("ROLLBACK");
        session.working().forget();
        session.working().empty(TABLE, COLUMNS);
        assertThat(session.update(Planning.AS_WRITTEN, INSERT)).isEqualTo(1_000);
    }

    @Test
    void rowsThatWorkingTablesWereEmptiedOfAreFreed() throws SQLException {
        for (int i = 0; i < 600; i++) {
            session.working().empty(TABLE, COLUMNS);
            session.update(Planning.AS_WRITTEN, INSERT);
            session.working().sweep();
        }
        assertThat(session.number("SELECT estimated_size FROM duckdb_tables() WHERE table_name = 'worked_on'"))
                .as("rows, those of no use among them")
                .isLessThan(300_000);
        assertThat(session.number("SELECT count(*) FROM " + TABLE)).isEqualTo(1_000);
    }
}
