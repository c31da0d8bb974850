package dev.freshet.state.duckdb.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreparedTextsTest {

    private static final int TEXTS = 10;

    private Connection connection;
    private PreparedTexts texts;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        texts = new PreparedTexts(connection);
    }

    @AfterEach
    void close() throws SQLException {
        texts.close();
        connection.close();
    }

    private static String text(int number) {
        return "SELECT " + number + " AS \"" + "x".repeat(PreparedTexts.MOST_CHARACTERS / TEXTS - 20) + "\"";
    }

    @Test
    void theOneThatWasNotUsedForTheLongestTimeIsClosed() throws SQLException {
        for (int i = 0; i < TEXTS; i++) {
            texts.add(text(i), 1);
        }
        assertThat(texts.get(text(0), 1)).isPresent();
        texts.add(text(TEXTS), 1);
        assertThat(texts.get(text(0), 1)).isPresent();
        assertThat(texts.get(text(1), 1)).isEmpty();
        assertThat(texts.get(text(TEXTS), 1)).isPresent();
    }

    @Test
    void aStatementOverTablesOfAnotherShapeIsNoMore() throws SQLException {
        texts.add("SELECT 1", 1);
        assertThat(texts.get("SELECT 1", 1)).isPresent();
        assertThat(texts.get("SELECT 1", 2)).isEmpty();
        assertThat(texts.get("SELECT 1", 1)).isEmpty();
    }

    @Test
    void thereIsRoomUntilTextsAreTooLongAndAgainWhenOneDidNotComeForLong() throws SQLException {
        for (int i = 0; i < TEXTS; i++) {
            assertThat(texts.hasRoom(text(i))).isTrue();
            texts.add(text(i), 1);
        }
        assertThat(texts.hasRoom(text(TEXTS))).isFalse();
        texts.forget(text(3));
        assertThat(texts.hasRoom(text(TEXTS))).isTrue();
        texts.add(text(TEXTS), 1);
        for (int i = 0; i < PreparedTexts.LONG_AGO; i++) {
            assertThat(texts.get("SELECT 1", 1)).isEmpty();
        }
        assertThat(texts.hasRoom(text(3))).isFalse();
        assertThat(texts.get("SELECT 1", 1)).isEmpty();
        assertThat(texts.hasRoom(text(3))).isTrue();
    }
}
