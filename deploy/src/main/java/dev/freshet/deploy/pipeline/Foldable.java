package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.Publisher;
import dev.freshet.publisher.Receipt;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.Model;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.SourceTable;
import dev.freshet.transform.snapshot.SnapshotKeeper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How far staging may fold changes into rows: as far as the state store has them; but those of a source that a captured snapshot follows only as far as
 * the snapshot has come, which may be held, and its target has it, which would otherwise miss them if the state store were lost.
 */
final class Foldable {

    private final StateStore store;
    private final Map<String, Publisher> publishers;
    /** Captured snapshots by the source that they follow. */
    private final Map<String, List<TableId>> followers = new TreeMap<>();

    Foldable(Project project, StateStore store, Map<String, Publisher> publishers) {
        this.store = store;
        this.publishers = publishers;
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
        Map<String, SourcePosition> through = new HashMap<>(store.cut().positions());
        if (!followers.isEmpty()) {
            try (StateSnapshot state = store.read()) {
                followers.forEach((source, snapshots) -> snapshots.forEach(snapshot -> {
                    SourcePosition kept = state.output(snapshot)
                            .map(output -> output.maintainedAt().position(source))
                            .orElse(SourcePosition.START);
                    through.computeIfPresent(
                            source, (name, reached) -> earlier(reached, earlier(kept, delivered(snapshot, source))));
                }));
            }
        }
        return through;
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
