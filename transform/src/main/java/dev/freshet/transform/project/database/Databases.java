package dev.freshet.transform.project.database;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The outputs of a profile as databases to ask, each connected when it is asked first. Used by one thread. */
public final class Databases implements AutoCloseable {

    private enum Access {
        NONE,
        READ,
        WRITE,
        /** What is read in a transaction is one state of the database. */
        WRITE_IN_ONE_STATE
    }

    private final Access access;
    private final Map<String, JdbcDatabase> open = new LinkedHashMap<>();
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    private StatementComment comment = StatementComment.NONE;

    private Databases(Access access) {
        this.access = access;
    }

    /** For renderings that must do without: no template gets an answer. */
    public static Databases none() {
        return new Databases(Access.NONE);
    }

    public static Databases connecting() {
        return new Databases(Access.READ);
    }

    /** Sessions that templates and statements may write through. */
    public static Databases live() {
        return new Databases(Access.WRITE);
    }

    /** The same, and a transaction sees what was committed when its first statement began. */
    public static Databases liveInOneState() {
        return new Databases(Access.WRITE_IN_ONE_STATE);
    }

    /** Whether what is rendered also runs. */
    public boolean isLive() {
        return access == Access.WRITE || access == Access.WRITE_IN_ONE_STATE;
    }

    /** From now on, what stands beside the statements of live sessions. */
    public void comment(StatementComment text) {
        comment = text;
    }

    /** A live output's session, which is opened when it is asked for first. */
    public Session session(Connection output) {
        Session session = opened(output);
        session.comment(comment);
        return session;
    }

    private Session opened(Connection output) {
        if (!isLive()) {
            throw new IllegalStateException("these databases are only read");
        }
        return sessions.computeIfAbsent(
                output.name(),
                name -> Session.over(
                        output,
                        switch (output.type()) {
                            case "postgres" ->
                                PostgresDatabase.open(
                                        output,
                                        access == Access.WRITE_IN_ONE_STATE
                                                ? PostgresDatabase.Isolation.REPEATABLE_READ
                                                : PostgresDatabase.Isolation.THE_SERVERS);
                            case "duckdb" -> DuckDatabase.open(output);
                            default ->
                                throw new FreshetException(
                                        ErrorKind.USER,
                                        "nothing can run on output '" + name
                                                + "': models run on postgres and duckdb, not" + " on " + output.type());
                        }));
    }

    /** Gives up whatever is not committed, as dbt does when a node ends, and sessions that the database has ended: the next node begins with others. */
    public void rollback() {
        sessions.values().forEach(Session::rollbackIfOpen);
        sessions.values().removeIf(Session::isGone);
    }

    /** Empty when this rendering has no databases. */
    public Optional<Database> of(Connection output) {
        if (access == Access.NONE) {
            return Optional.empty();
        }
        if (isLive()) {
            return Optional.of(session(output));
        }
        return Optional.of(open.computeIfAbsent(output.name(), name -> connect(output)));
    }

    private static JdbcDatabase connect(Connection output) {
        return switch (output.type()) {
            case "postgres" -> PostgresDatabase.connect(output);
            case "duckdb" -> DuckDatabase.connect(output);
            default ->
                throw new FreshetException(
                        ErrorKind.USER,
                        "templates can't ask output '" + output.name() + "': queries while compiling work on postgres"
                                + " and duckdb, not on " + output.type());
        };
    }

    @Override
    public void close() {
        open.values().forEach(JdbcDatabase::close);
        open.clear();
        sessions.values().forEach(Session::close);
        sessions.clear();
    }
}
