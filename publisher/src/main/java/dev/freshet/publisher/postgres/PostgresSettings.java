package dev.freshet.publisher.postgres;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A {@code postgres} output of a profile, with dbt's keys. Prints without its password.
 *
 * @param schema the output's default schema, where the ledger lives
 * @param connectTimeoutSeconds how long to wait for a connection
 * @param keepaliveIdleSeconds how long a connection may be silent before the operating system asks whether the other end still lives
 * @param tls {@code sslcert}, {@code sslkey}, {@code sslrootcert} as the user wrote them
 */
record PostgresSettings(
        String output,
        String host,
        int port,
        String user,
        String password,
        String database,
        String schema,
        String sslMode,
        int connectTimeoutSeconds,
        int keepaliveIdleSeconds,
        Optional<String> role,
        Optional<String> searchPath,
        Map<String, String> tls) {

    private static final List<String> SSL_MODES =
            List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
    private static final int DEFAULT_KEEPALIVE_SECONDS = 30;

    PostgresSettings {
        tls = Map.copyOf(tls);
    }

    static PostgresSettings of(Connection connection) {
        String sslMode = connection.setting("sslmode").orElse("prefer");
        if (!SSL_MODES.contains(sslMode)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + connection.name() + "': 'sslmode' is '" + sslMode + "', it must be one of "
                            + SSL_MODES);
        }
        Map<String, String> tls = new TreeMap<>();
        for (String key : List.of("sslcert", "sslkey", "sslrootcert")) {
            connection.setting(key).ifPresent(value -> tls.put(key, value));
        }
        // dbt's 0 means the operating system's default, which is two hours: too long for a dead peer to hold a delivery
        // up.
        int idle = connection.integer("keepalives_idle", 0);
        return new PostgresSettings(
                connection.name(),
                connection.setting("host").filter(s -> !s.isEmpty()).orElse("localhost"),
                connection.integer("port", 5432),
                connection.setting("user").orElseGet(() -> connection.require("user")),
                connection
                        .setting("password")
                        .or(() -> connection.setting("pass"))
                        .orElse(""),
                connection
                        .setting("dbname")
                        .or(() -> connection.setting("database"))
                        .orElseGet(() -> connection.require("dbname")),
                connection.setting("schema").filter(s -> !s.isEmpty()).orElse("public"),
                sslMode,
                connection.integer("connect_timeout", 10),
                idle > 0 ? idle : DEFAULT_KEEPALIVE_SECONDS,
                connection.setting("role").filter(s -> !s.isEmpty()),
                connection.setting("search_path").filter(s -> !s.isEmpty()),
                tls);
    }

    String address() {
        return host + ":" + port + "/" + database;
    }

    @Override
    public String toString() {
        return output + " (" + user + "@" + address() + ")";
    }
}
