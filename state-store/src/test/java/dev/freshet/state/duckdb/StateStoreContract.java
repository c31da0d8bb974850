package dev.freshet.state.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.state.Cut;
import dev.freshet.state.FreshetException;
import dev.freshet.state.ModelFailedException;
import dev.freshet.state.RowCursor;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What any state store promises about cuts, transactions and snapshots. */
abstract class StateStoreContract {

    private static final TableId MODEL = new TableId("dw", "m", "numbers");

    /** Opens the one store of the test, with whatever it committed before. */
    abstract StateStore open();

    private static void compute(StateStore store, String sql) {
        try (StateTransaction transaction = store.begin()) {
            transaction.recompute(MODEL, sql, List.of());
            transaction.commit(Map.of(), Instant.EPOCH);
        }
    }

    private static long count(StateSnapshot snapshot) {
        try (RowCursor rows = snapshot.contents(MODEL)) {
            long count = 0;
            while (rows.next()) {
                count++;
            }
            return count;
        }
    }

    @Test
    void cutsGrowAndPositionsAndClockNeverGoBack() {
        StateEpoch epoch;
        Instant clock = Instant.parse("2026-11-20T12:00:00.123456789Z");
        try (StateStore store = open()) {
            epoch = store.epoch();
            assertThat(store.cut()).isEqualTo(Cut.NONE);
            try (StateTransaction transaction = store.begin()) {
                transaction.remember("model.x", "it's \"one\"");
                Cut cut = transaction.commit(
                        Map.of("shop", new SourcePosition(5, "five"), "crm", new SourcePosition(1, "")), clock);
                assertThat(cut.number()).isEqualTo(1);
                assertThat(store.cut()).isEqualTo(cut);
            }
        }
        try (StateStore store = open()) {
            assertThat(store.epoch()).isEqualTo(epoch);
            assertThat(store.cut())
                    .isEqualTo(new Cut(
                            1, Map.of("shop", new SourcePosition(5, "five"), "crm", new SourcePosition(1, "")), clock));
            try (StateTransaction transaction = store.begin()) {
                assertThat(transaction.recall("model.x")).isEqualTo("it's \"one\"");
                assertThat(transaction.recall("model.y")).isEmpty();
                transaction.remember("model.x", "two");
                assertThat(transaction.recall("model.x")).isEqualTo("two");
                Cut cut = transaction.commit(Map.of("shop", new SourcePosition(4, "four")), clock.minusSeconds(9));
                assertThat(cut.number()).isEqualTo(2);
                assertThat(cut.position("shop")).isEqualTo(new SourcePosition(5, "five"));
                assertThat(cut.clock()).isEqualTo(clock);
            }
        }
    }

    @Test
    void whatIsNotCommittedNeverHappened() {
        try (StateStore store = open()) {
            compute(store, "select range as n from range(3)");
            try (StateTransaction transaction = store.begin()) {
                transaction.recompute(MODEL, "select range as n, 'wide' as w from range(7)", List.of());
                transaction.remember("k", "v");
            }
            try (StateTransaction transaction = store.begin()) {
                assertThat(transaction.recall("k")).isEmpty();
                assertThat(transaction
                                .recompute(MODEL, "select range as n from range(3)", List.of())
                                .isEmpty())
                        .isTrue();
            }
            assertThat(store.cut().number()).isEqualTo(1);
        }
    }

    @Test
    void anErrorKillsTheTransactionForGood() {
        try (StateStore store = open()) {
            compute(store, "select range as n from range(3)");
            try (StateTransaction transaction = store.begin()) {
                transaction.recompute(MODEL, "select range as n from range(5)", List.of());
                assertThatThrownBy(() -> transaction.recompute(MODEL, "select error('no luck') as n", List.of()))
                        .isInstanceOf(ModelFailedException.class)
                        .hasMessageContaining("model 'dw.m.numbers': its SQL failed")
                        .hasMessageContaining("no luck");
                assertThatThrownBy(() -> transaction.commit(Map.of(), Instant.EPOCH))
                        .isInstanceOf(FreshetException.class)
                        .hasMessageContaining("failed before");
                assertThatThrownBy(() -> transaction.remember("a", "b")).hasMessageContaining("failed before");
            }
            try (StateSnapshot snapshot = store.read()) {
                assertThat(count(snapshot)).isEqualTo(3);
                assertThat(snapshot.cut().number()).isEqualTo(1);
            }
            compute(store, "select range as n from range(4)");
            assertThat(store.cut().number()).isEqualTo(2);
        }
    }

    @Test
    void oneTransactionAtATime() {
        try (StateStore store = open();
                StateTransaction first = store.begin()) {
            assertThatThrownBy(store::begin).hasMessageContaining("open already");
            first.commit(Map.of(), Instant.EPOCH);
            assertThatThrownBy(() -> first.remember("a", "b")).hasMessageContaining("has ended");
        }
    }

    @Test
    void snapshotsStayWhatTheyWere() {
        try (StateStore store = open()) {
            compute(store, "select range as n from range(3)");
            try (StateSnapshot old = store.read()) {
                compute(store, "select range as n from range(5)");
                try (StateSnapshot middle = store.read()) {
                    compute(store, "select 'other' as shape");
                    store.prune(99);
                    assertThat(old.cut().number()).isEqualTo(1);
                    assertThat(count(old)).isEqualTo(3);
                    assertThat(count(middle)).isEqualTo(5);
                    try (RowCursor changes = middle.changes(MODEL, 1).orElseThrow();
                            RowCursor beside = middle.contents(MODEL)) {
                        assertThat(changes.next()).isTrue();
                        assertThat(beside.next()).isTrue();
                        assertThat(changes.weight()).isEqualTo(1);
                    }
                }
            }
            try (StateSnapshot last = store.read()) {
                assertThat(count(last)).isEqualTo(1);
                assertThat(last.changes(MODEL, 1)).isEmpty();
            }
        }
    }
}
