package dev.freshet.ingest.postgres;

import dev.freshet.state.TransactionSnapshot;

/**
 * The last transactions that the stream has passed. A transaction may be streamed before others can see its work: its commit record is
 * written first. So where a load begins is not simply where the stream stands.
 */
final class RecentTransactions {

    private final long[] transactions;
    private final long[] positions;
    private int next;
    private long reference;
    private volatile long position;

    RecentTransactions(int capacity) {
        transactions = new long[capacity];
        positions = new long[capacity];
    }

    /** @param nextTransaction the server's next 64-bit transaction id, from which the log's 32-bit ids are extended */
    synchronized void begin(long from, long nextTransaction) {
        position = Math.max(position, from);
        reference = Math.max(reference, nextTransaction);
    }

    /** The 64-bit id. Ids in the log are at most 2^31 away from the server's next one. */
    synchronized long extend(long transaction32) {
        long extended = reference + (int) (transaction32 - reference);
        reference = Math.max(reference, extended);
        return extended;
    }

    synchronized void passed(long transaction, long lsn) {
        transactions[next] = transaction;
        positions[next] = lsn;
        next = (next + 1) % transactions.length;
        position = lsn;
    }

    long position() {
        return position;
    }

    /** The last position of the stream up to which a snapshot shows every transaction. */
    synchronized long shownThrough(TransactionSnapshot snapshot) {
        long shown = position;
        for (int back = 1; back <= positions.length; back++) {
            int i = Math.floorMod(next - back, positions.length);
            if (positions[i] == 0) {
                break;
            }
            if (!snapshot.shows(transactions[i])) {
                // Right before this transaction; any position before its commit record will do.
                shown = Math.min(shown, positions[i] - 1);
            }
        }
        return shown;
    }
}
