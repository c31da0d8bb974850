package dev.freshet.state.duckdb.file;

import static dev.freshet.state.duckdb.sql.SqlText.literal;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file under a state store: opened with our settings, set aside when it can't be used. */
public final class DatabaseFile {

    private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);
    /** Checkpoints stall the writer, so they happen when the cycle is idle; this is what the log may grow to before one is forced. */
    private static final String CHECKPOINT_THRESHOLD = "1GB";

    /**
     * Two of DuckDB's optimizers give other results than the query has. One makes an avg of decimals another quotient, that can differ in the last bit, depending on what
     * else is asked for and on NULLs in the table. The other takes {@code coalesce(sum(x), 0) <> 0} for false over a LEFT JOIN with a table that has no rows (2.0.0.1).
     */
    private static final String AVOIDED_OPTIMIZERS = "aggregate_function_rewriter,statistics_propagation";

    private static final Pattern HOLDER = Pattern.compile("lock is held in (.+?)\\. See also|lock is held in (.+)$");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final DuckDbConfig config;

    /** Touches nothing yet. */
    public DatabaseFile(DuckDbConfig config) {
        this.config = config;
    }

    /** Opens the file, or a new one when it is missing or unreadable. */
    public DuckDBConnection open() {
        try {
            Path directory = config.file().toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            Files.createDirectories(config.temporaryDirectory());
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the directory of state store '" + config.file() + "' or its temporary directory '"
                            + config.temporaryDirectory() + "' can't be created: " + e
                            + ". Choose another, or grant the right to write there",
                    e);
        }
        DuckDBConnection connection = connect();
        try {
            configure(connection);
            return connection;
        } catch (SQLException e) {
            closeQuietly(connection);
            throw StoreErrors.of("setting it up", config, e);
        } catch (FreshetException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    private DuckDBConnection connect() {
        String url = "jdbc:duckdb:" + config.file().toAbsolutePath();
        try {
            return (DuckDBConnection) SharedFile.connect(url);
        } catch (SQLException e) {
            String text = String.valueOf(e.getMessage());
            refuseWhenItIsNotTheFile(text, e);
            setAside("can't be read (" + StoreErrors.firstLine(e) + ")");
        }
        try {
            return (DuckDBConnection) SharedFile.connect(url);
        } catch (SQLException e) {
            throw StoreErrors.of("opening it", config, e);
        }
    }

    /** Closes it, whatever happens: there is an error to tell already. */
    public static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException ignored) {
            // Nothing more can be done with it.
        }
    }

    private void refuseWhenItIsNotTheFile(String text, SQLException e) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.contains("could not set lock")) {
            Matcher holder = HOLDER.matcher(text);
            String who =
                    holder.find() ? (holder.group(1) == null ? holder.group(2) : holder.group(1)) : "another process";
            throw new FreshetException(
                    ErrorKind.USER,
                    "state store '" + config.file() + "' is in use by " + who
                            + ": stop that process, or send the command to it",
                    e);
        }
        if (lower.contains("permission denied")
                || lower.contains("is a directory")
                || lower.contains("read-only file system")) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "state store '" + config.file() + "' can't be opened: " + StoreErrors.firstLine(e)
                            + ". Choose another file, or grant the right to write it",
                    e);
        }
        if (StoreErrors.isOurs(e) && lower.contains("no space left")) {
            throw StoreErrors.of("opening it", config, e);
        }
        if (lower.contains("too many open files")
                || lower.contains("different configuration")
                || SharedFile.isConflict(e)) {
            throw StoreErrors.of("opening it", config, e);
        }
    }

    /** Renames the file, and its log, so that a new one takes its place and a person can still look at the old. */
    public void setAside(String why) {
        Path aside = sibling(".unreadable-" + STAMP.format(config.clock().instant()));
        try {
            Files.move(config.file(), aside, StandardCopyOption.REPLACE_EXISTING);
            if (Files.exists(sibling(".wal"))) {
                Files.move(sibling(".wal"), Path.of(aside + ".wal"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "state store '" + config.file() + "' " + why + " and can't be moved aside: " + e
                            + ". Delete it; it is rebuilt from staging",
                    e);
        }
        log.warn(
                "State store '{}' {}; it was moved to '{}' and a new one is rebuilt from staging. Delete the old file when you have"
                        + " looked at it.",
                config.file(),
                why,
                aside);
    }

    /** Removes the file of a store whose contents a new one replaces for sure. */
    public void delete(String why) {
        log.warn("State store '{}' {}; a new one is rebuilt from staging.", config.file(), why);
        try {
            Files.deleteIfExists(config.file());
            Files.deleteIfExists(sibling(".wal"));
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER, "state store '" + config.file() + "' " + why + " and can't be deleted: " + e, e);
        }
    }

    private Path sibling(String suffix) {
        return Path.of(config.file() + suffix);
    }

    private void configure(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            refuseWhenOpenHere(statement);
            statement.execute("SET memory_limit = '" + (config.memoryLimitBytes() >> 10) + "KiB'");
            statement.execute("SET threads = " + config.threads());
            statement.execute("SET temp_directory = "
                    + literal(config.temporaryDirectory().toAbsolutePath().toString()));
            statement.execute("SET disabled_optimizers = '" + AVOIDED_OPTIMIZERS + "'");
            statement.execute("SET checkpoint_threshold = '" + CHECKPOINT_THRESHOLD + "'");
            statement.execute("SET autoinstall_known_extensions = false");
            statement.execute("SET autoload_known_extensions = false");
            statement.execute("SET allow_community_extensions = false");
            statement.execute("SET allowed_directories = ["
                    + config.readableDirectories().stream()
                            .map(directory -> literal(
                                    directory.toAbsolutePath().normalize().toString()))
                            .collect(Collectors.joining(", "))
                    + "]");
            // Last: from here on no statement reaches any other file, and this can't be undone on a running database.
            statement.execute("SET enable_external_access = false");
        }
        session(connection);
    }

    /** Within one process DuckDB hands out the database that is open already. */
    private void refuseWhenOpenHere(Statement statement) throws SQLException {
        try (ResultSet setting = statement.executeQuery("SELECT current_setting('enable_external_access')")) {
            setting.next();
            if (!setting.getBoolean(1)) {
                throw new FreshetException(
                        ErrorKind.USER,
                        "state store '" + config.file() + "' is in use by this very process: name another file");
            }
        }
    }

    /** What each connection has to be told for itself. */
    public static Connection session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
        }
        return connection;
    }
}
