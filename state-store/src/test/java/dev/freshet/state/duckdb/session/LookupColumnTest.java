package dev.freshet.state.duckdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LookupColumnTest {

    private static final List<String> COLUMNS = List.of("paid", "country", "body", "order_id", "ordered_at");

    /** Rows that are one or alike say nothing of how their columns differ: a time or a number has more values than a text that may be one of few. */
    @Test
    void fewRowsAreLookedUpByWhatCanHoldMost() throws SQLException {
        assertThat(columnOf("(true, 'NL', repeat('long', 100), 7123456, timestamp '2026-03-01 10:11:12.5')"))
                .isEqualTo("ordered_at");
        assertThat(columnOf("(true, 'NL', null, 7123456, null)")).isEqualTo("order_id");
        assertThat(columnOf("(true, 'NL', 'a longer text', null, null)")).isEqualTo("body");
        assertThat(columnOf("(true, 'A-12', 'a longer text', null, null)")).isEqualTo("country");
        assertThat(columnOf("(true, 'NL', 'one', 1, null), (false, 'NL', 'one', 22222, null)"))
                .isEqualTo("order_id");
    }

    @Test
    void manyAreLookedUpByTheColumnInWhichTheyDifferMost() throws SQLException {
        assertThat(columnOf("(true, 'A', 'a', 1, timestamp '2026-03-01'), (true, 'B', 'b', 1, timestamp '2026-03-01'),"
                        + " (true, 'C', 'a', 1, timestamp '2026-03-01')"))
                .isEqualTo("country");
    }

    private static String columnOf(String rows) throws SQLException {
        try (Session session = new Session(DriverManager.getConnection("jdbc:duckdb:"))) {
            return LookupColumn.of(session, "(VALUES " + rows + ") few(" + String.join(", ", COLUMNS) + ")", COLUMNS)
                    .column();
        }
    }
}
