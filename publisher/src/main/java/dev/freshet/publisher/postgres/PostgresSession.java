package dev.freshet.publisher.postgres;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.AutoSave;

/**
 * One connection and what it remembers. It is thrown away after any failure, so what it remembers is always true of the server's side:
 * the next session starts from nothing and looks at everything again.
 */
final class PostgresSession implements AutoCloseable {

    private static final int OLDEST_VERSION = 140_000;
    /** Longer than any sane statement needs a table's lock, short enough for readers queueing behind a swap. */
    private static final String LOCK_TIMEOUT = "3s";
    /** Each staging table is truncated at every commit: beyond this many it is cheaper to make them anew. */
    private static final int MOST_STAGING_TABLES = 64;

    private final PostgresSettings settings;
    private final Connection connection;
    private final String currentUser;
    private boolean ledgerExists;
    private boolean ledgerUncommitted;
    private int stagingNumber;
    private boolean stagingUncertain;
    private final Map<TableId, StagingTable> staging = new HashMap<>();
    private final Map<TableId, Verified> verified = new HashMap<>();

    private record Verified(long relation, TableSchema schema) {}

    private PostgresSession(
            PostgresSettings settings, Connection connection, String currentUser, boolean ledgerExists) {
        this.settings = settings;
        this.connection = connection;
        this.currentUser = currentUser;
        this.ledgerExists = ledgerExists;
    }

    /** Connects without writing for anybody. */
    static PostgresSession open(PostgresSettings settings) {
        return open(settings, "freshet");
    }

    /** Connects for an owner; begins nothing yet. */
    static PostgresSession open(PostgresSettings settings, Ownership owner) {
        return open(settings, OwnersSession.name(owner));
    }

    private static PostgresSession open(PostgresSettings settings, String name) {
        Connection connection = connect(settings, name);
        try {
            return prepare(settings, connection);
        } catch (SQLException e) {
            abort(connection);
            throw PostgresErrors.translate(e, "preparing a session", settings);
        } catch (FreshetException e) {
            abort(connection);
            throw e;
        }
    }

