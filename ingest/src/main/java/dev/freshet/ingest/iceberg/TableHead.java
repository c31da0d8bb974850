package dev.freshet.ingest.iceberg;

import dev.freshet.state.SourcePosition;
import dev.freshet.state.TransactionSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Everything that the newest snapshot of a table says about it, kept in the snapshot's summary. Each commit, upkeep's too, carries it whole, so
 * older snapshots are never needed.
 *
 * @param epoch of the owner that made the commit
 * @param attempt identifies the commit, to recognise it when its answer was lost
 * @param batch the newest batch that touched the table
 * @param reached every change of the table up to here is staged
 * @param load the newest load
 * @param folded changes up to here are part of the base rows; {@link SourcePosition#START} when none are
 */
record TableHead(
        long epoch, String attempt, BatchRecord batch, SourcePosition reached, LoadState load, SourcePosition folded) {

    /** The head of a table without a snapshot. */
    static final TableHead EMPTY =
            new TableHead(0, "", BatchRecord.NONE, SourcePosition.START, LoadState.NONE, SourcePosition.START);

    private static final String PREFIX = "freshet.";
    private static final Pattern COMMA = Pattern.compile(",");

    TableHead with(long newEpoch, String newAttempt) {
        return new TableHead(newEpoch, newAttempt, batch, reached, load, folded);
    }

    TableHead withBatch(BatchRecord newBatch, LoadState newLoad) {
        boolean sameLoad = newLoad.number() == load.number();
        return new TableHead(
                epoch,
                attempt,
                newBatch,
                newBatch.end().isAfter(reached) ? newBatch.end() : reached,
                newLoad,
                sameLoad ? folded : SourcePosition.START);
    }

    TableHead withFolded(SourcePosition position) {
        return new TableHead(epoch, attempt, batch, reached, load, position);
    }

    /** The head of a table whose contents count no more. */
    TableHead withoutLoad() {
        return new TableHead(epoch, attempt, batch, reached, LoadState.NONE, SourcePosition.START);
    }

    /** The highest position that this head proves complete, given how far each table of the source has come. */
    SourcePosition provenComplete(Map<String, SourcePosition> reachedByTable) {
        for (String table : batch.tables()) {
            SourcePosition there = reachedByTable.get(table);
            if (there == null || batch.end().isAfter(there)) {
                return batch.start();
            }
        }
        return batch.end();
    }

    /** The changes that the base rows hold; the rows may show later ones up to {@link LoadState#end}. */
    SourcePosition baseStart() {
        return isFolded() ? folded : load.start();
    }

    SourcePosition baseEnd() {
        return isFolded() ? folded : load.end();
    }

    Optional<TransactionSnapshot> baseSnapshot() {
        return isFolded() ? Optional.empty() : load.snapshot();
    }

    boolean isFolded() {
        return !folded.equals(SourcePosition.START);
    }

    Map<String, String> toSummary() {
        Map<String, String> summary = new TreeMap<>();
        summary.put(PREFIX + "epoch", Long.toString(epoch));
        summary.put(PREFIX + "attempt", attempt);
        summary.put(PREFIX + "batch", Long.toString(batch.number()));
        summary.put(PREFIX + "batch.start", text(batch.start()));
        summary.put(PREFIX + "batch.end", text(batch.end()));
        summary.put(PREFIX + "batch.tables", String.join(",", batch.tables()));
        summary.put(PREFIX + "batch.newest-commit", batch.newestCommit().toString());
        summary.put(PREFIX + "reached", text(reached));
        summary.put(PREFIX + "load", Long.toString(load.number()));
        summary.put(PREFIX + "load.phase", load.phase().name());
        summary.put(PREFIX + "load.chunks", Integer.toString(load.chunks()));
        summary.put(PREFIX + "load.last-key", load.lastKey());
        summary.put(PREFIX + "load.start", text(load.start()));
        summary.put(PREFIX + "load.end", text(load.end()));
        summary.put(PREFIX + "load.read-after", text(load.readAfter()));
        load.snapshot().ifPresent(snapshot -> summary.put(PREFIX + "load.snapshot", snapshot.toString()));
        summary.put(PREFIX + "folded", text(folded));
        return summary;
    }

    static TableHead fromSummary(Map<String, String> summary) {
        if (!summary.containsKey(PREFIX + "epoch")) {
            return EMPTY;
        }
        String tables = summary.get(PREFIX + "batch.tables");
        return new TableHead(
                Long.parseLong(summary.get(PREFIX + "epoch")),
                summary.get(PREFIX + "attempt"),
                new BatchRecord(
                        Long.parseLong(summary.get(PREFIX + "batch")),
                        position(summary, "batch.start"),
                        position(summary, "batch.end"),
                        tables.isEmpty()
                                ? List.of()
                                : COMMA.splitAsStream(tables).toList(),
                        Instant.parse(summary.get(PREFIX + "batch.newest-commit"))),
                position(summary, "reached"),
                new LoadState(
                        Long.parseLong(summary.get(PREFIX + "load")),
                        LoadState.Phase.valueOf(summary.get(PREFIX + "load.phase")),
                        Integer.parseInt(summary.get(PREFIX + "load.chunks")),
                        summary.get(PREFIX + "load.last-key"),
                        position(summary, "load.start"),
                        position(summary, "load.end"),
                        position(summary, "load.read-after"),
                        Optional.ofNullable(summary.get(PREFIX + "load.snapshot"))
                                .map(TransactionSnapshot::parse)),
                position(summary, "folded"));
    }

    private static String text(SourcePosition position) {
        return Long.toUnsignedString(position.ordinal()) + " " + position.token();
    }

    private static SourcePosition position(Map<String, String> summary, String key) {
        String text = summary.get(PREFIX + key);
        int space = text.indexOf(' ');
        return new SourcePosition(Long.parseUnsignedLong(text.substring(0, space)), text.substring(space + 1));
    }
}
