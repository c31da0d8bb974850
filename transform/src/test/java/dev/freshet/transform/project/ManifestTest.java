package dev.freshet.transform.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.freshet.transform.project.node.Node;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** manifest.json: valid, complete, and with the ids and checksums of dbt. */
class ManifestTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private ProjectOnDisk project;

    @BeforeEach
    void aProjectWithABitOfEverything() {
        project = new ProjectOnDisk(directory)
                .file(
                        "dbt_project.yml",
                        """
                        name: demo
                        profile: demo
                        models: {demo: {+persist_docs: {relation: true}}}
                        """)
                .file("seeds/raw_customers.csv", "id,name\n1,Ada\n")
                .file("models/docs.md", "{% docs status %}One of *three*.{% enddocs %}\n")
                .file("macros/m.sql", "{% macro cents(x) %}{{ x }} / 100{% endmacro %}")
                .file("tests/positive.sql", "select * from {{ ref('customers') }} where id < 0")
                .file("analyses/a.sql", "select * from {{ ref('customers') }}")
                .file(
                        "snapshots/s.sql",
                        "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}select * from {{ ref('raw_customers') }}{% endsnapshot %}")
                .file("models/off.sql", "{{ config(enabled=false) }} select 1")
                .file(
                        "models/marts/customers.sql",
                        "{{ config(materialized='table', tags=['x'], post_hook='select 1') }}select id, {{ cents('amount') }} as a from {{ ref('raw_customers') }} join {{ source('shop', 'orders') }} using (id)\n")
                .file("models/marts/old_v1.sql", "select 1 as id")
                .file("models/marts/old_v2.sql", "select 2 as id")
                .file(
                        "models/marts/schema.yml",
                        """
                        version: 2
                        sources:
                          - name: shop
                            loaded_at_field: at
                            freshness: {warn_after: {count: 12, period: hour}}
                            tables:
                              - name: orders
                                columns: [{name: id, data_tests: [unique]}]
                        models:
                          - name: customers
                            description: "{{ doc('status') }}"
                            access: public
                            group: crm
                            columns:
                              - name: id
                                description: The key
                                data_type: int
                                constraints: [{type: not_null}]
                                tests:
                                  - unique
                                  - not_null: {severity: warn}
                                  - accepted_values: {arguments: {values: [1, 2], quote: false}}
                                  - relationships: {to: ref('raw_customers'), field: id}
                          - name: old
                            latest_version: 2
                            versions: [{v: 1, deprecation_date: 2026-01-01}, {v: 2}]
                        groups: [{name: crm, owner: {name: Ada}}]
                        exposures:
                          - name: board
                            type: dashboard
                            maturity: high
                            owner: {email: a@b.c}
                            depends_on: [ref('customers'), "source('shop', 'orders')"]
                        unit_tests:
                          - name: adds
                            model: customers
                            given:
                              - input: ref('raw_customers')
                                rows: [{id: 1}]
                              - {input: "source('shop', 'orders')", format: csv, rows: "id,amount\\n1,200"}
                            expect: {rows: [{id: 1, a: 2}]}
                        macros: [{name: cents, description: Money, arguments: [{name: x, type: string}]}]
                        """);
    }

    @Test
    void isValidAndHasEveryKey() throws IOException {
        JsonNode manifest = written();
        try (InputStream schema = getClass().getResourceAsStream("/dbt/manifest-v12.json")) {
            JsonNode description = JSON.readTree(schema);
            Set<ValidationMessage> problems = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(description)
                    .validate(manifest);
            assertThat(problems).isEmpty();
            assertThat(missing(description, manifest)).isEmpty();
        }
    }

    /** Downstream packages read keys that the schema does not require. */
    private static List<String> missing(JsonNode description, JsonNode manifest) {
        List<String> missing = new ArrayList<>();
        for (String section : List.of("nodes", "sources", "macros", "docs", "exposures", "groups", "unit_tests")) {
            JsonNode wanted = description.path("properties").path(section).path("additionalProperties");
            manifest.path(section).properties().forEach(entry -> {
                JsonNode kind = wanted;
                for (JsonNode candidate : wanted.path("anyOf")) {
                    boolean isGeneric = candidate.path("properties").has("test_metadata");
                    boolean isSame = candidate
                            .path("properties")
                            .path("resource_type")
                            .path("const")
                            .equals(entry.getValue().path("resource_type"));
                    if (isSame && isGeneric == entry.getValue().has("test_metadata")) {
                        kind = candidate;
                    }
                }
                kind.path("properties").fieldNames().forEachRemaining(key -> {
                    if (!entry.getValue().has(key)) {
                        missing.add(entry.getKey() + ": " + key);
                    }
                });
            });
        }
        return missing;
    }

    @Test
    void namesNodesAsDbtDoes() throws IOException {
        Set<String> ids = new TreeSet<>();
        JsonNode manifest = written();
        for (String section : List.of("nodes", "sources", "exposures", "groups", "unit_tests", "docs")) {
            manifest.path(section).fieldNames().forEachRemaining(ids::add);
        }
        assertThat(ids)
                .containsExactly(
                        "analysis.demo.a",
                        "doc.demo.status",
                        "exposure.demo.board",
                        "group.demo.crm",
                        "model.demo.customers",
                        "model.demo.old.v1",
                        "model.demo.old.v2",
                        "seed.demo.raw_customers",
                        "snapshot.demo.history",
                        "source.demo.shop.orders",
                        "test.demo.accepted_values_customers_id__False__1__2.1233dc8132",
                        "test.demo.not_null_customers_id.422908bfae",
                        "test.demo.positive",
                        "test.demo.relationships_customers_id__id__ref_raw_customers_.e9f932c7ac",
                        "test.demo.source_unique_shop_orders_id.58eb404101",
                        "test.demo.unique_customers_id.70f3d3fd20",
                        "unit_test.demo.customers.adds");
        assertThat(manifest.path("disabled").path("model.demo.off").size()).isEqualTo(1);
    }

    /** The ids that dbt gives the tests of its own example, as its published manifests have them. */
    @Test
    void hashesTestsAsDbtDoes() {
        project.model("orders", "select 1 as order_id")
                .file(
                        "models/shop.yml",
                        """
                        models:
                          - name: customers
                            columns: [{name: customer_id, tests: [unique, not_null]}]
                          - name: orders
                            columns:
                              - name: customer_id
                                tests: [{relationships: {to: ref('customers'), field: customer_id}}]
                              - name: status
                                tests:
                                  - accepted_values:
                                      values: ['placed', 'shipped', 'completed', 'return_pending', 'returned']
                        """)
                .file("models/marts/schema.yml", "sources: [{name: shop, tables: [{name: orders}]}]");
        assertThat(project.parse().nodes())
                .extracting(Node::uniqueId)
                .contains(
                        "test.demo.unique_customers_customer_id.c5af1ff4b1",
                        "test.demo.not_null_customers_customer_id.5c9bf9911d",
                        "test.demo.relationships_orders_customer_id__customer_id__ref_customers_.c6ec7f58f2",
                        "test.demo.accepted_values_orders_status__placed__shipped__completed__return_pending__returned.be6b5b5ec3");
    }

    @Test
    void saysWhatANodeIs() throws IOException {
        JsonNode customers = written().path("nodes").path("model.demo.customers");
        assertThat(customers.path("description").asText()).isEqualTo("One of *three*.");
        assertThat(customers.path("relation_name").asText()).isEqualTo("\"dw\".\"analytics\".\"customers\"");
        assertThat(customers.path("depends_on").toString())
                .isEqualTo(
                        "{\"macros\":[\"macro.demo.cents\"],\"nodes\":[\"seed.demo.raw_customers\",\"source.demo.shop.orders\"]}");
        assertThat(customers.path("config").path("post-hook").toString())
                .isEqualTo("[{\"sql\":\"select 1\",\"transaction\":true,\"index\":null}]");
        assertThat(customers.path("group").asText()).isEqualTo("crm");
        assertThat(customers.path("patch_path").asText()).isEqualTo("demo://models/marts/schema.yml");
        assertThat(customers.path("columns").path("id").path("data_type").asText())
                .isEqualTo("int");
        // SHA-256 of the file without its outer space, as dbt hashes it.
        assertThat(customers.path("checksum").path("checksum").asText())
                .isEqualTo("13cbf448b7b6d8a7a0ec8b5aff71f65b3ebd7eaf239705ef5ab6732fab120aab");
    }

    @Test
    void templatesSeeItAsGraph() {
        project.model(
                "m",
                "{% if execute %}{% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') %}{{ node.unique_id }}{% endfor %} {{ graph.sources | length }} {{ graph.exposures['exposure.demo.board'].type }}{% endif %}");
        assertThat(project.model("m").sql()).isEqualTo("seed.demo.raw_customers 1 dashboard");
    }

    @Test
    void mistakesInPropertiesAreNamed() {
        project.file(
                "models/x.yml",
                """
                exposures:
                  - {name: e, type: dashbord, owner: {name: A}}
                  - name: f
                    type: ml
                    owner: {name: A}
                    depends_on:
                      - ref('custmers')
                unit_tests: [{name: u, model: custmers, expect: {rows: []}}]
                models:
                  - name: off
                    description: "{{ doc('statis') }}"
                """);
        assertThatThrownBy(() -> project.parse())
                .hasMessageContaining("models/x.yml:2: 'dashbord' is not a type of exposure; did you mean 'dashboard'?")
                .hasMessageContaining(
                        "models/x.yml:7: exposure 'f' depends on a node named 'custmers' which was not found; did you mean 'customers'?")
                .hasMessageContaining(
                        "models/x.yml:8: unit test 'u' depends on a node named 'custmers' which was not found; did you mean 'customers'?");
    }

    private JsonNode written() throws IOException {
        project.parse().manifest().write(directory.resolve("target"));
        return JSON.readTree(directory.resolve("target/manifest.json").toFile());
    }
}
