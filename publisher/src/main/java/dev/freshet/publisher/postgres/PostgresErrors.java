package dev.freshet.publisher.postgres;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import java.sql.SQLException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Turns the driver's exceptions into ours, by SQLSTATE (PostgreSQL documentation, appendix A). */
final class PostgresErrors {

    static final String LOCK_NOT_AVAILABLE = "55P03";
    static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String FOR_SCHEMA = "for schema ";

    private static final Pattern COPY_COLUMN =
            Pattern.compile("^COPY .*?, line \\d+, column ([^:,\\n]+)", Pattern.DOTALL);

    private PostgresErrors() {}

    /**
     * @param doing what failed, with the object in quotes
     * @param settings where
     */
    static FreshetException translate(SQLException e, String doing, PostgresSettings settings) {
        String state = String.valueOf(e.getSQLState());
        String at = " on output '" + settings.output() + "' (" + settings.address() + ")";
        if (isConnectionLost(e)) {
            return new FreshetException(
                    ErrorKind.TARGET,
                    doing + at + ": the connection was refused or lost (" + reason(e)
                            + "). Nothing was changed; check that the server is up and reachable",
                    e);
        }
        return switch (state) {
            case "28P01", "28000" ->
                new FreshetException(
                        ErrorKind.TARGET,
                        "cannot log in" + at + " as '" + settings.user() + "': " + reason(e)
                                + ". Correct 'user' and 'password' in profiles.yml, or the server's pg_hba.conf",
                        e);
            case "3D000" ->
                new FreshetException(
                        ErrorKind.TARGET,
                        "database '" + settings.database() + "' does not exist" + at
                                + ". Correct 'dbname' in profiles.yml, or run: create database "
                                + Identifier.quote(settings.database()) + ";",
                        e);
            case LOCK_NOT_AVAILABLE ->
                new FreshetException(
                        ErrorKind.RETRYABLE,
                        doing + at + ": another session holds a lock on it (" + reason(e)
                                + "). It is tried again; see pg_locks for who",
                        e);
            case "40001", "40P01" ->
                new FreshetException(ErrorKind.RETRYABLE, doing + at + ": " + reason(e) + ". It is tried again", e);
            case INSUFFICIENT_PRIVILEGE ->
                new FreshetException(
                        ErrorKind.TARGET,
                        doing + at + ": " + reason(e) + ". Run: "
                                + PostgresCatalog.tableStatement(settings.user(), schemaIn(reason(e), settings)),
                        e);
            default -> new FreshetException(ErrorKind.TARGET, doing + at + ": " + reason(e), e);
        };
    }

    /** The schema that a refusal names, else the output's own. */
    private static String schemaIn(String reason, PostgresSettings settings) {
        int named = reason.indexOf(FOR_SCHEMA);
        return named < 0 ? settings.schema() : reason.substring(named + FOR_SCHEMA.length());
    }

    /** The same for one table's work, with statements to paste where a right is missing. */
    static FreshetException translateTable(SQLException e, TableId table, PostgresSession session) {
        String doing = "delivering table '" + table + "'";
        if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
            return translate(e, doing, session.settings());
        }
        String user = Identifier.quote(session.currentUser());
        String relation = Identifier.quote(table);
        String reason = reason(e);
        String statement;
        if (reason.contains("must be owner")) {
            statement = "alter table " + relation + " owner to " + user + ";";
        } else if (reason.contains(FOR_SCHEMA)) {
            statement = PostgresCatalog.tableStatement(session.currentUser(), table.schema());
        } else {
            statement = "grant select, insert, delete on " + relation + " to " + user + ";";
        }
        return new FreshetException(
                ErrorKind.TARGET,
                doing + " on output '" + session.settings().output() + "' ("
                        + session.settings().address() + "): " + reason + ". Run: " + statement,
                e);
    }

    static boolean isLockTimeout(SQLException e) {
        return LOCK_NOT_AVAILABLE.equals(e.getSQLState());
    }

    static boolean isConnectionLost(SQLException e) {
        String state = e.getSQLState();
        return state == null
                || state.startsWith("08")
                || state.startsWith("57P0")
                || state.equals("53300")
                || !(e instanceof PSQLException);
    }

    /** Whether the error is about one table only, so that the others can go on without it. */
    static boolean concernsOneTable(SQLException e) {
        if (isConnectionLost(e)) {
            return false;
        }
        String state = e.getSQLState();
        String category = state.substring(0, 2);
        return switch (category) {
            case "22", "23", "2B", "42", "44", "54", "0A", "P0" -> true;
            case "55" -> state.equals(LOCK_NOT_AVAILABLE) || state.equals("55006");
            default -> false;
        };
    }

    /** The server's own sentence, without the detail lines that may show values. */
    static String reason(SQLException e) {
        ServerErrorMessage message = serverMessage(e);
        String text = message == null ? e.getMessage() : message.getMessage();
        Optional<String> column = copyColumn(message);
        return text + column.map(name -> " in column '" + name + "'").orElse("");
    }

    private static @Nullable ServerErrorMessage serverMessage(SQLException e) {
        return e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
    }

    private static Optional<String> copyColumn(@Nullable ServerErrorMessage message) {
        if (message == null || message.getWhere() == null) {
            return Optional.empty();
        }
        Matcher where = COPY_COLUMN.matcher(message.getWhere());
        return where.find() ? Optional.of(where.group(1)) : Optional.empty();
    }
}
