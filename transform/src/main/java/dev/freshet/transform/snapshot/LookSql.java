package dev.freshet.transform.snapshot;

import dev.freshet.state.StateNames;
import dev.freshet.transform.project.node.SnapshotHistory.HardDeletes;
import dev.freshet.transform.project.node.SnapshotHistory.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * dbt's timestamp and check strategies: what a look at the query's rows brings to the snapshot's table. New versions and the rows that end with them come
 * out as rows of the table, by whose id they replace what is there.
 */
final class LookSql {

    private final Shape shape;
    private final List<String> keys = new ArrayList<>();
    private final String matches;

    LookSql(Shape shape) {
        this.shape = shape;
        List<String> same = new ArrayList<>();
        for (int i = 0; i < shape.history().key().size(); i++) {
            keys.add("freshet_key_" + i);
            same.add("t.freshet_key_" + i + " = s.freshet_key_" + i);
        }
        this.matches = String.join(" and ", same);
    }

    private String updatedAt() {
        return shape.history().updatedAt().orElse(Shape.NOW);
    }

    private String scdId() {
        List<String> parts = new ArrayList<>(shape.history().key());
        parts.add(updatedAt());
        return Shape.hash(parts);
    }

    /** The rows of the first look. */
    String first() {
        return "select *, " + scdId() + " as " + shape.scdId() + ", " + updatedAt() + " as " + shape.updatedAt() + ", "
                + updatedAt() + " as " + shape.validFrom() + ", " + shape.openEnd(updatedAt()) + " as "
                + shape.validTo() + (shape.keepsDeletes() ? ", 'False' as " + shape.isDeleted() : "") + " from (\n"
                + shape.model().sql() + "\n)";
    }

    /** What a later look brings. */
    String continued() {
        List<String> parts = new ArrayList<>();
        parts.add("select * from freshet_came");
        parts.add("select * exclude (freshet_ended_at, " + keyNames() + ") replace (freshet_ended_at as "
                + shape.validTo() + ") from freshet_ended");
        if (shape.keepsDeletes()) {
            parts.add(deletions());
        }
        if (shape.model().uniqueKey().isEmpty()) {
            // Another version may have the id of one that is touched: it stays.
            parts.add(
                    "select o.* from " + shape.table() + " o where not " + shape.isOpen("o") + " and o." + shape.scdId()
                            + " in (select " + shape.scdId() + " from freshet_came union all select " + shape.scdId()
                            + " from freshet_ended)");
        }
        return "with freshet_source as materialized (select *, " + keyColumns() + ", " + updatedAt()
                + " as freshet_updated_at, " + scdId() + " as freshet_scd_id from (\n"
                + shape.model().sql()
                + "\n)), freshet_stored as (select *, " + keyColumns() + " from " + shape.table() + " o where "
                + shape.isOpen("o") + "), freshet_came as (" + came() + "), freshet_ended as (" + ended() + ") "
                + String.join(" union all by name ", parts);
    }

    private String keyColumns() {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            columns.add("(" + shape.history().key().get(i) + ") as " + keys.get(i));
        }
        return String.join(", ", columns);
    }

    private String keyNames() {
        return String.join(", ", keys);
    }

    private String came() {
        return "select " + Shape.list("s", shape.given()) + ", s.freshet_scd_id as " + shape.scdId()
                + ", s.freshet_updated_at as " + shape.updatedAt() + ", s.freshet_updated_at as " + shape.validFrom()
                + ", " + shape.openEnd("s.freshet_updated_at") + " as " + shape.validTo()
                + (shape.keepsDeletes() ? ", 'False' as " + shape.isDeleted() : "")
                + " from freshet_source s left join freshet_stored t on " + matches
                + " where t.freshet_key_0 is null or "
                + changed();
    }

    private String ended() {
        String ended =
                "select t.*, s.freshet_updated_at as freshet_ended_at from freshet_stored t join freshet_source s on "
                        + matches + " where " + changed();
        return shape.history().hardDeletes() == HardDeletes.IGNORE
                ? ended
                : ended + " union all by name select t.*, " + Shape.NOW + " as freshet_ended_at from " + gone();
    }

    /** Rows that are not given any more and not known for it. */
    private String gone() {
        return "freshet_stored t left join freshet_source s on " + matches + " where s.freshet_key_0 is null"
                + (shape.keepsDeletes() ? " and not " + isDeletion("t") : "");
    }

    private String deletions() {
        List<String> kept = shape.given().stream().filter(shape::isStored).toList();
        return "select " + Shape.list("t", kept) + ", " + Shape.hash(List.of("t." + shape.scdId(), Shape.NOW)) + " as "
                + shape.scdId() + ", " + Shape.NOW + " as " + shape.updatedAt() + ", " + Shape.NOW + " as "
                + shape.validFrom() + ", t." + shape.validTo() + ", 'True' as " + shape.isDeleted() + " from " + gone();
    }

    private String isDeletion(String row) {
        return "coalesce(lower(cast(" + row + "." + shape.isDeleted() + " as varchar)), '') = 'true'";
    }

    private String changed() {
        String changed = shape.history().strategy() == Strategy.TIMESTAMP
                ? "t." + shape.validFrom() + " < s.freshet_updated_at"
                : differs();
        return "(" + changed + (shape.keepsDeletes() ? " or " + isDeletion("t") : "") + ")";
    }

    /** A column that the table does not have yet makes every row another one, as in dbt. */
    private String differs() {
        List<String> wanted = shape.history().checked();
        List<String> compared = shape.given().stream()
                .filter(column -> wanted.isEmpty() || wanted.stream().anyMatch(column::equalsIgnoreCase))
                .toList();
        return compared.isEmpty()
                ? "false"
                : compared.stream()
                        .map(column -> shape.isStored(column)
                                ? "t." + StateNames.quote(column) + " is distinct from s." + StateNames.quote(column)
                                : "true")
                        .collect(Collectors.joining(" or "));
    }
}
