package dev.freshet.ingest.postgres.debezium;

import java.util.List;
import java.util.Map;

/**
 * What to stream, and from where.
 *
 * @param tables the captured tables with their key columns; no key columns for a table whose whole rows identify it
 * @param from where to resume: transactions whose commit ends at or before it are not sent again
 * @param passThrough Debezium properties of the user, verbatim; they win over ours except where that would break exactness
 */
public record LogOptions(
        String host,
        int port,
        String database,
        String user,
        String password,
        Map<String, String> driverProperties,
        String slot,
        String publication,
        String messagePrefix,
        List<CapturedTable> tables,
        long from,
        Map<String, String> passThrough) {

    public LogOptions {
        driverProperties = Map.copyOf(driverProperties);
        tables = List.copyOf(tables);
        passThrough = Map.copyOf(passThrough);
    }

    /** A table and the columns that identify its rows in the log. */
    public record CapturedTable(String schema, String name, List<String> key) {
        public CapturedTable {
            key = List.copyOf(key);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "log of slot " + slot + " at " + host + ":" + port + "/" + database;
    }
}