    /** Without the settings of a delivery. */
    static Connection connect(PostgresSettings settings, String name) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {settings.host()});
        source.setPortNumbers(new int[] {settings.port()});
        source.setDatabaseName(settings.database());
        source.setUser(settings.user());
        source.setPassword(settings.password());
        source.setApplicationName(name);
        source.setConnectTimeout(settings.connectTimeoutSeconds());
        source.setLoginTimeout(settings.connectTimeoutSeconds());
        source.setSslMode(settings.sslMode());
        source.setSocketFactory(KeepAliveSocketFactory.class.getName());
        source.setSocketFactoryArg(String.valueOf(settings.keepaliveIdleSeconds()));
        // The texts differ from delivery to delivery and plans must see the staged row counts: nothing is worth keeping
        // prepared.
        source.setPrepareThreshold(0);
        source.setAutosave(AutoSave.NEVER);
        try {
            settings.tls().forEach((key, value) -> setProperty(source, key, value));
            return source.getConnection();
        } catch (SQLException e) {
            throw PostgresErrors.translate(e, "connecting", settings);
        }
    }

    private static void setProperty(PGSimpleDataSource source, String key, String value) {
        switch (key) {
            case "sslcert" -> source.setSslCert(value);
            case "sslkey" -> source.setSslKey(value);
            default -> source.setSslRootCert(value);
        }
    }

    private static PostgresSession prepare(PostgresSettings settings, Connection connection) throws SQLException {
        StringBuilder sql = new StringBuilder("set lock_timeout = '" + LOCK_TIMEOUT + "'");
        sql.append("; set default_transaction_isolation = 'read committed'");
        // Small staged sets against large tables: compiling and sorting whole tables for a merge are always the wrong
        // plan here.
        sql.append("; set jit = off; set enable_mergejoin = off");
        // Intervals are compared in their printed form.
        sql.append("; set intervalstyle = 'postgres'");
        settings.role().ifPresent(role -> sql.append("; set role ").append(Identifier.quote(role)));
        settings.searchPath().ifPresent(path -> sql.append("; select pg_catalog.set_config('search_path', ")
                .append(Identifier.literal(path))
                .append(", false)"));
        String ledger = PostgresLedger.relation(settings);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql.toString());
            try (ResultSet row = statement.executeQuery(
                    "select current_setting('server_version_num')::int, pg_is_in_recovery(), current_user, to_regclass("
                            + Identifier.literal(ledger) + ") is not null")) {
                row.next();
                requireUsable(settings, row.getInt(1), row.getBoolean(2));
                PostgresSession session =
                        new PostgresSession(settings, connection, row.getString(3), row.getBoolean(4));
                connection.setAutoCommit(false);
                return session;
            }
        }
    }

    private static void requireUsable(PostgresSettings settings, int version, boolean inRecovery) {
        if (version < OLDEST_VERSION) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "output '" + settings.output() + "' is PostgreSQL " + version / 10_000
                            + "; Freshet delivers to 14 and later: upgrade the server");
        }
        if (inRecovery) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "output '" + settings.output() + "' (" + settings.address()
                            + ") is a read-only standby: name the primary in profiles.yml");
        }
    }

    PostgresSettings settings() {
        return settings;
    }

    Connection connection() {
        return connection;
    }

    String currentUser() {
        return currentUser;
    }

    CopyManager copies() throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The only value of a query. */
    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    boolean ledgerExists() {
        return ledgerExists;
    }

    /** It was created in the transaction under way. */
    void ledgerCreated() {
        ledgerExists = true;
        ledgerUncommitted = true;
    }

    /** Whether a table was seen to have this shape and is still the same table. */
    boolean isVerified(TableId table, long relation, TableSchema schema) {
        return new Verified(relation, schema).equals(verified.get(table));
    }

    void verified(TableId table, long relation, TableSchema schema) {
        verified.put(table, new Verified(relation, schema));
    }

    /**
     * A temporary table for a model's changes, empty at the start of each transaction. Kept for the session's life: making and dropping one per
     * delivery would cost more than filling it and bloat the server's catalog.
     */
    StagingTable staging(TableId table, TableSchema schema) throws SQLException {
        if (stagingUncertain) {
            execute("discard temp");
            staging.clear();
            stagingUncertain = false;
        }
        StagingTable known = staging.get(table);
        if (known != null && known.schema().equals(schema)) {
            return known;
        }
        if (known != null) {
            execute("drop table " + known.relation());
        } else if (staging.size() >= MOST_STAGING_TABLES) {
            execute("discard temp");
            staging.clear();
        }
        StagingTable created = new StagingTable("freshet_stage_" + stagingNumber++, schema);
        execute(created.creation());
        staging.put(table, created);
        return created;
    }

    /** Something was rolled back, and staging tables made since then with it. Nothing staged so far may still be needed. */
    void forgetStaging() {
        stagingUncertain = true;
    }

    /** @throws FreshetException OUTCOME_UNKNOWN when the connection broke before the answer came */
    void commit() {
        try {
            connection.commit();
            ledgerUncommitted = false;
        } catch (SQLException e) {
            if (PostgresErrors.isConnectionLost(e)) {
                throw new FreshetException(
                        ErrorKind.OUTCOME_UNKNOWN,
                        "the connection to output '" + settings.output() + "' (" + settings.address()
                                + ") broke while a delivery was committed: the ledger is read before the next one",
                        e);
            }
            throw PostgresErrors.translate(e, "committing a delivery", settings);
        }
    }

    /** Ends a transaction in which nothing was worth writing; the session goes on. */
    void rollback() throws SQLException {
        connection.rollback();
        forgetStaging();
        ledgerExists &= !ledgerUncommitted;
        ledgerUncommitted = false;
    }

    /** Gives up whatever is under way. May be called by any thread. */
    @Override
    public void close() {
        abort(connection);
    }

    /** Rolls back as a good guest does, so that locks are free before anyone tries again. Only when the server answered last. */
    void rollbackAndClose() {
        try {
            connection.rollback();
        } catch (SQLException ignored) {
            // The server rolls back by itself when the connection goes.
        }
        close();
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException ignored) {
            // It was broken already.
        }
    }
}
