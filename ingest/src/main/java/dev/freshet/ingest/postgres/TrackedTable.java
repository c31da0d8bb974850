package dev.freshet.ingest.postgres;

import dev.freshet.ingest.postgres.debezium.DebeziumLog;
import dev.freshet.ingest.postgres.debezium.LogEvent.RowEvent;
import dev.freshet.ingest.postgres.debezium.Relation;
import dev.freshet.state.Row;
import dev.freshet.state.TableId;
import java.util.Arrays;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A captured table while it is being captured: its present shape, how far it is staged, and how the log's columns map to ours. The shape may
 * be read by any thread, all else belongs to the thread that reads the log.
 */
final class TrackedTable {

    private volatile CapturedTable shape;
    private final long stagedThrough;
    private @Nullable Relation relation;
    private int mappedVersion = -1;
    private int[] fieldOf = new int[0];

    /** @param stagedThrough changes that commit up to here are staged already */
    TrackedTable(CapturedTable shape, long stagedThrough) {
        this.shape = shape;
        this.stagedThrough = stagedThrough;
    }

    CapturedTable shape() {
        return shape;
    }

    TableId id() {
        return shape.id();
    }

    void evolve(CapturedTable next) {
        shape = next;
    }

    boolean isStaged(long lsn) {
        return lsn <= stagedThrough;
    }

    /** The row after a change; what was not sent is taken from {@code event}'s old row where that is whole. */
    Row after(RowEvent event, PoisonNote poison) {
        @Nullable String[] texts = event.after();
        @Nullable String[] old = shape.fullImages() ? event.before() : null;
        map(event.relation());
        CapturedTable table = shape;
        Object[] values = new Object[fieldOf.length];
        BitSet unavailable = null;
        for (int i = 0; i < values.length; i++) {
            String text = fieldOf[i] < 0 ? null : texts[fieldOf[i]];
            if (DebeziumLog.isUnavailable(text) && old != null) {
                text = old[fieldOf[i]];
            }
            if (DebeziumLog.isUnavailable(text) || isYetToCome(i)) {
                unavailable = unavailable == null ? new BitSet() : unavailable;
                unavailable.set(i);
            } else {
                values[i] = table.read(i, text, poison);
            }
        }
        return unavailable == null ? Row.of(values) : Row.partial(values, unavailable);
    }

    /**
     * Whether the row was written before the column was added: its value is not NULL but the column's default, which the load that follows knows. A keyless
     * table's load leaves out the changes that it shows, so there it need not be told.
     */
    private boolean isYetToCome(int column) {
        return fieldOf[column] < 0
                && shape.columns().get(column).present()
                && shape.schema().isKeyed();
    }

    /** The row before a change: all of it, or only its key. */
    Row before(RowEvent event, PoisonNote poison) {
        @Nullable String[] texts = event.before();
        map(event.relation());
        CapturedTable table = shape;
        Object[] values = new Object[fieldOf.length];
        if (texts != null) {
            for (int i = 0; i < values.length; i++) {
                boolean sent = table.fullImages()
                        || table.schema().key().contains(table.columns().get(i).name());
                String text = fieldOf[i] < 0 || !sent ? null : texts[fieldOf[i]];
                values[i] = DebeziumLog.isUnavailable(text) ? null : table.read(i, text, poison);
            }
        }
        return Row.of(values);
    }

    private void map(Relation next) {
        CapturedTable table = shape;
        if (next == relation && mappedVersion == table.version()) {
            return;
        }
        int[] fields = new int[table.columns().size()];
        Arrays.setAll(fields, i -> next.columns().indexOf(table.columns().get(i).name()));
        fieldOf = fields;
        relation = next;
        mappedVersion = table.version();
    }
}
