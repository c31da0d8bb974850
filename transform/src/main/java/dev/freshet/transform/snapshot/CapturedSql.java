package dev.freshet.transform.snapshot;

import static dev.freshet.state.StagedVersions.AT;
import static dev.freshet.state.StagedVersions.EVENT;
import static dev.freshet.state.StagedVersions.OP;
import static dev.freshet.state.StagedVersions.POSITION;
import static dev.freshet.state.StagedVersions.SEQUENCE;

import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.SnapshotHistory.HardDeletes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The strategy {@code captured}: each captured change of a row is a version, from its commit to that of the next one. For each key the current row, if there is
 * one, and the changes after it are put in order; a state that equals the one before it is no version, and each ends where the next one begins.
 *
 * <p>Versions know their place in the source's log, so that nothing is recorded twice and nothing older ends what is newer, whatever is replayed.
 * After a load, and after cycles that were missed, what the table's rows are now is the last state, since nobody knows how they became so.
 *
 * <p>A key whose rows have no place, because dbt wrote them, knows only the time: changes up to its newest version are in it already. So it is with all
 * keys when some place lies where the log has not come to yet: then it began anew (a restored backup, another server), and its places say nothing of
 * what was recorded before.
 */
final class CapturedSql {

    /** Where in the source's log a version began: the order of the versions of one transaction, and of replayed ones. */
    static final String LOG_POSITION = "dbt_log_position";

    /** NULL where a version began with a look at the whole table. */
    static final String LOG_SEQUENCE = "dbt_log_sequence";

    private static final String LAST = "9223372036854775807";

    private final Shape shape;
    private final TableId source;
    private final StagedVersions versions;
    private final boolean compares;
    private final List<String> key;

    /**
     * @param key the source table's
     * @param compares whether what the table holds now counts, too
     */
    CapturedSql(Shape shape, TableId source, List<String> key, StagedVersions versions, boolean compares) {
        this.shape = shape;
        this.source = source;
        this.key = key;
        this.versions = versions;
        this.compares = compares;
    }

    /** The history begins with what the rows are now. */
    String first() {
        return version("m", "m", Shape.NOW, open(), through(), "null::BIGINT", "False") + " from "
                + StateNames.relation(source) + " m";
    }

    /** What the batch brings: versions that came, and current rows that ended. */
    String continued() {
        List<String> parts = new ArrayList<>();
        parts.add(version("s", "s", "s." + AT, ended(), "s." + POSITION, "s." + SEQUENCE, "False")
                + " from freshet_timed s where s." + EVENT + " > 0 and s." + OP + " = 'w'");
        parts.add("select t.* replace (s.freshet_ended_at as " + shape.validTo() + (forgets() ? knownPlace() : "")
                + ") from freshet_stored t join freshet_timed s on s.freshet_id = t." + shape.scdId() + " where s."
                + EVENT + " = 0 and s.freshet_ended_at is not null");
        if (forgets()) {
            parts.add("select t.* replace (null::BIGINT as " + LOG_POSITION + ", null::BIGINT as " + LOG_SEQUENCE
                    + ") from " + shape.table() + " t where t." + LOG_POSITION + " > " + through() + " and t."
                    + shape.scdId() + " not in (select freshet_id from freshet_timed where " + EVENT
                    + " = 0 and freshet_ended_at is not null)");
        }
        if (shape.keepsDeletes()) {
            parts.add(version("s", "s.freshet_before", "s." + AT, ended(), "s." + POSITION, "s." + SEQUENCE, "True")
                    + " from freshet_timed s where s." + EVENT + " > 0 and s." + OP + " = 'd'");
        }
        return "with freshet_stored as materialized (select * from " + shape.table() + " o where " + shape.isOpen("o")
                + concerned() + "), freshet_events as materialized (" + events() + "), freshet_places as materialized ("
                + places()
                + (forgets() ? "), freshet_log as materialized (" + log() : "")
                + "), freshet_states as materialized (" + states() + "), freshet_timed as materialized (" + timed()
                + ") "
                + String.join(" union all by name ", parts);
    }

