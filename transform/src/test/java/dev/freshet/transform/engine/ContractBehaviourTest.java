package dev.freshet.transform.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Columns that are promised: what dbt's adapter tests ask of contracts. */
class ContractBehaviourTest extends AdapterBehaviour {

    @ParameterizedTest
    @EnumSource
    void viewsAndIncrementalModelsKeepThemToo(Warehouse warehouse) {
        open(warehouse);
        String yaml =
                "models: [{name: m, config: {contract: {enforced: true}}, columns: [{name: id, data_type: int}, {name: Name, data_type: text, quote: true, constraints: [{type: not_null}]}%s]}]";
        String incremental = "{{ config(materialized='incremental', on_schema_change='append_new_columns') }} ";
        run.file("models/m.yml", yaml.formatted("")).model("m", "select 'a' as \"Name\", 1 as id");
        succeeds();
        run.model("m", incremental + "select 'a' as \"Name\", 1 as id");
        succeeds();
        run.model("m", incremental + "select 2 as id, 'b' as \"Name\"");
        succeeds();
        assertThat(run.query("select id, \"Name\" from lake.m order by id")).containsExactly("1 a", "2 b");
        run.model("m", incremental + "select 3 as id, cast(null as text) as \"Name\"");
        assertThat(run.build()).anyMatch(line -> line.startsWith("m error Database Error"));
        run.file("models/m.yml", yaml.formatted(", {name: more, data_type: int}"))
                .model("m", incremental + "select 4 as id, 'd' as \"Name\", 5 as more");
        succeeds();
        assertThat(run.query("select id, more from lake.m order by id")).containsExactly("1 null", "2 null", "4 5");
    }

    @ParameterizedTest
    @EnumSource
    void whatDiffersIsNamed(Warehouse warehouse) {
        open(warehouse);
        run.file(
                "models/m.yml",
                "models: [{name: m, config: {contract: {enforced: true}}, columns: [{name: id, data_type: int}, {name: name, data_type: text}]}]");
        for (String wrong : List.of(
                "select 1 as id",
                "select 1 as id, 'a' as nam",
                "select 'x' as id, 'a' as name",
                "select 1 as id, 'a' as name, 2 as more")) {
            run.model("m", TABLE + wrong);
            assertThat(run.build())
                    .as(wrong)
                    .singleElement()
                    .asString()
                    .contains("m error Compilation Error", "enforced contract");
        }
        run.model("m", TABLE + "select 1 as id, 'a' as name")
                .file(
                        "models/m.yml",
                        "models: [{name: m, config: {contract: {enforced: true}}, columns: [{name: id}]}]");
        assertThat(run.build())
                .singleElement()
                .asString()
                .contains("needs a data_type for each column")
                .contains("id");
        assertThat(run.relations("lake")).isEmpty();
    }
}
