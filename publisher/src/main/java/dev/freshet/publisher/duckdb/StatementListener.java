package dev.freshet.publisher.duckdb;

import java.sql.SQLException;

/** Told of each thing that a delivery asks of the file, so that a test can let any of them be the last. */
@FunctionalInterface
interface StatementListener {

    StatementListener NONE = statement -> {};

    /**
     * @param statement its SQL, or what stands in for it
     * @throws SQLException instead of running it
     */
    void before(String statement) throws SQLException;
}
