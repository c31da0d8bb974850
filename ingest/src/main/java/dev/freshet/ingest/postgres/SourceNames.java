package dev.freshet.ingest.postgres;

import dev.freshet.state.PipelineId;
import java.util.Locale;

/**
 * What a pipeline calls its own things in a source database.
 *
 * @param slot replication slot, publication and prefix of logical messages alike
 * @param owner whom the publication's comment names
 */
record SourceNames(String slot, String owner) {

    private static final int LONGEST = 63;

    static SourceNames of(PipelineId pipeline, String connection) {
        String plain = connection.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        String name = "freshet_" + pipeline.slug() + "_" + plain;
        if (name.length() > LONGEST || !plain.equals(connection)) {
            String mark = String.format(Locale.ROOT, "_%08x", connection.hashCode());
            name = name.substring(0, Math.min(name.length(), LONGEST - mark.length())) + mark;
        }
        return new SourceNames(name, "freshet pipeline " + pipeline + ", connection " + connection);
    }
}
