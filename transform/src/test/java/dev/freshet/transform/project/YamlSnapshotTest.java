package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots that are an entry of a properties file. */
class YamlSnapshotTest {

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void projectWithModels() {
        project = new ProjectOnDisk(directory).model("orders", "select 1 as id");
    }

    @Test
    void followsTheRelationThatItNames() {
        project.file(
                        "snapshots/more/s.yml",
                        """
                        snapshots:
                          - name: history
                            relation: ref('orders')
                            config: {schema: kept, unique_key: id, strategy: check, check_cols: all}
                            columns: [{name: id, data_tests: [not_null]}]
                        """)
                .model("m", "select * from {{ ref('history') }}");
        ParsedProject parsed = project.parse();
        Node snapshot = parsed.nodes().stream()
                .filter(node -> node.type() == ResourceType.SNAPSHOT)
                .findFirst()
                .orElseThrow();
        assertThat(snapshot.uniqueId()).isEqualTo("snapshot.demo.history");
        assertThat(snapshot.fqn()).containsExactly("demo", "more", "history");
        assertThat(snapshot.dependsOn()).containsExactly("model.demo.orders");
        assertThat(parsed.compiled(snapshot, Databases.none()))
                .isEqualTo("select * from \"dw\".\"analytics\".\"orders\"");
        assertThat(parsed.manifest().section("nodes").get("snapshot.demo.history"))
                .containsEntry("path", "history.sql")
                .containsEntry("original_file_path", "snapshots/more/s.yml")
                .containsEntry("raw_code", "select * from {{ ref('orders') }}")
                .containsEntry("schema", "analytics_kept");
        assertThat(project.model("m").sql()).isEqualTo("select * from \"dw\".\"analytics_kept\".\"history\"");
        assertThat(parsed.nodes()).extracting(Node::name).contains("not_null_history_id");
    }

    @Test
    void whatASnapshotLacksIsNamedWithItsPlace() {
        for (List<String> mistake : List.of(
                List.of("unique_key: id", "needs 'strategy' in its config"),
                List.of("strategy: check, check_cols: all", "needs 'unique_key' in its config"),
                List.of(
                        "strategy: check, uniqe_key: id, check_cols: all",
                        "needs 'unique_key' in its config; 'uniqe_key' is no setting: did you mean 'unique_key'?"),
                List.of("strategy: check, unique_key: id", "needs 'check_cols' in its config"),
                List.of("strategy: timestamp, unique_key: id", "needs 'updated_at' in its config"))) {
            project.file(
                    "snapshots/s.yml",
                    "snapshots:\n  - name: history\n    relation: ref('orders')\n    config: {" + mistake.get(0)
                            + "}\n");
            assertThatThrownBy(() -> project.parse())
                    .hasMessageContaining("snapshots/s.yml:2: snapshot 'history' " + mistake.get(1));
        }
        project.file(
                "snapshots/s.yml",
                "snapshots:\n  - name: history\n    relation: ref('order')\n    config: {strategy: check, unique_key: id, check_cols: all}\n");
        assertThatThrownBy(() -> project.parse())
                .hasMessageContaining(
                        "snapshots/s.yml:3: snapshot 'history' depends on a node named 'order' which was not found; did you mean 'orders'?");
    }
}
