package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Accumulation.MergedColumns;
import dev.freshet.state.Accumulation.OnSchemaChange;
import dev.freshet.state.Accumulation.Strategy;
import dev.freshet.transform.project.node.Model;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** dbt's settings of incremental models, as the service takes them. */
class HistoryConfigTest {

    private static final String QUERY =
            "select id from {{ source('shop', 'orders') }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}";

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void project() {
        project = new ProjectOnDisk(directory).withSources();
    }

    @Test
    void rendersTheFirstRunAndTheLaterOnes() {
        Model model = load("unique_key='id'");
        Accumulation history = model.history().orElseThrow();
        assertThat(history.first())
                .isEqualTo("select id from \"shop.public\".\"orders\"")
                .isEqualTo(model.sql());
        assertThat(history.continued())
                .isEqualTo(
                        "select id from \"shop.public\".\"orders\" where id > (select max(id) from \"warehouse.analytics\".\"m\")");
        assertThat(history.strategy()).isEqualTo(Strategy.DELETE_INSERT);
        assertThat(history.onSchemaChange()).isEqualTo(OnSchemaChange.IGNORE);
        assertThat(model.uniqueKey())
                .as("a key of delete+insert may be shared by many rows")
                .isEmpty();
    }

    @Test
    void withoutAKeyEveryStrategyAppends() {
        assertThat(load("").history().orElseThrow().strategy()).isEqualTo(Strategy.APPEND);
        assertThat(load("incremental_strategy='merge'").history().orElseThrow().strategy())
                .isEqualTo(Strategy.APPEND);
    }

    @Test
    void mergesByAKeyOfSeveralColumns() {
        Model model = load(
                "incremental_strategy='merge', unique_key=['id', 'day'], merge_exclude_columns=['x'], on_schema_change='sync_all_columns'");
        assertThat(model.uniqueKey()).containsExactly("id", "day");
        assertThat(model.history().orElseThrow().merged())
                .isEqualTo(new MergedColumns(java.util.List.of(), java.util.List.of("x")));
        assertThat(model.history().orElseThrow().onSchemaChange()).isEqualTo(OnSchemaChange.SYNC_ALL_COLUMNS);
    }

    @Test
    void aModelThatIsAlwaysRefreshedInFullKeepsNoHistory() {
        Model model = load("full_refresh=true");
        assertThat(model.history()).isEmpty();
        assertThat(model.sql()).doesNotContain("max(id)");
    }

    @Test
    void whatCannotBeKeptIsRefusedAtItsPlace() {
        assertThatThrownBy(
                        () -> load(
                                "incremental_strategy='microbatch', unique_key='id', event_time='at', begin='2024-01-01', batch_size='day'"))
                .hasMessageContaining("models/m.sql")
                .hasMessageContaining("incremental_strategy 'microbatch'")
                .hasMessageContaining("maintain: false");
        assertThatThrownBy(() -> load("unique_key='id', incremental_predicates=['id > 3']"))
                .hasMessageContaining("'incremental_predicates'");
        assertThatThrownBy(() -> load("on_schema_change='ignored'"))
                .hasMessageContaining("can't be 'ignored'")
                .hasMessageContaining("ignore");
    }

    private Model load(String settings) {
        String config = settings.isEmpty() ? "" : ", " + settings;
        project.model("m", "{{ config(materialized='incremental'" + config + ") }}" + QUERY);
        return ProjectOnDisk.find(project.loadMaintained(), "m");
    }
}
