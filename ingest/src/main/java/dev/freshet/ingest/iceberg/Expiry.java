package dev.freshet.ingest.iceberg;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * Forgets old snapshots, then deletes what none of the kept ones names: metadata at once, data files after a grace period, because a reader
 * outside may still hold their paths. Files left behind by a crash are found by listing, now and then.
 */
final class Expiry {

    private static final int SNAPSHOTS_BEFORE = 25;
    private static final int SNAPSHOTS_AFTER = 10;
    private static final int GRACES_PER_SWEEP = 4;

    private final Tables tables;
    private final LocalCopies copies;
    private final Clock clock;
    private final Duration grace;
    private final ExecutorService pool;
    /** Data files that no snapshot names, and since when. */
    private final Map<String, Instant> condemned = new ConcurrentHashMap<>();

    private final Map<String, Instant> swept = new ConcurrentHashMap<>();

    Expiry(Tables tables, LocalCopies copies, Clock clock, Duration grace, ExecutorService pool) {
        this.tables = tables;
        this.copies = copies;
        this.clock = clock;
        this.grace = grace;
        this.pool = pool;
    }

    void run(ChangeTable changes) {
        Table table = tables.reopen(changes);
        int snapshots = 0;
        for (Snapshot ignored : table.snapshots()) {
            snapshots++;
        }
        if (snapshots > SNAPSHOTS_BEFORE) {
            expire(table);
        }
        Instant now = clock.instant();
        Instant last = swept.getOrDefault(changes.name(), Instant.MIN);
        if (!now.isBefore(last.equals(Instant.MIN) ? now : last.plus(grace.multipliedBy(GRACES_PER_SWEEP)))) {
            sweep(changes, table);
            swept.put(changes.name(), now);
        }
        bury(table);
    }

    private void expire(Table table) {
        Instant now = clock.instant();
        table.expireSnapshots()
                .expireOlderThan(Long.MAX_VALUE)
                .retainLast(SNAPSHOTS_AFTER)
                .planWith(pool)
                .executeDeleteWith(pool)
                .deleteWith(location -> {
                    if (isData(table, location)) {
                        condemned.putIfAbsent(location, now);
                    } else {
                        table.io().deleteFile(location);
                    }
                })
                .commit();
    }

    private static boolean isData(Table table, String location) {
        return location.startsWith(table.locationProvider().newDataLocation(""));
    }

    /** Finds what is in the table's folder and in none of its snapshots. */
    private void sweep(ChangeTable changes, Table table) {
        if (!(table.io() instanceof SupportsPrefixOperations listing)) {
            return;
        }
        // In this order: a file that is being written now is either in progress or old news to the snapshots read
        // after.
        Set<String> needed = new HashSet<>(changes.inProgress());
        Iterable<FileInfo> found = listing.listPrefix(table.location());
        table.refresh();
        TableMetadata metadata = ((HasTableOperations) table).operations().current();
        needed.add(metadata.metadataFileLocation());
        metadata.previousFiles().forEach(previous -> needed.add(previous.file()));
        for (Snapshot snapshot : table.snapshots()) {
            needed.add(snapshot.manifestListLocation());
            for (ManifestFile manifest : snapshot.allManifests(table.io())) {
                needed.add(manifest.path());
            }
            StagedFile.of(table, snapshot, pool).forEach(file -> needed.add(file.location()));
        }
        Instant now = clock.instant();
        for (FileInfo file : found) {
            boolean old =
                    Instant.ofEpochMilli(file.createdAtMillis()).plus(grace).isBefore(now);
            if (old && !needed.contains(file.location())) {
                condemned.putIfAbsent(file.location(), now);
            }
        }
    }

    private void bury(Table table) {
        Instant now = clock.instant();
        condemned.forEach((location, since) -> {
            if (location.startsWith(table.location()) && !since.plus(grace).isAfter(now)) {
                table.io().deleteFile(location);
                copies.forget(location);
                condemned.remove(location);
            }
        });
    }
}
