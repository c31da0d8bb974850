package dev.freshet.transform.project.config;

import dev.freshet.state.Connection;
import java.util.Optional;
import java.util.Set;

/** Where an output's models go when its profile leaves it open. */
public final class OutputDefaults {

    private static final Set<String> SCHEMA_IS_DATABASE = Set.of("mysql", "mariadb", "clickhouse");

    private OutputDefaults() {}

    /** The schema of an output; empty when its profile must say and doesn't. */
    public static Optional<String> schema(Connection output) {
        Optional<String> schema = output.setting("schema").or(() -> output.setting("dataset"));
        if (schema.isPresent()) {
            return schema;
        }
        if (SCHEMA_IS_DATABASE.contains(output.type())) {
            return output.setting("database").or(() -> output.setting("dbname"));
        }
        return output.type().equals("duckdb") ? Optional.of("main") : Optional.empty();
    }

    /** The database of an output, empty text when it has none. */
    public static String database(Connection output) {
        return output.setting("database")
                .or(() -> output.setting("dbname"))
                .or(() -> output.setting("project"))
                .or(() -> output.setting("catalog"))
                .orElseGet(() -> output.type().equals("duckdb")
                        ? fileName(output.setting("path").orElse(":memory:"))
                        : "");
    }

    private static String fileName(String path) {
        if (path.equals(":memory:")) {
            return "memory";
        }
        String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
