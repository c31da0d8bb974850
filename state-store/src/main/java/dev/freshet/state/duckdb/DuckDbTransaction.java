package dev.freshet.state.duckdb;

import dev.freshet.state.Accumulation;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.RowCursor;
import dev.freshet.state.RowMaintenance;
import dev.freshet.state.RowPart;
import dev.freshet.state.Shadow;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.StagedTable;
import dev.freshet.state.StagedVersions;
import dev.freshet.state.StateNames;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.CutClock;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.catalog.ShapeCache;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.HiddenValues;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.mirror.CopiedTable;
import dev.freshet.state.duckdb.mirror.Reconciler;
import dev.freshet.state.duckdb.mirror.RowsAtHand;
import dev.freshet.state.duckdb.mirror.Versions;
import dev.freshet.state.duckdb.output.DuckDbShadow;
import dev.freshet.state.duckdb.output.ModelOutputs;
import dev.freshet.state.duckdb.output.ModelShapes;
import dev.freshet.state.duckdb.session.ResultCursor;
import dev.freshet.state.duckdb.session.Session;
import dev.freshet.state.duckdb.sql.ShapeText;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cycle's transaction on the writing connection. DuckDB answers a COMMIT after an error as if nothing were wrong and rolls back, so any
 * exception kills the transaction here, and a commit counts only once its cut has been read back.
 *
 * <p>{@code now()}, {@code current_timestamp} and {@code current_date} in a model mean the moment that {@link #clock} says, or else that this
 * transaction began, in UTC.
 */
final class DuckDbTransaction implements StateTransaction {

    private static final Logger log = LoggerFactory.getLogger(DuckDbTransaction.class);

    private enum Phase {
        OPEN,
        DEAD,
        ENDED
    }

    interface Work<T> {
        T run() throws SQLException;
    }

    private final List<Reconciliation> reconciliations = new ArrayList<>();
    private final DuckDbStateStore store;
    private final DuckDbConfig config;
    private final Session session;
    private final Catalog catalog;
    private final ShapeCache shapes;
    private final ModelOutputs models;
    private final List<String> cleanups = new ArrayList<>();
    private final RowsAtHand atHand;
    private final Set<String> reconciled = new HashSet<>();
    private final Map<TableId, StagedTable> staged = new TreeMap<>();
    private final Map<String, SourcePosition> reached = new TreeMap<>();
    /** The tables whose delta can be read. */
    private final Set<TableId> changed = new HashSet<>();

    private Phase phase = Phase.OPEN;
    private Instant now;

    DuckDbTransaction(
            DuckDbStateStore store,
            DuckDbConfig config,
            Session session,
            Catalog catalog,
            ShapeCache shapes,
            Instant now) {
        this.now = now;
        this.store = store;
        this.config = config;
        this.session = session;
        this.catalog = catalog;
        this.shapes = shapes;
        this.models = new ModelOutputs(session, catalog, shapes, number(), changed, cleanups);
        this.atHand = new RowsAtHand(session, shapes.tables(), cleanups);
    }

    private long number() {
        return catalog.cut().number() + 1;
    }

    @Override
    public List<TableDelta> reconcile(StagedBatch batch) {
        if (!reconciled.add(batch.source())) {
            throw new IllegalStateException("a second batch of '" + batch.source()
                    + "' in one transaction: join batches before reconciling them");
        }
        return work("reconciling batch " + batch.id(), () -> {
            Reconciler reconciler = new Reconciler(session, catalog, cleanups, changed, shapes.tables(), atHand);
            List<TableDelta> result = reconciler.reconcile(batch);
            reconciliations.addAll(reconciler.reconciliations());
            batch.tables().forEach(table -> staged.put(table.table(), table));
            SourcePosition cursor = catalog.cut().position(batch.source());
            reached.put(batch.source(), cursor.isAfter(batch.end()) ? cursor : batch.end());
            if (result.stream().anyMatch(TableDelta::replaced)) {
                shapes.forget();
                session.working().forget();
            }
            return result;
        });
    }

    /** Rows of source tables that were found when their changes were compared. */
    RowsAtHand atHand() {
        return atHand;
    }

    @Override
    public List<Reconciliation> reconciliations() {
        return List.copyOf(reconciliations);
    }

    @Override
    public boolean isReady(TableId source) {
        requireAlive();
        Mirror mirror = catalog.mirror(source);
        return mirror != null && mirror.ready();
    }

    @Override
    public void defineView(TableId model, String sql) {
        model(model, () -> {
            models.defineView(model, sql);
            return "";
        });
    }

    @Override
    public TableDelta recompute(TableId model, String sql, List<String> uniqueKey) {
        return model(model, () -> models.recompute(model, sql, uniqueKey));
    }

    @Override
    public TableDelta takeOver(TableId model, Shadow shadow, List<String> uniqueKey) {
        DuckDbShadow.Computed computed = store.open(shadow).computed(model);
        return model(model, () -> models.takeOver(model, computed, uniqueKey));
    }

    @Override
    public List<TableDelta> changesSince(Shadow shadow) {
        DuckDbShadow ours = store.open(shadow);
        return work("looking for what changed beside a computation", () -> {
            List<TableDelta> deltas = ours.kept().changes(session, catalog);
            deltas.forEach(delta -> changed.add(delta.table()));
            ours.kept().tables().forEach(table -> cleanups.add("DELETE FROM " + StateNames.delta(table)));
            return deltas;
        });
    }

    @Override
    public TableDelta recompute(TableId model, String sql, RowPart part) {
        return model(model, () -> models.recompute(model, sql, part));
    }

    @Override
    public void release(TableId model) {
        requireAlive();
        models.release(model);
    }

    @Override
    public TableDelta accumulate(TableId model, Accumulation accumulation) {
        return model(model, () -> models.accumulate(model, accumulation));
    }

    @Override
    public StagedVersions stageVersions(TableId source) {
        StagedTable table = staged.get(source);
        return work("looking for the versions of '" + source + "'", () -> {
            Mirror mirror = keyed(source);
            SourcePosition cursor = catalog.cut().position(source.connection());
            if (mirror == null || table == null || table.loading()) {
                return new StagedVersions(0, false, reached(source));
            }
            Versions.Before before = table.base().isPresent()
                    ? Versions.Before.NOBODY
                    : changed.contains(source) ? Versions.Before.DELTA : Versions.Before.MIRROR;
            return new Versions(session, table, shapes.tables(), mirror, before).stage(cursor);
        });
    }

    @Override
    public StagedVersions stageVersions(TableId source, StagedBatch since, SourcePosition after) {
        Optional<StagedTable> found = since.tables().stream()
                .filter(table -> table.table().equals(source) && !table.loading())
                .findFirst();
        return work("looking for the versions of '" + source + "'", () -> {
            Mirror mirror = keyed(source);
            if (mirror == null || found.isEmpty()) {
                return new StagedVersions(0, true, reached(source));
            }
            StagedTable limited = new StagedTable(
                    source,
                    mirror.schema(),
                    after,
                    reached(source),
                    found.get().files(),
                    found.get().base(),
                    false);
            StagedVersions versions =
                    new Versions(session, limited, shapes.tables(), mirror, Versions.Before.NOBODY).stage(after);
            return new StagedVersions(versions.events(), true, versions.through());
        });
    }

    private @Nullable Mirror keyed(TableId source) {
        Mirror mirror = catalog.mirror(source);
        if (mirror != null && !mirror.schema().isKeyed()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "table '" + source + "' has no key, so that its rows can't be followed from version to version");
        }
        cleanups.add("DROP TABLE IF EXISTS " + StateNames.versions(source));
        return mirror;
    }

    /** How far this transaction has brought a table. */
    private SourcePosition reached(TableId source) {
        return reached.getOrDefault(source.connection(), catalog.cut().position(source.connection()));
    }

    @Override
    public TableDelta adopt(TableId model, TableSchema schema, StagedBase rows) {
        return model(model, () -> models.adopt(model, schema, rows));
    }

    @Override
    public Optional<RowMaintenance> rowMaintenance() {
        return Optional.of(new DuckDbRowMaintenance(this, session, catalog, models, shapes.tables(), changed));
    }

    @Override
    public void drop(TableId model) {
        work("dropping model '" + model + "'", () -> {
            models.drop(model);
            return "";
        });
    }

    @Override
    public boolean fill(TableId source, TableSchema schema, List<String> columns, Path file) {
        return work("reading what was copied of table '" + source + "'", () -> {
            new CopiedTable(session, catalog).fill(source, schema, columns, file);
            return true;
        });
    }

    @Override
    public void clock(Instant moment, ZoneId zone) {
        work("setting the clock", () -> {
            CutClock.set(session, moment, zone);
            now = moment;
            return "";
        });
    }

    @Override
    public Instant now() {
        return now;
    }

    /** What queries need of mirrors that are empty; the transaction is of no use afterwards. */
    List<TableScan> scans(Map<TableId, TableSchema> tables, Map<TableId, String> models) throws SQLException {
        return new CopiedTable(session, catalog).scans(tables, models);
    }

    @Override
    public void hold(TableId model, String reason) {
        requireAlive();
        models.hold(model, reason);
    }

    @Override
    public RowCursor query(String sql) {
        return work("running a query", () -> ResultCursor.ofQuery(session, config, sql));
    }

    @Override
    public void remember(String key, String value) {
        requireAlive();
        catalog.remember(key, value);
    }

    @Override
    public String recall(String key) {
        requireAlive();
        return catalog.recall(key);
    }

    @Override
    public Cut commit(Map<String, SourcePosition> positions, Instant clock) {
        Cut before = catalog.cut();
        Map<String, SourcePosition> merged = new TreeMap<>(before.positions());
        // A batch that is replayed must not take the cursor back.
        positions.forEach(
                (source, position) -> merged.merge(source, position, (old, next) -> next.isAfter(old) ? next : old));
        Cut cut = new Cut(number(), merged, clock.isBefore(before.clock()) ? before.clock() : clock);
        work("writing cut " + cut.number(), () -> {
            catalog.flush(session);
            catalog.countPoison(session);
            store.keepChanges(session, catalog, changed);
            session.execute(
                    "INSERT INTO freshet.cut VALUES (?, ?, ?)",
                    cut.number(),
                    cut.clock().toString(),
                    ShapeText.of(cut.positions()));
            for (String cleanup : cleanups) {
                session.working().cleanUp(cleanup);
            }
            return "";
        });
        phase = Phase.ENDED;
        try {
            session.transaction("COMMIT");
        } catch (SQLException e) {
            afterFailedCommit(cut, e);
        }
        requireCommitted(cut);
        sweep();
        catalog.cut(cut);
        store.committed(this, catalog);
        return cut;
    }

    private void sweep() {
        try {
            session.working().sweep();
        } catch (SQLException e) {
            store.failed(e);
            log.warn("Memory of working tables was not freed: {}", StoreErrors.firstLine(e));
        }
    }

    /** The answer of a COMMIT that failed is not trusted: the file says whether it happened. */
    private void afterFailedCommit(Cut cut, SQLException e) {
        rollback();
        store.failed(e);
        if (StoreErrors.isBroken(e)) {
            store.reopen();
        }
        if (store.writtenCut() != cut.number()) {
            abandoned();
            throw StoreErrors.of("committing cut " + cut.number(), config, e);
        }
        log.warn(
                "The commit of cut {} was reported as failed but had happened: {}",
                cut.number(),
                StoreErrors.firstLine(e));
    }

    private void requireCommitted(Cut cut) {
        long written = store.writtenCut();
        if (written != cut.number()) {
            abandoned();
            throw new FreshetException(
                    ErrorKind.RETRYABLE,
                    "the commit of cut " + cut.number() + " in state store '" + config.file()
                            + "' did not happen (it stands at " + written + "); nothing was changed");
        }
    }

    <T> T model(TableId model, Work<T> work) {
        return work("computing model '" + model + "'", () -> {
            try {
                return work.run();
            } catch (SQLException e) {
                if (StoreErrors.isOurs(e)) {
                    throw e;
                }
                if (StoreErrors.isOutOfMemory(e)) {
                    throw ModelShapes.failed(
                            model,
                            "it needs more memory than the state store's limit of " + (config.memoryLimitBytes() >> 20)
                                    + " MiB: raise the limit or let the model read less. DuckDB says: "
                                    + StoreErrors.firstLine(e),
                            e);
                }
                SQLException told = HiddenValues.in(e);
                throw ModelShapes.failed(
                        model,
                        "its SQL failed: " + String.valueOf(told.getMessage()).strip(),
                        told);
            }
        });
    }

    <T> T work(String doing, Work<T> work) {
        requireAlive();
        boolean done = false;
        try {
            T result = work.run();
            done = true;
            return result;
        } catch (SQLException e) {
            store.failed(e);
            throw StoreErrors.of(doing, config, e);
        } finally {
            if (!done) {
                phase = Phase.DEAD;
            }
        }
    }

    private void requireAlive() {
        if (phase != Phase.OPEN) {
            throw new FreshetException(
                    ErrorKind.INTERNAL,
                    phase == Phase.DEAD
                            ? "this state transaction failed before: close it and begin another"
                            : "this state transaction has ended: begin another");
        }
    }

    @Override
    public void close() {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        rollback();
        abandoned();
    }

    /** What was found out in it is of tables that are not as they were found. */
    private void abandoned() {
        shapes.forget();
        session.working().forget();
        store.ended(this);
    }

    private void rollback() {
        try {
            session.transaction("ROLLBACK");
        } catch (SQLException ignored) {
            // DuckDB has rolled back by itself, or the connection is gone and with it the transaction.
        }
    }
}
