package dev.freshet.deploy.demo;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** What a target holds of a model, as the oracle sees it. */
interface DeliveredTable {

    List<PostgresTable.Column> columns();

    /** Creates a DuckDB table with all of its rows. */
    void copyInto(Statement oracle, String relation) throws SQLException, IOException;
}
