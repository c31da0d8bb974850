package dev.freshet.deploy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import java.util.List;
import org.junit.jupiter.api.Test;

class StrandedTablesTest {

    private static final TableId ORDERS = new TableId("shop", "public", "orders");
    private static final TableId ITEMS = new TableId("shop", "public", "items");
    private static final List<TableId> ALL = List.of(ORDERS, ITEMS);

    private final StrandedTables stranded = new StrandedTables();

    @Test
    void aTableThatNobodyLoadsIsFoundOnceTheCutCoversWhatWasStaged() {
        assertThat(look(List.of(ORDERS), false, 10, 5)).isEmpty();
        assertThat(look(List.of(ORDERS), false, 12, 5)).isEmpty();
        assertThat(look(List.of(ORDERS), false, 20, 11)).isEmpty();
        assertThat(look(List.of(ORDERS), false, 20, 12)).containsExactly(ORDERS);
        assertThat(look(List.of(ORDERS), false, 20, 20)).as("asked for once").isEmpty();
    }

    @Test
    void aLoadUnderWayOrDoneEndsTheSuspicion() {
        look(List.of(ORDERS), false, 10, 10);
        look(List.of(ORDERS), false, 10, 10);
        assertThat(look(List.of(ORDERS), true, 10, 10)).isEmpty();
        assertThat(look(List.of(ORDERS), false, 10, 10)).isEmpty();
        assertThat(look(List.of(), false, 10, 10)).isEmpty();
        assertThat(look(List.of(ORDERS), false, 10, 10)).isEmpty();
        assertThat(look(List.of(ORDERS), false, 10, 10)).isEmpty();
    }

    @Test
    void aCycleThatTakesLongOverABaseIsWaitedFor() {
        for (int i = 0; i < 10; i++) {
            assertThat(look(List.of(ORDERS), false, 10, 10, 7, false)).isEmpty();
        }
        assertThat(look(List.of(ORDERS), false, 10, 10, 8, false))
                .as("the cycle under way at the second look has ended")
                .isEmpty();
        assertThat(look(List.of(ORDERS), false, 10, 10, 9, false))
                .as("and one that began after it")
                .containsExactly(ORDERS);
    }

    private List<TableId> look(List<TableId> unready, boolean loading, long staged, long cut) {
        return look(unready, loading, staged, cut, 1, true);
    }

    private List<TableId> look(
            List<TableId> unready, boolean loading, long staged, long position, long cut, boolean idle) {
        return stranded.look(
                ALL,
                unready,
                loading,
                new SourcePosition(staged, "" + staged),
                new StrandedTables.Progress(new SourcePosition(position, "" + position), cut, idle));
    }
}
