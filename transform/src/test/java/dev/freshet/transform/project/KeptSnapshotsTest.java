package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.Model.Materialization;
import dev.freshet.transform.project.node.SnapshotHistory;
import dev.freshet.transform.project.node.SnapshotHistory.HardDeletes;
import dev.freshet.transform.project.node.SnapshotHistory.Strategy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which snapshots and seeds the service keeps, and what it takes from their settings. */
class KeptSnapshotsTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void project() {
        project = new ProjectOnDisk(directory).withSources();
    }

    @Test
    void aSnapshotOfACapturedTableIsAModelThatOthersReadWithoutCapturingItsTable() {
        snapshot(
                "source('shop', 'orders')",
                "unique_key: id, strategy: check, check_cols: [a], hard_deletes: new_record");
        project.model("below", "select * from {{ ref('history') }}");
        Project loaded = project.loadMaintained();
        Model kept = model(loaded, "history");
        assertThat(kept.materialization()).isEqualTo(Materialization.SNAPSHOT);
        assertThat(kept.route()).isEqualTo(Model.Route.MAINTAINED);
        assertThat(kept.keepsHistory()).isTrue();
        assertThat(kept.uniqueKey()).containsExactly("dbt_scd_id");
        SnapshotHistory history = kept.snapshot().orElseThrow();
        assertThat(history.strategy()).isEqualTo(Strategy.CHECK);
        assertThat(history.checked()).containsExactly("a");
        assertThat(history.hardDeletes()).isEqualTo(HardDeletes.NEW_RECORD);
        assertThat(model(loaded, "below").sql()).isEqualTo("select * from \"warehouse.analytics\".\"history\"");
        assertThat(loaded.sources()).noneMatch(source -> source.table().name().equals("history"));
        assertThat(project.load().models())
                .as("a one-shot command leaves it to dbt's materialization")
                .noneMatch(model -> model.name().equals("history"));
    }

    @Test
    void withATimeOfTheUsersTwoVersionsMayHaveOneId() {
        snapshot("source('shop', 'orders')", "unique_key: id, strategy: check, check_cols: all, updated_at: changed");
        Model kept = model(project.loadMaintained(), "history");
        assertThat(kept.uniqueKey()).isEmpty();
        assertThat(kept.snapshot().orElseThrow().checked()).isEmpty();
        assertThat(kept.snapshot().orElseThrow().hardDeletes()).isEqualTo(HardDeletes.IGNORE);
    }

    @Test
    void whatIsCapturedEndsWithItsRow() {
        snapshot("source('shop', 'orders')", "unique_key: id, strategy: captured");
        assertThat(model(project.loadMaintained(), "history")
                        .snapshot()
                        .orElseThrow()
                        .hardDeletes())
                .isEqualTo(HardDeletes.INVALIDATE);
        snapshot("source('shop', 'orders')", "unique_key: id, strategy: captured, hard_deletes: ignore");
        assertThat(model(project.loadMaintained(), "history")
                        .snapshot()
                        .orElseThrow()
                        .hardDeletes())
                .isEqualTo(HardDeletes.IGNORE);
        snapshot("source('shop', 'orders')", "unique_key: id, strategy: captured, hard_deletes: forget");
        assertThatThrownBy(project::loadMaintained)
                .hasMessageContaining("snapshots/s.yml")
                .hasMessageContaining("'hard_deletes' of snapshot 'history' can't be 'forget'");
    }

    @Test
    void capturedFollowsOneTableAsAWhole() {
        for (String query : List.of(
                "select id from {{ source('shop', 'orders') }}",
                "select * from {{ source('shop', 'orders') }} where id > 3",
                "select * from {{ source('shop', 'orders') }} join {{ source('crm', 'customers') }} using (id)",
                "select * from {{ ref('kept') }}")) {
            project.model("kept", "select * from {{ source('shop', 'orders') }}")
                    .file(
                            "snapshots/s.sql",
                            "{% snapshot history %}{{ config(unique_key='id', strategy='captured') }}" + query
                                    + "{% endsnapshot %}");
            assertThatThrownBy(project::loadMaintained)
                    .as(query)
                    .hasMessageContaining("snapshots/s.sql")
                    .hasMessageContaining("follows one captured table as a whole");
        }
    }

    @Test
    void whatReadsNothingCapturedAndWhatTheProjectKeepsBackIsDbts() {
        snapshot("source('dw', 'events')", "unique_key: id, strategy: check, check_cols: all");
        project.model("kept", "select * from {{ source('shop', 'orders') }}");
        assertThat(project.loadMaintained().models()).extracting(Model::name).containsExactly("kept");
        snapshot(
                "source('shop', 'orders')",
                "unique_key: id, strategy: check, check_cols: all, meta: {freshet: {maintain: false}}");
        assertThat(project.loadMaintained().models()).extracting(Model::name).containsExactly("kept");
    }

    @Test
    void aSeedThatSomethingMaintainedReadsIsAQuery() {
        project.file("seeds/codes.csv", "Id,name,share\n1,it's,0.5\n2,,1\n")
                .file("seeds/alone.csv", "id\n1\n")
                .model("m", "select * from {{ source('shop', 'orders') }} join {{ ref('codes') }} using (id)");
        Project loaded = project.loadMaintained();
        assertThat(loaded.models()).extracting(Model::name).containsExactly("codes", "m");
        assertThat(model(loaded, "codes").materialization()).isEqualTo(Materialization.SEED);
        assertThat(model(loaded, "codes").sql())
                .isEqualTo(
                        "select cast(c0 as integer) as \"id\", cast(c1 as text) as \"name\", cast(c2 as float8) as \"share\" from (values ('1', 'it''s', '0.5'),\n('2', null, '1')) as seed(c0, c1, c2)");
        assertThat(loaded.sources()).noneMatch(source -> source.table().name().equals("codes"));
        project.file("seeds/s.yml", "seeds: [{name: codes, config: {meta: {freshet: {maintain: false}}}}]\n");
        assertThat(project.loadMaintained().models()).extracting(Model::name).containsExactly("m");
        assertThat(project.loadMaintained().sources())
                .as("its table is captured then")
                .anyMatch(source -> source.table().name().equals("codes"));
    }

    private void snapshot(String relation, String config) {
        project.file(
                "snapshots/s.yml",
                "snapshots:\n  - name: history\n    relation: " + relation + "\n    config: {" + config + "}\n");
    }

    private static Model model(Project project, String name) {
        return project.models().stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
