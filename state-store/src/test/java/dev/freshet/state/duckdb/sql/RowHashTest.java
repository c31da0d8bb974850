package dev.freshet.state.duckdb.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.Column;
import dev.freshet.state.DataType;
import dev.freshet.state.DataType.Decimal;
import dev.freshet.state.DataType.ListOf;
import dev.freshet.state.DataType.Simple;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rows that differ have different hashes, and the encoding is the one that is written down. */
class RowHashTest {

    private static List<Column> columns(DataType... types) {
        List<Column> columns = new ArrayList<>();
        for (DataType type : types) {
            columns.add(new Column("c" + columns.size(), type));
        }
        return columns;
    }

    private static List<BigInteger> hashes(List<Column> columns, String... rows) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("CREATE TABLE t (" + SqlText.definitions(columns) + ", n INTEGER)");
            for (int i = 0; i < rows.length; i++) {
                statement.execute("INSERT INTO t VALUES (" + rows[i] + ", " + i + ")");
            }
            List<BigInteger> hashes = new ArrayList<>();
            try (ResultSet result = statement.executeQuery("SELECT " + RowHash.sql(columns) + " FROM t ORDER BY n")) {
                while (result.next()) {
                    hashes.add((BigInteger) result.getObject(1));
                }
            }
            return hashes;
        }
    }

    private static void differ(List<Column> columns, String... rows) throws SQLException {
        Map<BigInteger, String> seen = new HashMap<>();
        List<BigInteger> hashes = hashes(columns, rows);
        for (int i = 0; i < rows.length; i++) {
            String other = seen.put(hashes.get(i), rows[i]);
            assertThat(other).as("(%s) has the hash of (%s)", rows[i], other).isNull();
        }
    }

    @Test
    void textAndNullAndSeparatorsNeverMeet() throws SQLException {
        differ(
                columns(Simple.VARCHAR, Simple.VARCHAR, Simple.VARCHAR),
                "NULL, NULL, NULL",
                "'', NULL, NULL",
                "NULL, '', NULL",
                "NULL, NULL, ''",
                "'', '', ''",
                "'NULL', NULL, NULL",
                "'N', NULL, NULL",
                "'a', 'b', NULL",
                "'ab', '', NULL",
                "'a1s1:b', NULL, NULL",
                "'1s1:b', NULL, NULL",
                "'a;1s1:b', NULL, NULL",
                "NULL, 'a', 'b'",
                "'é', NULL, NULL",
                "'e' || chr(769), NULL, NULL",
                "'a' || chr(0), NULL, NULL",
                "'a', NULL, NULL",
                "' a', NULL, NULL",
                "'A', NULL, NULL");
    }

    @Test
    void listsAreNotTheTextOfTheirElements() throws SQLException {
        differ(
                columns(new ListOf(Simple.VARCHAR), new ListOf(new ListOf(Simple.INTEGER))),
                "NULL, NULL",
                "[], NULL",
                "NULL, []",
                "[NULL], NULL",
                "[''], NULL",
                "['N'], NULL",
                "['a', 'b'], NULL",
                "['a, b'], NULL",
                "['as1:b'], NULL",
                "['ab'], NULL",
                "['a', 'b', NULL], NULL",
                "NULL, [[1], [2]]",
                "NULL, [[1, 2]]",
                "NULL, [[1, 2], NULL]",
                "NULL, [[], [1, 2]]",
                "NULL, [[12]]");
    }

    @Test
    void specialValuesDiffer() throws SQLException {
        differ(
                columns(Simple.DOUBLE, Simple.INTERVAL, Simple.TIMESTAMPTZ, Simple.DATE, Simple.BLOB),
                "0.0, NULL, NULL, NULL, NULL",
                "'-0.0'::DOUBLE, NULL, NULL, NULL, NULL",
                "'nan', NULL, NULL, NULL, NULL",
                "'inf', NULL, NULL, NULL, NULL",
                "'-inf', NULL, NULL, NULL, NULL",
                "0.1, NULL, NULL, NULL, NULL",
                "0.1 + 1e-17 + 2e-17, NULL, NULL, NULL, NULL",
                "NULL, INTERVAL '1 month', NULL, NULL, NULL",
                "NULL, INTERVAL '30 days', NULL, NULL, NULL",
                "NULL, INTERVAL '720 hours', NULL, NULL, NULL",
                "NULL, INTERVAL '-1 month 30 days', NULL, NULL, NULL",
                "NULL, NULL, 'infinity', NULL, NULL",
                "NULL, NULL, '-infinity', NULL, NULL",
                "NULL, NULL, '2026-01-01 00:00:00+00', NULL, NULL",
                "NULL, NULL, '2026-01-01 00:00:00.000001+00', NULL, NULL",
                "NULL, NULL, NULL, 'infinity', NULL",
                "NULL, NULL, NULL, '0044-03-15 (BC)', NULL",
                "NULL, NULL, NULL, '0044-03-15', NULL",
                "NULL, NULL, NULL, NULL, '\\x00'",
                "NULL, NULL, NULL, NULL, '\\x00\\x00'",
                "NULL, NULL, NULL, NULL, ''");
        List<BigInteger> equal =
                hashes(columns(new Decimal(12, 2), Simple.DOUBLE), "1.1, 'nan'", "1.10, -'nan'::DOUBLE");
        assertThat(equal.get(0)).isEqualTo(equal.get(1));
    }

    @Test
    void aNullColumnAtTheEndChangesNothing() throws SQLException {
        assertThat(hashes(columns(Simple.INTEGER, Simple.VARCHAR), "1, 'a'"))
                .isEqualTo(hashes(columns(Simple.INTEGER, Simple.VARCHAR, Simple.DATE), "1, 'a', NULL"));
    }

    @Test
    void encodingIsTheDocumentedOne() throws SQLException, NoSuchAlgorithmException {
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest("1#0I-5;1s4:aé;2D1.10;4l3[I1;NI3;".getBytes(StandardCharsets.UTF_8));
        assertThat(hashes(
                        columns(
                                Simple.INTEGER,
                                Simple.VARCHAR,
                                new Decimal(9, 2),
                                Simple.DATE,
                                new ListOf(Simple.SMALLINT)),
                        "-5, 'aé;', 1.1, NULL, [1, NULL, 3]"))
                .containsExactly(new BigInteger(1, Arrays.copyOf(digest, 16)));
    }
}