    /** Of the current rows, those that something happened to: few, unless the whole table is concerned. */
    private String concerned() {
        String all = StateNames.versions(source);
        return compares
                ? ""
                : " and ((" + keys() + ") in (select (" + keys() + ") from " + all + " where " + OP
                        + " <> 't') or exists (select 1 from " + all + " where " + OP + " = 't'))";
    }

    /** The beginning of a query for rows of the snapshot's table. */
    private String version(
            String row, String values, String since, String until, String position, String sequence, String isDeleted) {
        List<String> id = new ArrayList<>(
                key.stream().map(column -> row + "." + StateNames.quote(column)).toList());
        id.add(position);
        id.add(sequence);
        return "select "
                + shape.given().stream()
                        .map(column -> values + "." + StateNames.quote(column) + " as " + StateNames.quote(column))
                        .collect(Collectors.joining(", "))
                + ", " + Shape.hash(id) + " as " + shape.scdId() + ", " + since + " as " + shape.updatedAt() + ", "
                + since
                + " as " + shape.validFrom() + ", " + until + " as " + shape.validTo()
                + (shape.keepsDeletes() ? ", '" + isDeleted + "' as " + shape.isDeleted() : "") + ", " + position
                + " as "
                + LOG_POSITION + ", " + sequence + " as " + LOG_SEQUENCE;
    }

    private String through() {
        return versions.through().ordinal() + "::BIGINT";
    }

    private String open() {
        return shape.history().openEnd().orElse("null::TIMESTAMP");
    }

    private String ended() {
        return "coalesce(s.freshet_ended_at, " + open() + ")";
    }

    private String keys() {
        return key.stream().map(StateNames::quote).collect(Collectors.joining(", "));
    }

    private String sameKey(String left, String right) {
        return key.stream()
                .map(column -> left + "." + StateNames.quote(column) + " = " + right + "." + StateNames.quote(column))
                .collect(Collectors.joining(" and "));
    }

    /** Writes and deletes of single keys, in their order. */
    private String events() {
        List<String> parts = new ArrayList<>();
        List<String> touched = new ArrayList<>(List.of("select " + keys() + " from freshet_stored"));
        if (versions.events() > 0) {
            String all = StateNames.versions(source);
            touched.add("select " + keys() + " from " + all + " where " + OP + " <> 't'");
            parts.add(
                    "select * replace (" + AT + "::TIMESTAMP as " + AT + ") from " + all + " where " + OP + " <> 't'");
            // A truncation deletes every row that there is.
            parts.add("select k.*, t." + EVENT + ", 'd' as " + OP + ", t." + POSITION + ", t." + SEQUENCE + ", t." + AT
                    + "::TIMESTAMP as " + AT + " from " + all + " t cross join (" + String.join(" union ", touched)
                    + ") k where t." + OP + " = 't'");
        }
        if (compares) {
            String now = LAST + " as " + EVENT + ", '%s' as " + OP + ", " + through() + " as " + POSITION
                    + ", null::BIGINT as " + SEQUENCE + ", " + Shape.NOW + " as " + AT;
            String mirror = StateNames.relation(source);
            parts.add("select m.*, " + now.formatted("w") + " from " + mirror + " m");
            parts.add("select k.*, " + now.formatted("d") + " from (" + String.join(" union ", touched)
                    + ") k where not exists (select 1 from " + mirror + " m where " + sameKey("k", "m") + ")");
        }
        return String.join(" union all by name ", parts);
    }

