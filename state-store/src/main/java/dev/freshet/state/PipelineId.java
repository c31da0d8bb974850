package dev.freshet.state;

import java.util.Locale;

/**
 * Names a pipeline: a project and its default output. Replication slot, publication, staging namespace and ledger rows are derived from it.
 */
public record PipelineId(String project, String output) {

    /** Lower case, only {@code [a-z0-9_]}, at most 40 characters: fit for a replication slot, a namespace or a file name. */
    public String slug() {
        String text = (project + "_" + output).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        if (text.length() <= 40) {
            return text;
        }
        return text.substring(0, 31) + "_" + String.format(Locale.ROOT, "%08x", text.hashCode());
    }

    @Override
    public String toString() {
        return project + "/" + output;
    }
}
