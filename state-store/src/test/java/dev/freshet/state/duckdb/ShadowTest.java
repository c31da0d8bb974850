package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StoreFixture.row;
import static dev.freshet.state.duckdb.StoreFixture.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models computed beside the cycles. */
class ShadowTest {

    private static final TableId ITEMS = new TableId("shop", "public", "items");
    private static final TableId ROWS = new TableId("dw", "analytics", "rows");
    private static final TableId TOTALS = new TableId("dw", "analytics", "totals");
    private static final TableSchema SCHEMA = schema(List.of("id"), "id", Simple.INTEGER, "n", Simple.INTEGER);
    private static final String OLD = "select id, n from " + StateNames.relation(ITEMS);
    private static final String NEW = "select id, n * 10 as n from " + StateNames.relation(ITEMS);
    /** Calls its parent by its name and by all of it. */
    private static final String TOTAL = "select count(*) as rows, sum(rows.n) as n, max(" + StateNames.relation(ROWS)
            + ".id) as last from " + StateNames.relation(ROWS);

    @TempDir
    Path directory;

    private StoreFixture fixture;
    private long position;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void items(Event... events) {
        position += 10;
        List<Event> placed = java.util.Arrays.stream(events)
                .map(event -> new Event(
                        event.op(),
                        position,
                        position,
                        event.sequence(),
                        event.values(),
                        event.unavailable(),
                        null,
                        null))
                .toList();
        fixture.apply(batch(ITEMS, SCHEMA, position - 10, position, fixture.files.write(SCHEMA, placed)));
    }

    private static Event put(String op, int id, int n) {
        return new Event(op, 0, 0, id, new Object[] {id, n}, Set.of(), null, null);
    }

    private Shadow shadow() {
        return fixture.store.shadow(Set.of(ITEMS), ZoneOffset.UTC).orElseThrow();
    }

    @Test
    void theRowsOfTheCutReplaceTheStoredOnesAndWhatChangedSinceIsKnown() {
        items(put("c", 1, 1), put("c", 2, 2));
        fixture.compute(ROWS, OLD, "id");
        fixture.compute(TOTALS, TOTAL);
        try (Shadow shadow = shadow()) {
            long before = shadow.cut().number();
            items(put("u", 2, 3), put("c", 3, 3), put("c", 4, 4));
            shadow.compute(List.of(new Shadow.Query(ROWS, NEW), new Shadow.Query(TOTALS, TOTAL)));
            items(put("u", 2, 4), put("d", 4, 4));

            try (StateTransaction transaction = fixture.store.begin()) {
                assertThat(transaction.takeOver(ROWS, shadow, List.of("id")))
                        .extracting(TableDelta::deleted, TableDelta::inserted, TableDelta::replaced)
                        .containsExactly(2L, 2L, false);
                transaction.takeOver(TOTALS, shadow, List.of());
                transaction.commit(Map.of(), Instant.EPOCH);
            }
            assertThat(fixture.contents(ROWS)).isEqualTo(Map.of(row(1, 10), 1L, row(2, 20), 1L));
            assertThat(fixture.rows("select rows, n::bigint as n, last from " + StateNames.relation(TOTALS)))
                    .as("what reads it was computed from the new rows of that cut")
                    .isEqualTo(Map.of(row(2L, 30L, 2), 1L));
            try (StateSnapshot snapshot = fixture.store.read();
                    RowCursor changes = snapshot.changes(ROWS, before).orElseThrow()) {
                assertThat(StoreFixture.bag(changes))
                        .isEqualTo(Map.of(row(1, 1), -1L, row(2, 2), -1L, row(1, 10), 1L, row(2, 20), 1L));
            }

            try (StateTransaction transaction = fixture.store.begin()) {
                assertThat(transaction.changesSince(shadow))
                        .singleElement()
                        .extracting(TableDelta::table, TableDelta::deleted, TableDelta::inserted)
                        .as("net: 4 came and went")
                        .containsExactly(ITEMS, 1L, 2L);
                assertThat(transaction.rowMaintenance().orElseThrow().changed(ITEMS))
                        .isTrue();
                try (RowCursor delta = transaction.query(
                        "select id, n, " + StateNames.WEIGHT + "::integer as w from " + StateNames.delta(ITEMS))) {
                    assertThat(StoreFixture.bag(delta).keySet())
                            .containsExactlyInAnyOrder(row(2, 2, -1), row(2, 4, 1), row(3, 3, 1));
                }
                transaction.commit(Map.of(), Instant.EPOCH);
            }
        }
    }

