package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Outputs of type {@code duckdb}, with dbt-duckdb's profile keys. */
public final class DuckDbTargetFactory implements TargetFactory {

    @Override
    public String id() {
        return "duckdb";
    }

    @Override
    public Target create(Connection connection, Ownership owner) {
        return new DuckDbTarget(DuckDbSettings.of(connection), owner, UUID::randomUUID, StatementListener.NONE);
    }

    /** Opens the file: whoever may do that may do everything in it. A file that is not there yet need only be possible. */
    @Override
    public List<String> check(Connection connection, Collection<String> schemas) {
        try {
            DuckDbSettings settings = DuckDbSettings.of(connection);
            if (!Files.exists(settings.file())) {
                return uncreatable(settings);
            }
            DuckDbSession.open(settings, StatementListener.NONE).close();
            return List.of();
        } catch (FreshetException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    private static List<String> uncreatable(DuckDbSettings settings) {
        Path directory = settings.file().getParent();
        while (directory != null && !Files.exists(directory)) {
            directory = directory.getParent();
        }
        if (directory == null || Files.isDirectory(directory) && Files.isWritable(directory)) {
            return List.of();
        }
        return List.of("file '" + settings.file() + "' of output '" + settings.output() + "' can't be created in '"
                + directory + "': make that a directory that Freshet may write to, or choose another path");
    }
}
