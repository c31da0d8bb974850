package dev.freshet.deploy.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What 'freshet status' prints of staging and of data tests, and the rows at which one fails. */
class StatusTableTest {

    @Test
    void testsThatFailAreNamedWithWhatTheyHoldAndTheOthersCounted() throws Exception {
        List<String> lines = StatusTable.of(
                new ObjectMapper()
                        .readTree(
                                """
                                {"at": "2026-11-21T12:00:00Z", "started_at": "2026-11-21T11:00:00Z", "pipeline": "shop/prod", "state": "running",
                                 "cut": 7, "problem": null, "staging": {"rows": 9, "files": 2, "bytes": 100, "kept_for": ["warehouse.snapshots.seen"]}, "sources": [], "models": [], "targets": [],
                                 "tests": [
                                  {"name": "unique_orders_id", "mode": "gate", "state": "fail", "failures": 1200, "message": "got 1200 results, configured to fail if != 0",
                                   "since": "2026-11-21T11:58:00Z", "holds": ["warehouse", "lake"]},
                                  {"name": "not_null_orders_id", "mode": "monitor", "state": "warn", "failures": 2, "message": "got 2 results, configured to warn if != 0",
                                   "since": "2026-11-21T11:58:00Z", "holds": []},
                                  {"name": "fresh", "mode": "monitor", "state": "pass", "failures": 0, "message": null, "since": null, "holds": []}]}
                                """),
                "http://127.0.0.1:1");
        assertThat(String.join(" ", lines))
                .containsIgnoringWhitespaces("It keeps every change until warehouse.snapshots.seen has come on");
        assertThat(lines.subList(lines.size() - 9, lines.size()))
                .containsExactly(
                        "Test                                         Mode     State    Failing rows",
                        "unique_orders_id                             gate     fail            1,200",
                        "  holds warehouse, lake since 2026-11-21T11:58:00Z",
                        "  got 1200 results, configured to fail if != 0",
                        "  freshet status --test unique_orders_id",
                        "not_null_orders_id                           monitor  warn                2",
                        "  got 2 results, configured to warn if != 0",
                        "  freshet status --test not_null_orders_id",
                        "1 of 3 tests pass");
    }

    @Test
    void modelsWithoutADeltaShowWhenTheyRanLast() throws Exception {
        List<String> lines = StatusTable.of(
                new ObjectMapper()
                        .readTree(
                                """
                                {"at": "2026-11-21T12:00:00Z", "started_at": "2026-11-21T11:00:00Z", "pipeline": "shop/prod", "state": "running",
                                 "cut": 7, "problem": null, "staging": {}, "sources": [], "targets": [], "tests": [],
                                 "models": [
                                  {"name": "kept", "state": "fresh", "last_delta": {"deleted": 1, "inserted": 2, "at": "2026-11-21T11:59:58Z"}, "ran_at": null},
                                  {"name": "live", "state": "fresh", "last_delta": null, "ran_at": "2026-11-21T11:57:00Z"},
                                  {"name": "new", "state": "held", "last_delta": null, "ran_at": null, "reason": null}]}
                                """),
                "http://127.0.0.1:1");
        assertThat(lines)
                .contains(
                        "kept                             fresh               -            -1 +2    2.0 s",
                        "live                             fresh               -                -    3 min",
                        "new                              held                -                -        -");
    }

    @Test
    void failingRowsAreColumnsAsWideAsTheyNeed() throws Exception {
        ObjectMapper json = new ObjectMapper();
        assertThat(FailureTable.of(
                        json.readTree("{\"columns\": [\"id\", \"email\"], \"rows\": [[\"1000\", \"a\"], [\"2\", \""
                                + "x".repeat(50) + "\"]]}")))
                .containsExactly("id    email", "1000  a", "2     " + "x".repeat(39) + "…");
        assertThat(FailureTable.of(json.readTree("{\"columns\": [\"id\"], \"rows\": []}")))
                .containsExactly("No row fails now.");
    }
}
