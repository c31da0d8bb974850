package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.duckdb.DuckDbStateStore;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SnapshotHistory;
import dev.freshet.transform.project.node.SourceTable;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a captured snapshot keeps staging from folding. Nothing was delivered since the start. */
class FoldableTest {

    private static final TableId SEEN = new TableId("warehouse", "snapshots", "seen");
    private static final SourcePosition REACHED = new SourcePosition(100, "100");

    @TempDir
    Path directory;

    private final Set<TableId> readBack = new HashSet<>();
    private DuckDbStateStore store;
    private Foldable foldable;

    @BeforeEach
    void open() {
        store = DuckDbStateStore.open(new DuckDbConfig(
                directory.resolve("state.duckdb"),
                1L << 28,
                directory.resolve("spill"),
                1,
                1000,
                List.of(directory),
                Clock.systemUTC(),
                UUID::randomUUID));
        Project project = new Project(
                directory,
                directory.resolve("target"),
                "p",
                Map.of(),
                "warehouse",
                List.of(new SourceTable(
                        "source.p.crm.people", new TableId("crm", "public", "people"), Map.of(), "models/s.yml", 1)),
                List.of(snapshot()),
                List.of());
        foldable = new Foldable(project, store, Map.of(), () -> Set.copyOf(readBack));
        try (StateTransaction transaction = store.begin()) {
            transaction.commit(Map.of("crm", REACHED), store.cut().clock());
        }
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void oneThatNeverCameToRowsHoldsNothingBack() {
        assertThat(foldable.through()).containsExactly(Map.entry("crm", REACHED));
        assertThat(foldable.through()).containsExactly(Map.entry("crm", REACHED));
        assertThat(foldable.keptFor()).isEmpty();
    }

    @Test
    void oneThatIsReadBackFromItsTargetHoldsEverything() {
        readBack.add(SEEN);
        assertThat(foldable.through()).containsExactly(Map.entry("crm", SourcePosition.START));
        readBack.clear();
        assertThat(foldable.through())
                .as("its target turned out to have none")
                .containsExactly(Map.entry("crm", REACHED));
    }

    @Test
    void oneThatDoesNotComeOnIsNamed() {
        try (StateTransaction transaction = store.begin()) {
            var unused = transaction.recompute(SEEN, "select 1 as id", List.of());
            transaction.commit(Map.of(), store.cut().clock());
        }
        assertThat(foldable.through())
                .as("nobody knows yet what its target has")
                .containsExactly(Map.entry("crm", SourcePosition.START));
        assertThat(foldable.keptFor()).as("it may be on its way").isEmpty();
        assertThat(foldable.through()).containsExactly(Map.entry("crm", SourcePosition.START));
        assertThat(foldable.keptFor()).containsExactly(SEEN);
    }

    private static Model snapshot() {
        return new Model(
                "snapshot.p.seen",
                "seen",
                SEEN,
                Model.Materialization.SNAPSHOT,
                Model.Route.MAINTAINED,
                List.of("source.p.crm.people"),
                "select * from people",
                List.of("id"),
                List.of(),
                List.of("p", "seen"),
                "snapshots/s.yml",
                Optional.empty(),
                Optional.of(new SnapshotHistory(
                        SnapshotHistory.Strategy.CAPTURED,
                        List.of("id"),
                        Optional.empty(),
                        List.of(),
                        SnapshotHistory.HardDeletes.INVALIDATE,
                        Optional.empty(),
                        new SnapshotHistory.Names(
                                "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"))),
                false);
    }
}
