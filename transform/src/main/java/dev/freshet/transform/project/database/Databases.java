package dev.freshet.transform.project.database;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The outputs of a profile as databases to ask, each connected when it is asked first. Used by one thread. */
public final class Databases implements AutoCloseable {

    private final boolean isAllowed;
    private final Map<String, JdbcDatabase> open = new LinkedHashMap<>();

    private Databases(boolean isAllowed) {
        this.isAllowed = isAllowed;
    }

    /** For renderings that must do without: no template gets an answer. */
    public static Databases none() {
        return new Databases(false);
    }

    public static Databases connecting() {
        return new Databases(true);
    }

    /** Empty when this rendering has no databases. */
    public Optional<Database> of(Connection output) {
        if (!isAllowed) {
            return Optional.empty();
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
    }
}
