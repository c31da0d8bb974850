package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.deploy.pipeline.ShopFixture;
import dev.freshet.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data tests that are watched: they hold nothing, and everybody who asks is told. */
class MonitoredTestsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void theyAreJudgedAfterAChangeAndToldByStatusMetricsAndTheirRows() throws Exception {
        try (ShopFixture shop =
                ShopFixture.create(directory, 100, "batch:\n  interval: 50ms\ntests:\n  interval: 100ms\n")) {
            shop.keepOnly(List.of());
            Files.writeString(
                    shop.project().resolve("models/people.yml"),
                    """
                    sources:
                      - {name: people_db, connection: crm, schema: public, tables: [{name: people, columns: [{name: id, data_tests: [not_null, unique]}]}]}
                    models:
                      - name: people
                        columns:
                          - name: email
                            data_tests:
                              - unique
                              - not_null: {config: {severity: warn}}
                              - accepted_values: {arguments: {values: [a, b, c]}, config: {error_if: "> 1", warn_if: "> 1"}}
                              - not_null: {name: gate_of_email, config: {meta: {freshet: {mode: gate}}}}
                    """);
            shop.model(
                    "people",
                    "{{ config(materialized='table', unique_key='id') }} select * from {{ source('people_db', 'people') }}");
            shop.execute(
                    shop.crm(),
                    "create table people (id int primary key, email text)",
                    "insert into people values (1, 'a'), (2, 'b')");
            try (RunningService service = new RunningService(shop)) {
                for (String test : List.of(
                        "source_unique_people_db_people_id",
                        "unique_people_email",
                        "not_null_people_email",
                        "accepted_values_people_email__a__b__c")) {
                    becomes(service, test, "pass");
                }
                OpenApiTest.assertFits(
                        service.status(), OpenApiTest.document().at("/components/schemas/Status"), "status");
                String judged = service.part("tests", "unique_people_email")
                        .path("judged_at")
                        .asText();

                shop.execute(shop.crm(), "insert into people values (3, 'a'), (4, 'x')");
                becomes(service, "unique_people_email", "fail");
                JsonNode failing = service.part("tests", "unique_people_email");
                assertThat(failing.path("failures").asLong()).isEqualTo(1);
                assertThat(failing.path("message").asText()).isEqualTo("got 1 result, configured to fail if != 0");
                assertThat(failing.path("mode").asText()).isEqualTo("monitor");
                assertThat(failing.path("holds")).isEmpty();
                assertThat(service.part("tests", "accepted_values_people_email__a__b__c")
                                .path("state")
                                .asText())
                        .as("one is not more than one")
                        .isEqualTo("pass");
                assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
                assertThat(service.part("targets", "warehouse").path("state").asText())
                        .as("a watched test holds nothing")
                        .isEqualTo("running");
                assertThat(service.get("/metrics").body())
                        .contains("freshet_test_state{mode=\"monitor\",state=\"fail\",test=\"unique_people_email\"} 1")
                        .contains("freshet_test_failures{test=\"unique_people_email\"} 1")
                        .contains("freshet_target_held{target=\"warehouse\"} 0");
                JsonNode rows = new ObjectMapper()
                        .readTree(service.post("/api/v1/failures", "{\"test\":\"unique_people_email\"}")
                                .body());
                OpenApiTest.assertFits(rows, OpenApiTest.document().at("/components/schemas/Failures"), "failures");
                assertThat(rows.path("rows").toString()).isEqualTo("[[\"a\",\"2\"]]");
                assertThat(service.post("/api/v1/failures", "{\"test\":\"unique_peeple\"}")
                                .body())
                        .contains("the service judges no test 'unique_peeple'");

                shop.execute(shop.crm(), "insert into people values (5, null), (6, 'y')");
                becomes(service, "not_null_people_email", "warn");
                becomes(service, "accepted_values_people_email__a__b__c", "fail");
                becomes(service, "gate_of_email", "fail");
                assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
                JsonNode target = service.part("targets", "warehouse");
                assertThat(target.path("state").asText()).isEqualTo("held");
                assertThat(target.path("problem").asText()).contains("gate test 'gate_of_email' fails since cut ");
                assertThat(service.get("/metrics").body()).contains("freshet_target_held{target=\"warehouse\"} 1");
                OpenApiTest.assertFits(
                        service.status(), OpenApiTest.document().at("/components/schemas/Status"), "status");

                shop.execute(shop.crm(), "delete from people where id in (3, 5)");
                becomes(service, "unique_people_email", "pass");
                becomes(service, "gate_of_email", "pass");
                assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
                assertThat(service.part("targets", "warehouse").path("state").asText())
                        .isEqualTo("running");
                String again = service.part("tests", "unique_people_email")
                        .path("judged_at")
                        .asText();
                assertThat(again).isNotEqualTo(judged);
                shop.execute(shop.crm(), "insert into tickets select * from tickets limit 0");
                assertThat(service.hosted().catchUp(PATIENCE)).isTrue();
                assertThat(service.part("tests", "unique_people_email")
                                .path("judged_at")
                                .asText())
                        .as("nothing it reads has changed")
                        .isEqualTo(again);
            }
        }
    }

    private static void becomes(RunningService service, String test, String state) {
        Await.until(
                test + " is " + state,
                PATIENCE,
                () -> service.part("tests", test).path("state").asText().equals(state));
    }
}
