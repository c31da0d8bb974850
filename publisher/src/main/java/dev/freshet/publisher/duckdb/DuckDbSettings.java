package dev.freshet.publisher.duckdb;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.nio.file.Path;

/**
 * A {@code duckdb} output of a profile, with dbt-duckdb's keys.
 *
 * @param file the database file; a relative {@code path} counts from the working directory, as in dbt
 * @param schema the output's default schema, where the ledger lives
 * @param memoryLimit of the engine while a delivery is under way, as DuckDB spells it
 */
record DuckDbSettings(String output, Path file, String schema, String memoryLimit, int threads) {

    static DuckDbSettings of(Connection connection) {
        String path = connection.require("path");
        if (path.startsWith(":memory:") || path.contains("://") || path.startsWith("md:") || path.contains(";")) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + connection.name() + "': 'path' is '" + path
                            + "', Freshet delivers to a local DuckDB file: give the path of one");
        }
        return new DuckDbSettings(
                connection.name(),
                Path.of(path).toAbsolutePath().normalize(),
                connection.setting("schema").filter(s -> !s.isEmpty()).orElse("main"),
                connection.setting("memory_limit").filter(s -> !s.isEmpty()).orElse("1GB"),
                Math.max(connection.integer("threads", 2), 1));
    }
}
