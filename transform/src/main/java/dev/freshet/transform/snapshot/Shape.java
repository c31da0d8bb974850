package dev.freshet.transform.snapshot;

import dev.freshet.state.Column;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.StateNames;
import dev.freshet.state.TableSchema;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SnapshotHistory;
import dev.freshet.transform.project.node.SnapshotHistory.HardDeletes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The names that a snapshot's queries are made of.
 *
 * @param given the columns of its query
 * @param stored the columns of its table; empty before its first run
 */
record Shape(Model model, SnapshotHistory history, List<String> given, List<String> stored) {

    /** The time of the run, as dbt writes it. */
    static final String NOW = "now()::TIMESTAMP";

    static Shape of(Model model, SnapshotHistory history, TableSchema given, Optional<TableSchema> stored) {
        Shape shape =
                new Shape(model, history, names(given), stored.map(Shape::names).orElse(List.of()));
        shape.requireOwnColumns();
        return shape;
    }

    private static List<String> names(TableSchema schema) {
        return schema.columns().stream().map(Column::name).toList();
    }

    private void requireOwnColumns() {
        if (stored.isEmpty()) {
            return;
        }
        List<String> needed = new ArrayList<>(List.of(
                history.names().scdId(),
                history.names().updatedAt(),
                history.names().validFrom(),
                history.names().validTo()));
        if (keepsDeletes()) {
            needed.add(history.names().isDeleted());
        }
        needed.stream().filter(column -> !isStored(column)).findFirst().ifPresent(column -> {
            throw failed(
                    "its table has no column \"" + column
                            + "\", so that it is no table of such a snapshot: correct the snapshot's settings, or give the table another name");
        });
    }

    ModelFailedException failed(String why) {
        return new ModelFailedException(model.relation(), "snapshot '" + model.relation() + "': " + why, null);
    }

    boolean keepsDeletes() {
        return history.hardDeletes() == HardDeletes.NEW_RECORD;
    }

    boolean isStored(String column) {
        return stored.stream().anyMatch(column::equalsIgnoreCase);
    }

    String table() {
        return StateNames.relation(model.relation());
    }

    String scdId() {
        return StateNames.quote(history.names().scdId());
    }

    String updatedAt() {
        return StateNames.quote(history.names().updatedAt());
    }

    String validFrom() {
        return StateNames.quote(history.names().validFrom());
    }

    String validTo() {
        return StateNames.quote(history.names().validTo());
    }

    String isDeleted() {
        return StateNames.quote(history.names().isDeleted());
    }

    /** The condition that a stored row is current. */
    String isOpen(String row) {
        String end = row + "." + validTo();
        return "(" + end + " is null"
                + history.openEnd().map(open -> " or " + end + " = " + open).orElse("") + ")";
    }

    /** The end of a row that is current. */
    String openEnd(String time) {
        return history.openEnd().orElse("nullif(" + time + ", " + time + ")");
    }

    /** dbt's hash of several values. */
    static String hash(List<String> values) {
        return "md5("
                + values.stream()
                        .map(value -> "coalesce(cast(" + value + " as varchar), '')")
                        .collect(Collectors.joining(" || '|' || "))
                + ")";
    }

    static String list(String row, List<String> columns) {
        return columns.stream()
                .map(column -> row + "." + StateNames.quote(column))
                .collect(Collectors.joining(", "));
    }
}
