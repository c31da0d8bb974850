package dev.freshet.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What a query finds, for a person to read: a line for each row, its values as texts with a space between. */
public final class Rows {

    private Rows() {}

    /** Nothing where the statement is no query. The connection stays open. */
    public static List<String> of(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return rows;
            }
            try (ResultSet found = statement.getResultSet()) {
                while (found.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                        values.add(String.valueOf(found.getObject(i)));
                    }
                    rows.add(String.join(" ", values));
                }
            }
        }
        return rows;
    }
}
