package dev.freshet.ingest.iceberg;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who owns a pipeline, as the control table's newest snapshot says.
 *
 * @param released the owner gave it up; the epoch stays
 */
record OwnerRecord(long epoch, String instance, ProcessIdentity process, Instant seen, boolean released) {

    static final OwnerRecord NOBODY = new OwnerRecord(0, "", new ProcessIdentity("", "", 0, -1), Instant.EPOCH, true);

    private static final String PREFIX = "freshet.";

    Map<String, String> toSummary() {
        Map<String, String> summary = new TreeMap<>();
        summary.put(PREFIX + "epoch", Long.toString(epoch));
        summary.put(PREFIX + "instance", instance);
        summary.put(PREFIX + "host", process.host());
        summary.put(PREFIX + "scope", process.scope());
        summary.put(PREFIX + "pid", Long.toString(process.pid()));
        summary.put(PREFIX + "started", Long.toString(process.startedMillis()));
        summary.put(PREFIX + "seen", seen.toString());
        summary.put(PREFIX + "released", Boolean.toString(released));
        return summary;
    }

    static OwnerRecord fromSummary(Map<String, String> summary) {
        if (!summary.containsKey(PREFIX + "epoch")) {
            return NOBODY;
        }
        return new OwnerRecord(
                Long.parseLong(summary.get(PREFIX + "epoch")),
                summary.get(PREFIX + "instance"),
                new ProcessIdentity(
                        summary.get(PREFIX + "host"),
                        summary.get(PREFIX + "scope"),
                        Long.parseLong(summary.get(PREFIX + "pid")),
                        Long.parseLong(summary.get(PREFIX + "started"))),
                Instant.parse(summary.get(PREFIX + "seen")),
                Boolean.parseBoolean(summary.get(PREFIX + "released")));
    }

    Duration silence(Instant now) {
        Duration silence = Duration.between(seen, now);
        return silence.isNegative() ? Duration.ZERO : silence;
    }

    /** Process, host and age, for people. */
    String describe(Instant now) {
        return "process " + process.pid() + " on host '" + process.host() + "', last seen "
                + silence(now).toSeconds() + " s ago";
    }
}
