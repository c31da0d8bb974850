package dev.freshet.state.duckdb.session;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The prepared statements of one connection, by text. Those that were not used for the longest time are closed when their texts become too long together. */
final class PreparedTexts implements AutoCloseable {

    /** A statement takes some hundred times the memory of its text when it is planned anew each time, and up to seven hundred times when its plan is kept. */
    static final int MOST_CHARACTERS = 1_000_000;

    /** More than a cycle runs: a text that did not come for so many others does not come in every cycle. */
    static final int LONG_AGO = 20_000;

    private record Kept(PreparedStatement statement, long shape, long usedAt) {}

    private final Connection connection;
    private final LinkedHashMap<String, Kept> statements = new LinkedHashMap<>(64, 0.75f, true);
    private long characters;
    private long uses;

    PreparedTexts(Connection connection) {
        this.connection = connection;
    }

    /**
     * A statement that was prepared before.
     *
     * @param shape of the tables now; of another one DuckDB's plan is no more
     */
    Optional<PreparedStatement> get(String sql, long shape) {
        uses++;
        Kept kept = statements.get(sql);
        if (kept == null) {
            return Optional.empty();
        }
        if (kept.shape() != shape) {
            forget(sql);
            return Optional.empty();
        }
        statements.put(sql, new Kept(kept.statement(), shape, uses));
        return Optional.of(kept.statement());
    }

    /** Whether a text can be added without one being closed that may soon come again: when more come than can be kept, keeping each new one would keep none. */
    boolean hasRoom(String sql) {
        return characters + sql.length() <= MOST_CHARACTERS
                || !statements.isEmpty()
                        && uses - statements.values().iterator().next().usedAt() > LONG_AGO;
    }

    PreparedStatement add(String sql, long shape) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statements.put(sql, new Kept(statement, shape, uses));
        characters += sql.length();
        while (characters > MOST_CHARACTERS && statements.size() > 1) {
            forget(statements.keySet().iterator().next());
        }
        return statement;
    }

    /** DuckDB closes a statement that failed. */
    void forget(String sql) {
        Kept kept = statements.remove(sql);
        if (kept != null) {
            characters -= sql.length();
            try {
                kept.statement().close();
            } catch (SQLException ignored) {
                // It is thrown away.
            }
        }
    }

    @Override
    public void close() throws SQLException {
        for (Map.Entry<String, Kept> entry : statements.entrySet()) {
            entry.getValue().statement().close();
        }
        statements.clear();
        characters = 0;
    }
}
