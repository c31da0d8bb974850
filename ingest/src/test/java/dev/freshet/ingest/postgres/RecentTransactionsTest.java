package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.state.TransactionSnapshot;
import org.junit.jupiter.api.Test;

class RecentTransactionsTest {

    @Test
    void shortIdsAreExtendedAcrossTheWrap() {
        RecentTransactions recent = new RecentTransactions(4);
        long epoch = 1L << 32;
        recent.begin(0, 3 * epoch + 5);
        assertThat(recent.extend(3)).isEqualTo(3 * epoch + 3);
        assertThat(recent.extend(0xffff_fff0L)).isEqualTo(3 * epoch - 16);
        assertThat(recent.extend(700)).isEqualTo(3 * epoch + 700);
        recent.begin(0, 4 * epoch - 2);
        assertThat(recent.extend(1)).isEqualTo(4 * epoch + 1);
        assertThat(recent.extend(0xffff_ffffL)).isEqualTo(4 * epoch - 1);
    }

    @Test
    void aStreamedTransactionThatNobodySeesYetHoldsALoadBack() {
        RecentTransactions recent = new RecentTransactions(4);
        recent.begin(50, 100);
        recent.passed(101, 60);
        recent.passed(103, 70);
        recent.passed(102, 80);
        assertThat(recent.shownThrough(TransactionSnapshot.parse("104:104:"))).isEqualTo(80);
        assertThat(recent.shownThrough(TransactionSnapshot.parse("103:105:103")))
                .isEqualTo(69);
        assertThat(recent.shownThrough(TransactionSnapshot.parse("102:103:"))).isEqualTo(69);
    }
}
