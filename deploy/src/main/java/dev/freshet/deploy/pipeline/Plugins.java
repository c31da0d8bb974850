package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.TableReader;
import dev.freshet.ingest.iceberg.IcebergStagingArea;
import dev.freshet.ingest.iceberg.StagingSettings;
import dev.freshet.publisher.TargetFactory;
import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.StateStore;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;

/** The parts that are installed: sources and targets found by {@link ServiceLoader}, staging on Iceberg, state in DuckDB. */
public final class Plugins implements Pipeline.Parts {

    @Override
    public ChangeSourceFactory source(Connection connection) {
        return find(ChangeSourceFactory.class, ChangeSourceFactory::id, connection, "captured");
    }

    @Override
    public TargetFactory target(Connection connection) {
        return find(TargetFactory.class, TargetFactory::id, connection, "delivered to");
    }

    @Override
    public TableReader reader(Connection connection) {
        if (connection.type().equals("duckdb")) {
            return new DuckDbFileReader(
                    Path.of(connection.require("path")).toAbsolutePath().normalize());
        }
        if (connection.type().equals("kafka")) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + connection.name()
                            + "' is Kafka, from where rows can't be read back: keep the history in a database, and send on a table that reads it");
        }
        return source(connection).reader(connection);
    }

    private static <T> T find(Class<T> kind, Function<T, String> id, Connection connection, String what) {
        TreeMap<String, T> known = new TreeMap<>();
        for (T factory : ServiceLoader.load(kind)) {
            known.put(id.apply(factory), factory);
        }
        T factory = known.get(connection.type());
        if (factory == null) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "output '" + connection.name() + "' has type '" + connection.type() + "', which can't be " + what
                            + "; known types are " + String.join(", ", known.keySet()));
        }
        return factory;
    }

    @Override
    public StagingArea staging(ServiceSettings settings) {
        return IcebergStagingArea.open(
                StagingSettings.of(settings.stagingDirectory(), settings.catalog()),
                Clock.systemUTC(),
                UUID.randomUUID());
    }

    @Override
    public StateStore state(ServiceSettings settings) {
        List<Path> readable = new ArrayList<>();
        readable.add(settings.stagingDirectory());
        readable.add(Adoption.adoptionDirectory(settings));
        Optional.ofNullable(settings.catalog().get("warehouse"))
                .filter(warehouse -> !warehouse.contains("://"))
                .ifPresent(warehouse -> readable.add(Path.of(warehouse)));
        return DuckDbStateStore.open(new DuckDbConfig(
                settings.stateFile(),
                settings.stateMemoryBytes(),
                settings.scratch().resolve("state"),
                settings.threads(),
                settings.deltaLogRows(),
                readable,
                Clock.systemUTC(),
                UUID::randomUUID));
    }
}
