package dev.freshet.deploy.observe;

import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.Receipt;
import dev.freshet.state.Cut;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what went through a pipeline lately: rows a second, the last delta of each table and how late each hop is. Fed by the pipeline's threads,
 * read by any. Holds a few numbers for each source, table, model and target, whatever goes through.
 */
public final class Activity implements PipelineListener {

    private static final int MOST_CUTS = 10_000;

    /** Rows that one cycle or delivery took away and added. */
    public record Change(long deleted, long inserted, Instant at) {}

    /** @param rows since the service started */
    public record Flow(long rows, double rowsPerSecond, Optional<Change> last) {
        static final Flow NONE = new Flow(0, 0, Optional.empty());
    }

    private final Clock clock;
    private final Map<String, Rate> staged = new HashMap<>();
    private final Map<TableId, Rate> rates = new HashMap<>();
    private final Map<TableId, Change> changes = new HashMap<>();
    private final Map<String, Rate> delivered = new HashMap<>();
    private final Map<String, Change> deliveries = new HashMap<>();
    private final Map<String, Hop> stagedHops = new HashMap<>();
    private final Map<String, Hop> maintainedHops = new HashMap<>();
    private final Map<String, Hop> deliveredHops = new HashMap<>();
    private final Map<String, SourcePosition> stagedTo = new HashMap<>();
    private final Map<String, Long> deliveredCuts = new HashMap<>();
    /** When the newest change of each recent cut was committed in its source. */
    private final TreeMap<Long, Instant> commits = new TreeMap<>();

    public Activity(Clock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void staged(StagedBatch batch) {
        String source = batch.source();
        rate(staged, source).add(batch.rows());
        stagedTo.put(source, batch.end());
        if (batch.rows() > 0) {
            hop(stagedHops, source).arrived(committed(batch));
            hop(maintainedHops, source).waiting(committed(batch));
        }
    }

    private Instant committed(StagedBatch batch) {
        // A first load carries rows that no transaction of the stream brought.
        return batch.newestCommit().isAfter(Instant.EPOCH) ? batch.newestCommit() : clock.instant();
    }

    @Override
    public synchronized void cycled(
            Cut cut, List<StagedBatch> batches, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {
        Instant newest = Instant.EPOCH;
        for (StagedBatch batch : batches) {
            Hop hop = hop(maintainedHops, batch.source());
            if (batch.rows() > 0) {
                Instant committed = committed(batch);
                hop.arrived(committed);
                newest = committed.isAfter(newest) ? committed : newest;
            }
            hop.caughtUp();
            if (stagedTo.getOrDefault(batch.source(), SourcePosition.START).isAfter(batch.end())) {
                hop.waiting(clock.instant());
            }
        }
        changed.forEach(this::note);
        maintained.forEach(this::note);
        if (!maintained.isEmpty()) {
            Instant committed = newest.isAfter(Instant.EPOCH) ? newest : clock.instant();
            commits.put(cut.number(), committed);
            deliveredHops.values().forEach(hop -> hop.waiting(committed));
        }
        while (commits.size() > MOST_CUTS) {
            commits.pollFirstEntry();
        }
    }

    private void note(TableDelta delta) {
        rate(rates, delta.table()).add(delta.rows());
        changes.put(delta.table(), new Change(delta.deleted(), delta.inserted(), clock.instant()));
    }

    @Override
    public synchronized void delivered(Delivery delivery) {
        String target = delivery.output();
        Receipt receipt = delivery.receipt();
        long cut = receipt.cut().number();
        Hop hop = hop(deliveredHops, target);
        Long before = deliveredCuts.put(target, cut);
        Map.Entry<Long, Instant> newest = commits.floorEntry(cut);
        if (newest != null && (before == null || newest.getKey() > before)) {
            hop.arrived(newest.getValue());
        }
        hop.caughtUp();
        Map.Entry<Long, Instant> next = commits.higherEntry(cut);
        if (next != null) {
            hop.waiting(next.getValue());
        }
        rate(delivered, target).add(receipt.rows());
        if (receipt.rows() > 0) {
            long deleted = receipt.tables().stream()
                    .mapToLong(Receipt.TableReceipt::deleted)
                    .sum();
            deliveries.put(target, new Change(deleted, receipt.rows() - deleted, delivery.committedAt()));
        }
    }

    /** What was staged of a source. */
    public synchronized Flow source(String name) {
        return flow(staged.get(name), Optional.empty());
    }

    /** What changed in a source table's mirror or in a model. */
    public synchronized Flow table(TableId table) {
        return flow(rates.get(table), Optional.ofNullable(changes.get(table)));
    }

    /** What was delivered to an output. */
    public synchronized Flow target(String name) {
        return flow(delivered.get(name), Optional.ofNullable(deliveries.get(name)));
    }

    public synchronized Duration stagedLag(String source) {
        return lag(stagedHops, source);
    }

    public synchronized Duration maintainedLag(String source) {
        return lag(maintainedHops, source);
    }

    public synchronized Duration deliveredLag(String target) {
        return lag(deliveredHops, target);
    }

    private static Flow flow(@Nullable Rate rate, Optional<Change> last) {
        return rate == null ? Flow.NONE : new Flow(rate.total(), rate.perSecond(), last);
    }

    private <K> Rate rate(Map<K, Rate> all, K key) {
        return all.computeIfAbsent(key, name -> new Rate(clock));
    }

    private Hop hop(Map<String, Hop> hops, String name) {
        return hops.computeIfAbsent(name, key -> new Hop(clock));
    }

    private static Duration lag(Map<String, Hop> hops, String name) {
        Hop hop = hops.get(name);
        return hop == null ? Duration.ZERO : hop.lag();
    }
}