    @Test
    void aNewModelAndOneOfAnotherShapeAreTakenOverWhole() {
        items(put("c", 1, 1), put("c", 2, 2));
        fixture.compute(ROWS, OLD, "id");
        try (Shadow shadow = shadow()) {
            shadow.compute(List.of(
                    new Shadow.Query(ROWS, "select id, n, 'x' as x from " + StateNames.relation(ITEMS)),
                    new Shadow.Query(TOTALS, TOTAL)));
            try (StateTransaction transaction = fixture.store.begin()) {
                transaction.hold(ROWS, "for a while");
                transaction.commit(Map.of(), Instant.EPOCH);
            }
            try (StateTransaction transaction = fixture.store.begin()) {
                assertThat(transaction.takeOver(ROWS, shadow, List.of("id")).replaced())
                        .isTrue();
                assertThat(transaction.takeOver(TOTALS, shadow, List.of()).inserted())
                        .isEqualTo(1);
                transaction.commit(Map.of(), Instant.EPOCH);
            }
            assertThat(fixture.contents(ROWS)).isEqualTo(Map.of(row(1, 1, "x"), 1L, row(2, 2, "x"), 1L));
            try (StateSnapshot snapshot = fixture.store.read()) {
                assertThat(snapshot.output(ROWS).orElseThrow().held()).contains("for a while");
            }
            try (StateTransaction transaction = fixture.store.begin()) {
                transaction.release(ROWS);
                transaction.commit(Map.of(), Instant.EPOCH);
            }
            try (StateSnapshot snapshot = fixture.store.read()) {
                assertThat(snapshot.output(ROWS).orElseThrow().held()).isEmpty();
            }
        }
    }

    @Test
    void countsAndSumsOfGroupsComeWithTheRows() {
        String rows = "SELECT id % 2 AS _freshet_group_0, n AS _freshet_addend_0, 1::BIGINT AS _freshet_weight FROM "
                + StateNames.relation(ROWS);
        RowMaintenance.Totals totals = new RowMaintenance.Totals(
                List.of(new RowMaintenance.Sums(
                        1,
                        1,
                        rows,
                        "SELECT 1 AS _freshet_group_0, 5::INTEGER AS _freshet_addend_0, 1::BIGINT AS _freshet_weight",
                        RowMaintenance.Reads.LITTLE)),
                "SELECT _freshet_group_0, _freshet_sum_0 FROM " + RowMaintenance.groups(0),
                RowMaintenance.Reach.GROUP);
        String sql = "select id % 2 as odd, sum(n) as n from " + StateNames.relation(ROWS) + " group by 1";
        items(put("c", 1, 1), put("c", 2, 2), put("c", 3, 3));
        fixture.compute(ROWS, OLD, "id");
        fixture.compute(TOTALS, sql);
        try (Shadow shadow = shadow()) {
            shadow.compute(List.of(new Shadow.Query(ROWS, NEW), new Shadow.Query(TOTALS, sql, Optional.of(totals))));
            try (StateTransaction transaction = fixture.store.begin()) {
                transaction.takeOver(ROWS, shadow, List.of("id"));
                transaction.takeOver(TOTALS, shadow, List.of());
                transaction.commit(Map.of(), Instant.EPOCH);
            }
        }
        try (StateTransaction transaction = fixture.store.begin()) {
            RowMaintenance state = transaction.rowMaintenance().orElseThrow();
            assertThat(state.keepsTotals(TOTALS, totals)).isTrue();
            assertThat(state.applyTotals(TOTALS, totals)).isPresent();
            transaction.commit(Map.of(), Instant.EPOCH);
        }
        assertThat(fixture.rows("select odd, n::bigint as n from " + StateNames.relation(TOTALS)))
                .as("of the new rows, and what was added to them")
                .isEqualTo(Map.of(row(0, 20L), 1L, row(1, 45L), 1L));
    }

