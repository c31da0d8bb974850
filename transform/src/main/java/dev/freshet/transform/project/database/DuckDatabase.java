package dev.freshet.transform.project.database;

import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.duckdb.file.SharedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;

/** A DuckDB file, opened read only; one that does not exist yet is an empty database in memory. */
final class DuckDatabase extends JdbcDatabase {

    private static final Pattern INFORMATION_SCHEMA =
            Pattern.compile("(\\b\\w+|\"[^\"]+\")\\.\"?information_schema\"?\\.", Pattern.CASE_INSENSITIVE);

    private DuckDatabase(Connection output, java.sql.Connection session) {
        super(output, session);
    }

    static DuckDatabase connect(Connection output) {
        String path = output.setting("path").orElse(":memory:");
        boolean exists = !path.equals(":memory:") && Files.exists(Path.of(path));
        Properties properties = new Properties();
        if (exists) {
            properties.setProperty("duckdb.read_only", "true");
        }
        try {
            return new DuckDatabase(output, SharedFile.connect("jdbc:duckdb:" + (exists ? path : ""), properties));
        } catch (SQLException e) {
            throw unreachable(output, e);
        }
    }

    /** A session that may write: all sessions of a process share one instance of the file. */
    static DuckDatabase open(Connection output) {
        String path = output.setting("path").orElse(":memory:");
        try {
            if (!path.equals(":memory:")) {
                Path parent = Path.of(path).toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
            }
            String shared = path.equals(":memory:") ? ":memory:" + output.name() : path;
            return new DuckDatabase(output, SharedFile.connect("jdbc:duckdb:" + shared));
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.TARGET,
                    "output '" + output.name() + "': '" + path + "' can't be created: " + e.getMessage(),
                    e);
        } catch (SQLException e) {
            throw unreachable(output, e);
        }
    }

    /** DuckDB's information schema is outside all databases, and shows them all; packages look for it inside their own. */
    @Override
    String adapted(String sql) {
        return INFORMATION_SCHEMA.matcher(sql).replaceAll("information_schema.");
    }

    @Override
    public QueryResult query(String sql) {
        try {
            return super.query(sql);
        } catch (FreshetException e) {
            String shared = adapted(sql);
            if (shared.equals(sql)) {
                throw e;
            }
            return super.query(shared);
        }
    }

    @Override
    String temporary() {
        return "table_catalog = 'temp'";
    }

    @Override
    String restriction() {
        return " and table_catalog = current_database()";
    }

    /** Names are the same in any case. */
    @Override
    String named(String column) {
        return "lower(" + column + ") = lower(?)";
    }

    @Override
    public Optional<FoundRelation> relation(String schema, String name) {
        return relations(schema).stream()
                .filter(found -> found.name().equalsIgnoreCase(name))
                .findFirst();
    }

    @Override
    public List<FoundRelation> relations(String schema) {
        return relations(rows(
                "select table_catalog, table_schema, table_name, case table_type when 'VIEW' then 'view' else 'table' end"
                        + " from information_schema.tables where table_catalog = current_database() and "
                        + named("table_schema") + " order by 3",
                schema));
    }
}
