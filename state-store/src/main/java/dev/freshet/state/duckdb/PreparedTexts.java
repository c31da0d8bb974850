package dev.freshet.state.duckdb;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The prepared statements of one connection, by text. Those that were not used for the longest time are closed. */
final class PreparedTexts implements AutoCloseable {

    /** Some forty for each model and table of a middling project; each holds some ten kilobytes. */
    private static final int MOST = 2_000;

    private final Connection connection;
    private final LinkedHashMap<String, PreparedStatement> statements = new LinkedHashMap<>(64, 0.75f, true);

    PreparedTexts(Connection connection) {
        this.connection = connection;
    }

    /** @param key tells statements of one text apart that are planned in different ways */
    PreparedStatement get(String key, String sql) throws SQLException {
        PreparedStatement known = statements.get(key);
        if (known != null) {
            return known;
        }
        PreparedStatement prepared = connection.prepareStatement(sql);
        statements.put(key, prepared);
        while (statements.size() > MOST) {
            Map.Entry<String, PreparedStatement> oldest =
                    statements.entrySet().iterator().next();
            statements.remove(oldest.getKey());
            oldest.getValue().close();
        }
        return prepared;
    }

    /** After it failed: DuckDB closes such a statement. */
    void forget(String key) {
        PreparedStatement failed = statements.remove(key);
        if (failed != null) {
            try {
                failed.close();
            } catch (SQLException ignored) {
                // It is thrown away because it failed.
            }
        }
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
        statements.clear();
    }
}
