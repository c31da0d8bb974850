package dev.freshet.ingest.iceberg;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How staging is set up.
 *
 * @param catalog Iceberg's own catalog properties, passed through as they are ({@code type} or {@code catalog-impl}, {@code uri}, {@code
 *     warehouse}, {@code io-impl} ...)
 * @param scratch a directory on this machine for what does not fit in memory and for copies of remote files
 * @param positionInterval how often, at most, a position is recorded that no table's commit carries
 * @param fileGrace how long a data file is kept after nothing needs it any more
 * @param foldableRows tables with more base rows and changes than this are not folded
 */
public record StagingSettings(
        Map<String, String> catalog, Path scratch, Duration positionInterval, Duration fileGrace, long foldableRows) {

    public static final Duration POSITION_INTERVAL = Duration.ofSeconds(1);
    public static final Duration FILE_GRACE = Duration.ofMinutes(15);
    public static final long FOLDABLE_ROWS = 200_000;

    public StagingSettings {
        catalog = Map.copyOf(catalog);
    }

    /** A catalog that needs no server, with its files, below one directory on this machine. */
    public static StagingSettings local(Path directory) {
        return of(directory, Map.of());
    }

    /**
     * @param directory for scratch space, and for everything where {@code catalog} does not say otherwise
     * @param catalog the user's catalog properties; when they name no {@code type} and no {@code catalog-impl}, they refine the local
     *     catalog
     */
    public static StagingSettings of(Path directory, Map<String, String> catalog) {
        Path root = directory.toAbsolutePath().normalize();
        Map<String, String> properties = new LinkedHashMap<>();
        if (!catalog.containsKey("type") && !catalog.containsKey("catalog-impl")) {
            properties.put("catalog-impl", "org.apache.iceberg.jdbc.JdbcCatalog");
            properties.put("uri", "jdbc:sqlite:" + root.resolve("catalog.db"));
            properties.put("warehouse", root.resolve("warehouse").toString());
            properties.put("clients", "4");
            properties.put("jdbc.schema-version", "V1");
            // Commits to several tables meet in one SQLite file: they wait for each other instead of failing.
            properties.put("jdbc.busy_timeout", "60000");
            properties.put("jdbc.journal_mode", "WAL");
            properties.put("jdbc.synchronous", "FULL");
        }
        properties.putAll(catalog);
        if (!properties.containsKey("io-impl")
                && LocalFileIO.isLocal(properties.getOrDefault("warehouse", "s3://unknown"))) {
            properties.put("io-impl", LocalFileIO.class.getName());
        }
        return new StagingSettings(properties, root.resolve("scratch"), POSITION_INTERVAL, FILE_GRACE, FOLDABLE_ROWS);
    }

    /** Catalog properties hold secrets. */
    @Override
    public String toString() {
        return "staging with scratch space in " + scratch;
    }
}
