package dev.freshet.state.duckdb.output;

import static dev.freshet.state.duckdb.sql.SqlText.CUT;

import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.Output;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How many rows each model's delta log holds of each cut, so that pruning knows what there is to forget without asking. Rows are forgotten
 * when a worthwhile number has come together: until then they only cost the space they take.
 */
public final class DeltaLogs {

    /** Fewer obsolete rows than this, and than remain, are left for later. */
    private static final long WORTHWHILE = 5_000;

    /** Positions of old cuts are needed by held models only. */
    private static final long KEPT_CUTS = 1_000;

    private final Map<Long, NavigableMap<Long, Long>> rows = new HashMap<>();
    private long oldestCut;

    private DeltaLogs() {}

    /** Counts the rows that are there. */
    public static DeltaLogs load(Session session, Catalog catalog) throws SQLException {
        DeltaLogs logs = new DeltaLogs();
        for (Output output : catalog.outputs().values()) {
            NavigableMap<Long, Long> cuts = new TreeMap<>();
            session.rows("SELECT " + CUT + ", count(*) FROM " + output.logTable() + " GROUP BY ALL", row -> {
                cuts.put(row.getLong(1), row.getLong(2));
                return cuts;
            });
            logs.rows.put(output.id(), cuts);
        }
        logs.oldestCut = session.number("SELECT min(number) FROM freshet.cut");
        return logs;
    }

    /** Takes in the deltas of the catalog's newest cut. */
    public void committed(Catalog catalog) {
        long cut = catalog.cut().number();
        if (oldestCut == 0) {
            oldestCut = cut;
        }
        Map<Long, NavigableMap<Long, Long>> known = new HashMap<>(rows);
        rows.clear();
        for (Output output : catalog.outputs().values()) {
            rows.put(output.id(), known.getOrDefault(output.id(), new TreeMap<>()));
        }
        catalog.logged().forEach((id, added) -> {
            NavigableMap<Long, Long> cuts = rows.get(id);
            if (cuts != null) {
                cuts.put(cut, added);
            }
        });
    }

    /** @return whether anything was forgotten; {@code catalog} then knows it too */
    public boolean prune(Session session, Catalog catalog, long through, long bound) throws SQLException {
        long floor = floor(bound);
        boolean all = floor > 0;
        long target = Math.min(Math.max(through, floor), catalog.cut().number());
        List<Output> worthwhile = catalog.outputs().values().stream()
                .filter(output -> isWorthwhile(output, target, all))
                .toList();
        boolean manyCuts = catalog.cut().number() - oldestCut > 2 * KEPT_CUTS;
        if (worthwhile.isEmpty() && !manyCuts) {
            return false;
        }
        boolean done = false;
        try {
            session.transaction("BEGIN TRANSACTION");
            for (Output output : worthwhile) {
                session.execute("DELETE FROM " + output.logTable() + " WHERE " + CUT + " <= " + target);
                catalog.put(output.logStartingAt(Math.max(output.logFrom(), target)));
            }
            if (manyCuts) {
                String held = catalog.outputs().values().stream()
                        .filter(Output::isHeld)
                        .map(output -> " AND number <> " + output.heldAt())
                        .collect(Collectors.joining());
                session.execute("DELETE FROM freshet.cut WHERE number <= "
                        + (catalog.cut().number() - KEPT_CUTS) + held);
            }
            catalog.flush(session);
            session.transaction("COMMIT");
            done = true;
        } finally {
            if (!done) {
                rollback(session);
            }
        }
        worthwhile.forEach(output -> rows.getOrDefault(output.id(), new TreeMap<>())
                .headMap(target, true)
                .clear());
        if (manyCuts) {
            oldestCut = catalog.cut().number() - KEPT_CUTS;
        }
        return true;
    }

    private static void rollback(Session session) {
        try {
            session.transaction("ROLLBACK");
        } catch (SQLException ignored) {
            // The error that led here is the one to tell.
        }
    }

    private boolean isWorthwhile(Output output, long through, boolean all) {
        NavigableMap<Long, Long> cuts = rows.getOrDefault(output.id(), new TreeMap<>());
        long obsolete = sum(cuts.headMap(through, true));
        return obsolete > 0 && (all || obsolete >= Math.max(WORTHWHILE, sum(cuts) - obsolete));
    }

    /** The newest cut that has to be forgotten so that the rest is within the bound; 0 when all fits. */
    private long floor(long bound) {
        TreeMap<Long, Long> byCut = new TreeMap<>();
        rows.values().forEach(cuts -> cuts.forEach((cut, count) -> byCut.merge(cut, count, Long::sum)));
        long kept = 0;
        for (Map.Entry<Long, Long> cut : byCut.descendingMap().entrySet()) {
            kept += cut.getValue();
            if (kept > bound) {
                return cut.getKey();
            }
        }
        return 0;
    }

    private static long sum(Map<Long, Long> cuts) {
        return cuts.values().stream().mapToLong(Long::longValue).sum();
    }
}
