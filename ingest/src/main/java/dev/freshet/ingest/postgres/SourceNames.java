package dev.freshet.ingest.postgres;

import dev.freshet.state.PipelineId;
import dev.freshet.state.PipelineOwner;
import java.util.Locale;
import java.util.Optional;

/**
 * What a pipeline calls its own things in a source database.
 *
 * @param slot replication slot, publication and prefix of logical messages alike
 * @param comment what the publication's comment begins with
 * @param owner whom it names, if anybody
 */
record SourceNames(String slot, String comment, Optional<PipelineOwner> owner) {

    private static final int LONGEST = 63;
    private static final String OWNER = ", owner ";

    static SourceNames of(PipelineId pipeline, String connection) {
        return of(pipeline, connection, Optional.empty());
    }

    static SourceNames of(PipelineId pipeline, String connection, Optional<PipelineOwner> owner) {
        String plain = connection.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        String name = "freshet_" + pipeline.slug() + "_" + plain;
        if (name.length() > LONGEST || !plain.equals(connection)) {
            String mark = String.format(Locale.ROOT, "_%08x", connection.hashCode());
            name = name.substring(0, Math.min(name.length(), LONGEST - mark.length())) + mark;
        }
        return new SourceNames(name, "freshet pipeline " + pipeline + ", connection " + connection, owner);
    }

    /** The publication's comment as we write it. */
    String fullComment() {
        return comment + owner.map(known -> OWNER + known).orElse("");
    }

    /** Whether a publication with this comment is ours: one without an owner was made before there were owners, or by someone who has none. */
    boolean isOurs(String existing) {
        if (existing.equals(comment)) {
            return true;
        }
        return existing.startsWith(comment + OWNER)
                && owner.map(known -> existing.contains(known.id().toString())).orElse(true);
    }
}
