package dev.freshet.transform.project.node;

import java.util.List;
import java.util.Optional;

/**
 * How the service keeps a snapshot: dbt's settings.
 *
 * @param key the columns or expressions that identify a row of the query
 * @param updatedAt the column or expression that says when a row was changed; for {@link Strategy#CHECK} empty for the time of the run
 * @param checked the columns that are compared, empty for all
 * @param openEnd what {@code dbt_valid_to} of a current row holds, as SQL; empty for NULL
 */
public record SnapshotHistory(
        Strategy strategy,
        List<String> key,
        Optional<String> updatedAt,
        List<String> checked,
        HardDeletes hardDeletes,
        Optional<String> openEnd,
        Names names) {

    public SnapshotHistory {
        key = List.copyOf(key);
        checked = List.copyOf(checked);
    }

    /** What tells that a row changed. */
    public enum Strategy {
        TIMESTAMP,
        CHECK,
        /** Its captured changes, each of which is a version. */
        CAPTURED
    }

    /** What becomes of a row that its query gives no more. */
    public enum HardDeletes {
        /** It stays current. */
        IGNORE,
        /** It ends. */
        INVALIDATE,
        /** It ends, and another row says that it is deleted. */
        NEW_RECORD
    }

    /** What the columns that are added are called. */
    public record Names(String scdId, String updatedAt, String validFrom, String validTo, String isDeleted) {}

    /** The columns that identify a row of the table. With a time of the user's own, two versions may have one id. */
    public List<String> uniqueKey() {
        return strategy == Strategy.CHECK && updatedAt.isPresent() ? List.of() : List.of(names.scdId());
    }
}
