package dev.freshet.publisher.duckdb;

import dev.freshet.publisher.Target;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Connection;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
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
        return new DuckDbTarget(DuckDbSettings.of(connection), owner, UUID::randomUUID);
    }

    /** Opens the file, which creates it where there is none: whoever may do that may do everything in it. */
    @Override
    public List<String> check(Connection connection, Collection<String> schemas) {
        try {
            DuckDbSession.open(DuckDbSettings.of(connection)).close();
            return List.of();
        } catch (FreshetException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }
}
