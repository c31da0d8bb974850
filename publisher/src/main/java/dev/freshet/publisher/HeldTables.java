package dev.freshet.publisher;

import dev.freshet.publisher.Receipt.Method;
import dev.freshet.publisher.Receipt.TableReceipt;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tables of one target that could not be brought to the last cut. Each is tried again after a growing pause of its own, so that it does
 * not slow the others down. Not safe for use by several threads.
 */
final class HeldTables {

    private final PublisherSettings settings;
    private final Map<TableId, Held> held = new TreeMap<>();

    private record Held(int failures, long retryAtNanos, String reason) {}

    HeldTables(PublisherSettings settings) {
        this.settings = settings;
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    void clear() {
        held.clear();
    }

    /** The models to deliver now: those not held, and those held whose pause is over. */
    List<PublishedModel> due(List<PublishedModel> models, long nowNanos) {
        return models.stream()
                .filter(model -> {
                    Held entry = held.get(model.table());
                    return entry == null || entry.retryAtNanos - nowNanos <= 0;
                })
                .toList();
    }

    void note(Receipt receipt, long nowNanos) {
        for (TableReceipt table : receipt.tables()) {
            if (table.method() == Method.HELD) {
                Held before = held.get(table.table());
                int failures = before == null ? 1 : before.failures + 1;
                long retryAt = nowNanos + settings.pauseAfter(failures).toNanos();
                String reason = table.problem().orElse("table '" + table.table() + "' is held");
                held.put(table.table(), new Held(failures, retryAt, reason));
            } else {
                held.remove(table.table());
            }
        }
    }

    /** How long until the next one may be tried; {@link Long#MAX_VALUE} when none is held. */
    long nanosToRetry(long nowNanos) {
        return held.values().stream()
                .mapToLong(entry -> entry.retryAtNanos - nowNanos)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    String reasons() {
        return String.join("; ", held.values().stream().map(Held::reason).toList());
    }
}
