package dev.freshet.state;

import java.util.ArrayList;
import java.util.List;

/**
 * Which source transactions a read has seen: PostgreSQL's {@code pg_snapshot} (PostgreSQL documentation, 9.27.10). Transaction ids are the
 * 64-bit, epoch-extended ones.
 *
 * @param xmin every id below has ended before the snapshot
 * @param xmax no id from here on had ended
 * @param inProgress the ids between that had not ended, ascending
 */
public record TransactionSnapshot(long xmin, long xmax, List<Long> inProgress) {

    public TransactionSnapshot {
        inProgress = List.copyOf(inProgress);
    }

    /** Reads PostgreSQL's text form, {@code xmin:xmax:xip,xip}. */
    public static TransactionSnapshot parse(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        if (first < 0 || second < 0) {
            throw new IllegalArgumentException("not a pg_snapshot: '" + text + "'");
        }
        List<Long> running = new ArrayList<>();
        int from = second + 1;
        while (from < text.length()) {
            int comma = text.indexOf(',', from);
            int to = comma < 0 ? text.length() : comma;
            running.add(Long.parseLong(text, from, to, 10));
            from = to + 1;
        }
        return new TransactionSnapshot(
                Long.parseLong(text, 0, first, 10), Long.parseLong(text, first + 1, second, 10), running);
    }

    /** Whether the snapshot shows the work of this transaction, given that it committed at all. */
    public boolean shows(long transaction) {
        return transaction < xmin || (transaction < xmax && !inProgress.contains(transaction));
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder().append(xmin).append(':').append(xmax).append(':');
        for (int i = 0; i < inProgress.size(); i++) {
            text.append(i == 0 ? "" : ",").append(inProgress.get(i));
        }
        return text.toString();
    }
}