    @Test
    void whereNothingChangedNothingIsInTheWayOfTheNextChange() {
        items(put("c", 1, 1));
        fixture.compute(ROWS, OLD, "id");
        try (Shadow shadow = shadow()) {
            items(put("u", 1, 2));
            items(put("u", 1, 1));
            try (StateTransaction transaction = fixture.store.begin()) {
                assertThat(transaction.changesSince(shadow)).isEmpty();
                transaction.commit(Map.of(), Instant.EPOCH);
            }
        }
        items(put("u", 1, 3));
        assertThat(fixture.contents(ITEMS)).isEqualTo(Map.of(row(1, 3), 1L));
    }

    @Test
    void aModelWhoseChangesWereLookedForChangesAgain() {
        items(put("c", 1, 1));
        fixture.compute(ROWS, OLD, "id");
        try (Shadow shadow = fixture.store.shadow(Set.of(ROWS), ZoneOffset.UTC).orElseThrow()) {
            fixture.compute(ROWS, NEW, "id");
            try (StateTransaction transaction = fixture.store.begin()) {
                assertThat(transaction.changesSince(shadow)).hasSize(1);
                transaction.commit(Map.of(), Instant.EPOCH);
            }
        }
        assertThat(fixture.compute(ROWS, OLD, "id"))
                .extracting(TableDelta::deleted, TableDelta::inserted)
                .containsExactly(1L, 1L);
    }

    @Test
    void changesThatAreRolledBackAreNotKept() {
        items(put("c", 1, 1));
        try (Shadow shadow = shadow()) {
            fixture.compute(ROWS, OLD, "id");
            try (Shadow second = follows(shadow, ROWS)) {
                try (StateTransaction transaction = fixture.store.begin()) {
                    transaction.recompute(ROWS, NEW, List.of("id"));
                }
                try (StateTransaction transaction = fixture.store.begin()) {
                    assertThat(transaction.changesSince(second)).isEmpty();
                }
                fixture.compute(ROWS, NEW, "id");
                try (StateTransaction transaction = fixture.store.begin()) {
                    assertThat(transaction.changesSince(second)).hasSize(1);
                }
            }
        }
    }

    /** Closes one and begins another, which does not see what the first one kept. */
    private Shadow follows(Shadow first, TableId table) {
        assertThatThrownBy(this::shadow).hasMessage("models are computed beside the cycles already");
        first.close();
        return fixture.store.shadow(Set.of(table), ZoneOffset.UTC).orElseThrow();
    }

    @Test
    void aLongComputationIsBrokenOffAndNothingIsLeft() throws Exception {
        items(put("c", 1, 1));
        Shadow shadow = shadow();
        CompletableFuture<Void> computing = CompletableFuture.runAsync(() -> shadow.compute(List.of(new Shadow.Query(
                ROWS,
                "select count(*) as n from range(10000000) a, range(10000000) b where (a.range * b.range) % 7 = 1"))));
        items(put("c", 2, 2));
        assertThat(computing).as("the store is written meanwhile").isNotDone();
        shadow.close();
        assertThat(computing.handle((done, error) -> String.valueOf(error)).get(30, TimeUnit.SECONDS))
                .contains("computing beside the cycles was broken off");
        try (StateTransaction transaction = fixture.store.begin()) {
            assertThatThrownBy(() -> transaction.takeOver(ROWS, shadow, List.of()))
                    .isInstanceOf(FreshetException.class)
                    .hasMessageContaining("is lost");
        }
        fixture.reopen();
        assertThat(fixture.rows("select database_name from duckdb_databases() where not internal")
                        .keySet())
                .containsExactly(row("state"));
        try (Shadow again = shadow()) {
            again.compute(List.of(new Shadow.Query(ROWS, NEW)));
        }
    }

    @Test
    void aModelThatFailsIsNamed() {
        items(put("c", 1, 1));
        try (Shadow shadow = shadow()) {
            assertThatThrownBy(() -> shadow.compute(List.of(new Shadow.Query(ROWS, "select nothing from nowhere"))))
                    .isInstanceOf(ModelFailedException.class)
                    .hasMessageContaining("model 'dw.analytics.rows': its SQL failed: ");
        }
    }
}