    /** The newest place, and the newest time, that is recorded of each key that something happened to. */
    private String places() {
        String place = "{'p': coalesce(" + stored(LOG_POSITION) + ", -1), 's': coalesce(" + stored(LOG_SEQUENCE) + ", "
                + LAST + ")}";
        String ended =
                "case when not " + shape.isOpen("o") + " then try_cast(o." + shape.validTo() + " as timestamp) end";
        return "select " + keys() + ", max(case when " + stored(LOG_POSITION) + " is not null"
                + " then " + place
                + " end) as place, max(greatest(try_cast(o."
                + shape.validFrom() + " as timestamp), " + ended + ")) as seen from " + shape.table()
                + " o semi join freshet_events e on " + sameKey("o", "e") + " group by all";
    }

    /** Places beyond the log's end are forgotten, before the log comes there again. */
    private boolean forgets() {
        return compares && shape.isStored(LOG_POSITION);
    }

    /** Whether some place lies where the log has not come to yet. */
    private String log() {
        return "select coalesce(bool_or(" + LOG_POSITION + " > " + through() + "), false) as began_anew from "
                + shape.table();
    }

    private String knownPlace() {
        return Stream.of(LOG_POSITION, LOG_SEQUENCE)
                .map(column -> ", case when t." + LOG_POSITION + " <= " + through() + " then t." + column + " end as "
                        + column)
                .collect(Collectors.joining());
    }

    /**
     * The condition that an event is not recorded yet. Where the rows are compared with what they are now, that is looked at whatever is recorded; so the
     * clocks of an application and of its database need not agree for the last state to be right.
     */
    private String isNew() {
        String place = forgets() ? "case when not l.began_anew then k.place end" : "k.place";
        String after = "(" + place + " is null or {'p': e." + POSITION + ", 's': coalesce(e." + SEQUENCE + ", " + LAST
                + ")} > " + place + ")";
        return compares
                ? "(e." + EVENT + " = " + LAST + " or " + after + " and (" + place
                        + " is not null or k.seen is null or e." + AT + " > k.seen))"
                : after;
    }

    /** A table that dbt built has no places. */
    private String stored(String column) {
        return shape.isStored(column) ? "o." + column : "null::BIGINT";
    }

    /** The current rows, as events before all others, and what happened after them. */
    private String states() {
        String isDeletion = shape.keepsDeletes()
                ? "case when coalesce(lower(cast(o." + shape.isDeleted()
                        + " as varchar)), '') = 'true' then 'd' else 'w' end"
                : "'w'";
        return "select e.*, null::VARCHAR as freshet_id from freshet_events e left join freshet_places k on "
                + sameKey("e", "k") + (forgets() ? " cross join freshet_log l" : "") + " where " + isNew()
                + (shape.history().hardDeletes() == HardDeletes.IGNORE ? " and e." + OP + " = 'w'" : "")
                + " union all by name select "
                + Shape.list("o", shape.given().stream().filter(shape::isStored).toList()) + ", 0 as " + EVENT + ", "
                + isDeletion + " as " + OP + ", cast(o." + shape.scdId()
                + " as varchar) as freshet_id from freshet_stored o semi join freshet_events e on " + sameKey("o", "e");
    }

    /** Each state that differs from the one before it, with the time at which the next one began. */
    private String timed() {
        String values = shape.given().stream()
                .map(column -> StateNames.quote(column) + " := " + StateNames.quote(column))
                .collect(Collectors.joining(", ", "struct_pack(", ")"));
        String inOrder = " over (partition by " + keys() + " order by " + EVENT + ")";
        String following = "select *, " + values + " as freshet_values, lag(" + values + ")" + inOrder
                + " as freshet_before, lag(" + OP + ")" + inOrder + " as freshet_before_op from freshet_states";
        String turns = "select * from (" + following + ") where " + EVENT + " = 0 or not (" + OP
                + " = 'w' and freshet_before_op is not distinct from 'w' and freshet_values is not distinct from freshet_before) and not ("
                + OP + " = 'd' and coalesce(freshet_before_op, 'd') = 'd')";
        return "select *, lead(" + AT + ")" + inOrder + " as freshet_ended_at from (" + turns + ")";
    }
}
