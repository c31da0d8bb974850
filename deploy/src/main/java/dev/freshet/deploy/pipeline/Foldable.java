package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.Receipt;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StoredOutput;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import dev.freshet.transform.snapshot.SnapshotKeeper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * How far staging may fold changes into rows: as far as the state store has them; but those of a source that a captured snapshot follows only as far as
 * the snapshot has come, which may be held, and its target has it, which would otherwise miss them if the state store were lost. One that has never come to
 * rows has no history to lose. Used by one thread, but for {@link #keptFor}.
 */
final class Foldable {

    private final StateStore store;
    private final Map<String, Publisher> publishers;
    /** Captured snapshots by the source that they follow. */
    private final Map<String, List<TableId>> followers = new TreeMap<>();

    private final Supplier<Set<TableId>> readBack;
    /** Where each that was late stood at the last look. */
    private Map<TableId, SourcePosition> behind = Map.of();

    private volatile List<TableId> keptFor = List.of();

    /** @param readBack tables whose rows, not in the state store yet, are read from their targets */
    Foldable(Project project, StateStore store, Map<String, Publisher> publishers, Supplier<Set<TableId>> readBack) {
        this.store = store;
        this.publishers = publishers;
        this.readBack = readBack;
        Map<String, String> connections = new HashMap<>();
        project.sources()
                .forEach((SourceTable source) ->
                        connections.put(source.uniqueId(), source.table().connection()));
        for (Model model : project.models()) {
            if (SnapshotKeeper.isCaptured(model)) {
                model.dependsOn().stream()
                        .map(connections::get)
                        .filter(connection -> connection != null)
                        .forEach(connection ->
                                followers.merge(connection, List.of(model.relation()), Foldable::together));
            }
        }
    }

    private static List<TableId> together(List<TableId> some, List<TableId> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    /** By source. */
    Map<String, SourcePosition> through() {
        Map<String, SourcePosition> reached = store.cut().positions();
        if (followers.isEmpty()) {
            return reached;
        }
        Map<String, SourcePosition> through = new HashMap<>(reached);
        Map<TableId, SourcePosition> late = new TreeMap<>();
        // Before the state is read: what is continued in between is seen there.
        Set<TableId> expected = readBack.get();
        try (StateSnapshot state = store.read()) {
            reached.forEach((source, position) -> {
                for (TableId snapshot : followers.getOrDefault(source, List.of())) {
                    Optional<StoredOutput> rows = state.output(snapshot);
                    if (rows.isPresent() || expected.contains(snapshot)) {
                        SourcePosition kept = rows.map(
                                        output -> output.maintainedAt().position(source))
                                .orElse(SourcePosition.START);
                        SourcePosition come = earlier(kept, delivered(snapshot, source));
                        through.merge(source, come, Foldable::earlier);
                        if (position.isAfter(come)) {
                            late.put(snapshot, come);
                        }
                    }
                }
            });
        }
        keptFor = late.keySet().stream()
                .filter(snapshot -> late.get(snapshot).equals(behind.get(snapshot)))
                .toList();
        behind = late;
        return through;
    }

    /** The snapshots that staging keeps changes for, since they did not come on between the last two looks. Any thread may ask. */
    List<TableId> keptFor() {
        return keptFor;
    }

    /** Unknown until the first delivery since the start has told. */
    private SourcePosition delivered(TableId snapshot, String source) {
        return Optional.ofNullable(publishers.get(snapshot.connection()))
                .flatMap(publisher -> publisher.status().lastDelivery())
                .map(Delivery::receipt)
                .filter(receipt -> receipt.tables().stream()
                        .anyMatch(table -> table.table().equals(snapshot) && table.method() != Receipt.Method.HELD))
                .map(receipt -> receipt.cut().position(source))
                .orElse(SourcePosition.START);
    }

    private static SourcePosition earlier(SourcePosition one, SourcePosition other) {
        return one.isAfter(other) ? other : one;
    }
}
