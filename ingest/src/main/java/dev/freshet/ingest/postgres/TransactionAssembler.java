package dev.freshet.ingest.postgres;

import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.postgres.debezium.LogEvent;
import dev.freshet.ingest.postgres.debezium.LogEvent.RowEvent;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Makes whole transactions of the log's events: nothing leaves before its transaction's end, and then all of it does. */
final class TransactionAssembler {

    private final TrackedTables tables;
    private final TransactionRows rows;
    private final RecentTransactions recent;
    private final Handover handover;
    private final TableLoads loads;
    private final SourceState state;
    private final MovedRows movedRows;
    private final PoisonNote poison = new PoisonNote();
    private final Set<TrackedTable> touched = new LinkedHashSet<>();

    private long transaction = -1;
    private long events;
    private boolean positionWanted;

    TransactionAssembler(
            TrackedTables tables,
            TransactionRows rows,
            RecentTransactions recent,
            Handover handover,
            TableLoads loads,
            SourceState state,
            MovedRows movedRows) {
        this.tables = tables;
        this.rows = rows;
        this.recent = recent;
        this.handover = handover;
        this.loads = loads;
        this.state = state;
        this.movedRows = movedRows;
    }

    /** Forgets a transaction whose end never came: the stream begins it anew. */
    void reset() {
        rows.clear();
        if (loads.loading().isEmpty()) {
            movedRows.close();
        }
        touched.clear();
        transaction = -1;
        events = 0;
        positionWanted = false;
    }

    void accept(LogEvent event) throws InterruptedException {
        if (event instanceof RowEvent row) {
            row(row);
        } else if (event instanceof LogEvent.Begin begin) {
            if (transaction >= 0) {
                throw broken("transaction " + begin.transaction() + " begins inside transaction " + transaction);
            }
            transaction = begin.transaction();
        } else if (event instanceof LogEvent.Message message) {
            events++;
            positionWanted |= Heartbeat.POSITION.equals(message.content());
        } else if (event instanceof LogEvent.End end) {
            end(end);
        }
    }

    private void row(RowEvent row) {
        events++;
        TrackedTable table = tables.find(row.relation());
        if (table == null) {
            Optional<TrackedTable> met = tables.meet(row.relation());
            if (met.isEmpty()) {
                return;
            }
            table = met.get();
            if (tables.refresh(table)) {
                loads.request(table.id());
            }
        }
        touched.add(table);
        rows.add(row);
    }

    private void end(LogEvent.End end) throws InterruptedException {
        if (end.transaction() != transaction || end.events() != events) {
            throw broken("transaction " + end.transaction() + " ends with " + end.events() + " events, but " + events
                    + " of transaction " + transaction + " arrived");
        }
        if (Long.compareUnsigned(end.lsn(), recent.position()) > 0) {
            // A load that begins takes this transaction as passed or as yet to come, never as both.
            synchronized (recent) {
                long extended = recent.extend(transaction);
                Whole whole = new Whole(end, extended);
                handover.commit(end.lsn(), Instant.EPOCH.plus(end.committedAtMicros(), ChronoUnit.MICROS), whole);
                recent.passed(extended, end.lsn());
                state.captured(whole.rows());
            }
            if (positionWanted) {
                handover.wantPosition();
            }
        }
        reset();
        Optional<TrackedTable> stale = tables.stale();
        while (stale.isPresent()) {
            if (tables.refresh(stale.get())) {
                loads.request(stale.get().id());
            }
            stale = tables.stale();
        }
    }

    private static FreshetException broken(String what) {
        return new FreshetException(
                ErrorKind.INTERNAL, "the log's transactions are not whole: " + what + ". Please report this");
    }

    private final class Whole implements Handover.Transaction {

        private final LogEvent.End end;
        private final long id;
        private long sequence;

        Whole(LogEvent.End end, long id) {
            this.end = end;
            this.id = id;
        }

        @Override
        public long rows() {
            return touched.stream().allMatch(table -> table.isStaged(end.lsn())) ? 0 : rows.size();
        }

        @Override
        public List<CapturedTable> tables() {
            return touched.stream()
                    .filter(table -> !table.isStaged(end.lsn()))
                    .map(TrackedTable::shape)
                    .toList();
        }

        @Override
        public void forEach(Handover.RowSink sink) {
            sequence = 0;
            rows.forEach(row -> {
                TrackedTable table = tables.find(row.relation());
                if (table == null) {
                    table = tables.meet(row.relation()).orElseThrow();
                }
                if (!table.isStaged(end.lsn())) {
                    emit(table, row, sink);
                } else {
                    sequence++;
                }
            });
        }

        private void emit(TrackedTable table, RowEvent row, Handover.RowSink sink) {
            switch (row.operation()) {
                case 'c' -> {
                    Row after = table.after(row, poison);
                    if (row.moved() && !after.isComplete() && loads.isUnderWay(table.id())) {
                        after = table.after(movedRows.complete(table.shape(), row, id), poison);
                    }
                    put(sink, table, new RowChange.Insert(after, row.moved()), poison.take());
                }
                case 'u' -> update(table, row, sink);
                case 'd' -> put(sink, table, new RowChange.Delete(table.before(row, poison)), poison.take());
                case 't' -> put(sink, table, new RowChange.Truncate(), Optional.empty());
                default -> throw broken("there is an operation '" + row.operation() + "'");
            }
        }

        private void update(TrackedTable table, RowEvent row, Handover.RowSink sink) {
            boolean keyed = table.shape().schema().isKeyed();
            Row before = table.shape().fullImages() && row.before() != null ? table.before(row, poison) : null;
            Optional<String> poisonBefore = poison.take();
            Row after = table.after(row, poison);
            Optional<String> poisonAfter = poison.take();
            if (keyed || before == null || poisonBefore.equals(poisonAfter)) {
                put(sink, table, new RowChange.Update(before, after), poisonAfter);
                return;
            }
            // In a bag each image counts for itself, also as poison.
            put(sink, table, new RowChange.Delete(before), poisonBefore);
            put(sink, table, new RowChange.Insert(after, false), poisonAfter);
        }

        private void put(Handover.RowSink sink, TrackedTable table, RowChange change, Optional<String> why) {
            sink.row(
                    table.shape(), new CapturedChange(change, end.lsn(), id, end.committedAtMicros(), sequence++, why));
        }
    }
}
