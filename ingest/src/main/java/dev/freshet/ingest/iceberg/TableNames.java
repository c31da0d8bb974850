package dev.freshet.ingest.iceberg;

import dev.freshet.state.TableId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.TableProperties;

/**
 * What staging's tables are called in the catalog and how they are set up. A name starts with something readable and ends with a digest of the
 * exact names, so that no two tables share one whatever the source calls them, and no source name can do harm in a path.
 */
final class TableNames {

    static final String OWNER = "freshet_owner";

    static final String PIPELINE = "freshet.pipeline";
    static final String OWNER_ID = "freshet.owner.id";
    static final String OWNER_NAME = "freshet.owner.name";
    static final String KIND = "freshet.kind";
    static final String CHANGES = "changes";
    static final String POSITIONS = "positions";
    static final String SOURCE = "freshet.source";
    static final String SCHEMA = "freshet.table.schema";
    static final String NAME = "freshet.table.name";

    private static final int READABLE_CHARACTERS = 60;
    private static final int DIGEST_BYTES = 12;

    private TableNames() {}

    static String changes(TableId table) {
        return readable(table.connection() + "_" + table.schema() + "_" + table.name())
                + "_"
                + digest("changes", table.connection(), table.schema(), table.name());
    }

    static String positions(String source) {
        return readable(source) + "_positions_" + digest("positions", source);
    }

    private static String readable(String text) {
        String safe = text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        return safe.substring(0, Math.min(READABLE_CHARACTERS, safe.length()));
    }

    private static String digest(String... parts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
                sha.update(bytes);
            }
            return HexFormat.of().formatHex(sha.digest(), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Properties of every table here: little metadata, quick retries. */
    static Map<String, String> commitProperties() {
        return Map.of(
                TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "5",
                TableProperties.DEFAULT_WRITE_METRICS_MODE, "none",
                TableProperties.COMMIT_MIN_RETRY_WAIT_MS, "5",
                TableProperties.COMMIT_MAX_RETRY_WAIT_MS, "200",
                TableProperties.COMMIT_NUM_RETRIES, "10",
                TableProperties.MANIFEST_MIN_MERGE_COUNT, "30");
    }
}
