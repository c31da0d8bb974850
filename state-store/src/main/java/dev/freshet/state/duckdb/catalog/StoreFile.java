package dev.freshet.state.duckdb.catalog;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.duckdb.file.DatabaseFile;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.Locale;
import org.duckdb.DuckDBConnection;

/** A database file that holds a state store of this version: found so, or made so. */
public final class StoreFile {

    private final DuckDbConfig config;
    private final DatabaseFile file;

    /** Touches nothing yet. */
    public StoreFile(DuckDbConfig config) {
        this.config = config;
        this.file = new DatabaseFile(config);
    }

    /**
     * Opens the store. What can't be read is set aside, another format is deleted, and a new store made in its place; a database that is no
     * store is refused.
     */
    public DuckDBConnection open() {
        DuckDBConnection connection = file.open();
        boolean usable = false;
        try {
            Session session = new Session(connection);
            if (session.number(
                            "SELECT count(*) FROM information_schema.tables WHERE table_schema <> 'information_schema'")
                    == 0) {
                create(session);
                usable = true;
                return connection;
            }
            if (session.number(
                            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'freshet' AND table_name = 'store'")
                    == 0) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "'" + config.file()
                                + "' is a DuckDB database but not a state store of Freshet: name another file for the state store");
            }
            long format = session.number("SELECT format FROM freshet.store");
            if (format == Catalog.FORMAT) {
                usable = true;
                return connection;
            }
            DatabaseFile.closeQuietly(connection);
            file.delete("has format " + format + ", this version of Freshet uses format " + Catalog.FORMAT);
        } catch (SQLException e) {
            DatabaseFile.closeQuietly(connection);
            replaceUnreadable(e);
        } finally {
            if (!usable) {
                DatabaseFile.closeQuietly(connection);
            }
        }
        DuckDBConnection fresh = file.open();
        try {
            create(new Session(fresh));
            return fresh;
        } catch (SQLException e) {
            DatabaseFile.closeQuietly(fresh);
            throw StoreErrors.of("making a new store", config, e);
        }
    }

    /** Sets a file aside whose contents make no sense; any other error is thrown. */
    public void replaceUnreadable(Exception error) {
        if (error instanceof SQLException e) {
            boolean corrupt =
                    String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("corrupt");
            if (!corrupt && (StoreErrors.isOurs(e) || StoreErrors.isOutOfMemory(e))) {
                throw StoreErrors.of("opening it", config, e);
            }
            file.setAside("can't be read (" + StoreErrors.firstLine(e) + ")");
        } else {
            file.setAside("can't be read (" + error.getMessage() + ")");
        }
    }

    private void create(Session session) throws SQLException {
        session.transaction("BEGIN TRANSACTION");
        Catalog.create(session, config.ids().get());
        session.transaction("COMMIT");
        Catalog.epoch(session);
    }
}
