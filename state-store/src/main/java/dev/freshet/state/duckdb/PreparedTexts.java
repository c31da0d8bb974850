package dev.freshet.state.duckdb;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The prepared statements of one connection, by text. Those that were not used for the longest time are closed. */
final class PreparedTexts implements AutoCloseable {

    /** Some ten for each model and table; each holds up to a hundred kilobytes. */
    private static final int MOST = 2_000;

    private record Kept(PreparedStatement statement, long shape) {}

    private final Connection connection;
    private final LinkedHashMap<String, Kept> statements = new LinkedHashMap<>(64, 0.75f, true);

    PreparedTexts(Connection connection) {
        this.connection = connection;
    }

    /**
     * A statement that was prepared before.
     *
     * @param shape of the tables now; of another one DuckDB's plan is no more
     */
    Optional<PreparedStatement> get(String sql, long shape) {
        Kept kept = statements.get(sql);
        if (kept == null) {
            return Optional.empty();
        }
        if (kept.shape() != shape) {
            forget(sql);
            return Optional.empty();
        }
        return Optional.of(kept.statement());
    }

    PreparedStatement add(String sql, long shape) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statements.put(sql, new Kept(statement, shape));
        while (statements.size() > MOST) {
            forget(statements.keySet().iterator().next());
        }
        return statement;
    }

    /** DuckDB closes a statement that failed. */
    void forget(String sql) {
        Kept kept = statements.remove(sql);
        if (kept != null) {
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
    }
}
