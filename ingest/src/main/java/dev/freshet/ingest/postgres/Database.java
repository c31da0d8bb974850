package dev.freshet.ingest.postgres;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** One PostgreSQL database as a profile output describes it, with dbt's keys. Opens connections whose text forms are always the same. */
record Database(
        String output,
        String host,
        int port,
        String name,
        String user,
        String password,
        Map<String, String> driverProperties,
        Map<String, String> debezium) {

    private static final String PASS_THROUGH = "debezium.";

    Database {
        driverProperties = Map.copyOf(driverProperties);
        debezium = Map.copyOf(debezium);
    }

    static Database of(dev.freshet.state.Connection connection) {
        Map<String, String> driver = new HashMap<>();
        for (String key : new String[] {"sslmode", "sslcert", "sslkey", "sslrootcert"}) {
            connection.setting(key).filter(value -> !value.isEmpty()).ifPresent(value -> driver.put(key, value));
        }
        // The database, a role or the server may set other styles; values must read the same from the log and from
        // COPY, always.
        driver.put(
                "options",
                "-c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=3"
                        + " -c xmlbinary=base64");
        driver.put("tcpKeepAlive", "true");
        Map<String, String> debezium = new HashMap<>();
        connection.settings().forEach((key, value) -> {
            if (key.startsWith(PASS_THROUGH)) {
                debezium.put(key.substring(PASS_THROUGH.length()), value);
            }
        });
        return new Database(
                connection.name(),
                connection.require("host"),
                connection.integer("port", 5432),
                connection.setting("dbname").orElseGet(() -> connection.require("database")),
                connection.require("user"),
                connection
                        .setting("password")
                        .or(() -> connection.setting("pass"))
                        .orElse(""),
                driver,
                debezium);
    }

    /** An open connection in autocommit mode, closed by the caller. */
    Connection connect() {
        Properties properties = new Properties();
        driverProperties.forEach(properties::setProperty);
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", "freshet");
        properties.setProperty("connectTimeout", "10");
        try {
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + host + ":" + port + "/" + URLEncoder.encode(name, StandardCharsets.UTF_8),
                    properties);
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    /** What failed, with whose words, for a statement of ours. */
    FreshetException failed(String what, SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.startsWith("08") || state.startsWith("57P") || state.startsWith("53")) {
            return new FreshetException(
                    ErrorKind.RETRYABLE, what + " of output '" + output + "' failed: " + message(e), e);
        }
        return new FreshetException(ErrorKind.SOURCE, what + " of output '" + output + "' failed: " + message(e), e);
    }

    private FreshetException refused(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String text =
                switch (state) {
                    case "28P01", "28000" ->
                        "user '" + user + "' of output '" + output + "' is refused by " + place()
                                + ": check 'user' and 'password' in profiles.yml and the server's pg_hba.conf ("
                                + message(e) + ")";
                    case "3D000" ->
                        "database '" + name + "' of output '" + output + "' does not exist at " + place()
                                + ": check 'dbname' in profiles.yml";
                    case "08001", "08004", "08006" ->
                        place() + " of output '" + output
                                + "' can't be reached: check 'host' and 'port' in profiles.yml, and that the server runs ("
                                + message(e) + ")";
                    default -> "can't connect output '" + output + "' to " + place() + ": " + message(e);
                };
        return new FreshetException(ErrorKind.SOURCE, text, e);
    }

    private String place() {
        return host + ":" + port;
    }

    private static String message(SQLException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.strip().replaceAll("\\s*\\n\\s*", ", ").replaceFirst("^(ERROR|FATAL): ", "");
    }

    /** The names only: the rest holds a secret. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s (%s:%d/%s)", output, host, port, name);
    }

    static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** For the places where PostgreSQL takes no parameters. */
    static String literal(String text) {
        String doubled = text.replace("'", "''");
        return text.indexOf('\\') < 0 ? "'" + doubled + "'" : "E'" + doubled.replace("\\", "\\\\") + "'";
    }

    static String relation(dev.freshet.state.TableId table) {
        return identifier(table.schema()) + "." + identifier(table.name());
    }
}
