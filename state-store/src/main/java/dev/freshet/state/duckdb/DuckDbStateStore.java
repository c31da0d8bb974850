package dev.freshet.state.duckdb;

import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.PoisonRows;
import dev.freshet.state.Shadow;
import dev.freshet.state.StateEpoch;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableScan;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.catalog.Catalog;
import dev.freshet.state.duckdb.catalog.CutClock;
import dev.freshet.state.duckdb.catalog.Mirror;
import dev.freshet.state.duckdb.catalog.ShapeCache;
import dev.freshet.state.duckdb.catalog.StoreFile;
import dev.freshet.state.duckdb.file.DatabaseFile;
import dev.freshet.state.duckdb.file.DuckDbConfig;
import dev.freshet.state.duckdb.file.StoreErrors;
import dev.freshet.state.duckdb.output.DeltaLogs;
import dev.freshet.state.duckdb.output.DuckDbShadow;
import dev.freshet.state.duckdb.session.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The state store in one DuckDB file.
 *
 * <p>The cycle's thread calls {@link #begin}, {@link #prune}, {@link #checkpoint} and {@link #close}; {@link #read} may be called by any
 * thread, and each snapshot has a connection of its own.
 *
 * <p>A file of another format, or one that can't be read, is replaced by a new, empty store of another {@link StateEpoch}; whoever opens it
 * rebuilds it from staging.
 */
public final class DuckDbStateStore implements StateStore {

    private final DuckDbConfig config;
    private final ShapeCache shapes = new ShapeCache();
    private final Set<DuckDbSnapshot> snapshots = ConcurrentHashMap.newKeySet();
    private final Object connecting = new Object();
    private @Nullable DuckDBConnection root;
    private Session writer;
    private DeltaLogs logs;
    private volatile Catalog catalog;
    private @Nullable DuckDbTransaction open;
    private volatile @Nullable DuckDbShadow shadow;
    private boolean reopen;

    /** A writing connection and what was read through it. */
    private record Loaded(Session writer, Catalog catalog, DeltaLogs logs) {

        static Loaded from(DuckDBConnection root) throws SQLException {
            Session writer = new Session(DatabaseFile.session(root.duplicate()));
            boolean done = false;
            try {
                CutClock.install(writer);
                Catalog catalog = Catalog.load(writer);
                Loaded loaded = new Loaded(writer, catalog, DeltaLogs.load(writer, catalog));
                done = true;
                return loaded;
            } finally {
                if (!done) {
                    writer.close();
                }
            }
        }
    }

    private DuckDbStateStore(DuckDbConfig config, DuckDBConnection root) throws SQLException {
        this.config = config;
        this.root = root;
        Loaded loaded = Loaded.from(root);
        this.writer = loaded.writer();
        this.catalog = loaded.catalog();
        this.logs = loaded.logs();
    }

    /**
     * Opens the store, or makes a new one.
     *
     * @throws FreshetException USER when the file is in use by another process or can't be written; RETRYABLE when the disk is full
     */
    public static DuckDbStateStore open(DuckDbConfig config) {
        StoreFile file = new StoreFile(config);
        DuckDBConnection root = file.open();
        try {
            return new DuckDbStateStore(config, root);
        } catch (SQLException | IllegalStateException e) {
            DatabaseFile.closeQuietly(root);
            file.replaceUnreadable(e);
        }
        root = file.open();
        try {
            return new DuckDbStateStore(config, root);
        } catch (SQLException e) {
            DatabaseFile.closeQuietly(root);
            throw StoreErrors.of("opening it", config, e);
        }
    }

    @Override
    public StateEpoch epoch() {
        return catalog.epoch();
    }

    @Override
    public Cut cut() {
        return catalog.cut();
    }

    @Override
    public boolean isReady(TableId source) {
        Mirror mirror = catalog.mirror(source);
        return mirror != null && mirror.ready();
    }

    @Override
    public List<PoisonRows> poisonRows() {
        return catalog.poisonRows();
    }

    @Override
    public StateTransaction begin() {
        return opened();
    }

    private DuckDbTransaction opened() {
        if (open != null) {
            throw new FreshetException(
                    ErrorKind.INTERNAL, "a state transaction is open already: close it before another begins");
        }
        if (reopen) {
            reopen();
        }
        try {
            forgetClosedShadow();
            writer.transaction("BEGIN TRANSACTION");
            Instant now = config.clock().instant();
            CutClock.set(writer, now, ZoneOffset.UTC);
            DuckDbTransaction begun = new DuckDbTransaction(this, config, writer, catalog.copy(), shapes, now);
            open = begun;
            return begun;
        } catch (SQLException e) {
            failed(e);
            throw StoreErrors.of("beginning a transaction", config, e);
        }
    }

    @Override
    public List<TableScan> scans(Map<TableId, TableSchema> tables, Map<TableId, String> models) {
        try (DuckDbTransaction planning = opened()) {
            return planning.scans(tables, models);
        } catch (SQLException e) {
            // A model that can't be planned says so itself when it is computed.
            return StateStore.super.scans(tables, models);
        }
    }

    @Override
    public StateSnapshot read() {
        try {
            Session session;
            synchronized (connecting) {
                if (root == null) {
                    throw new FreshetException(ErrorKind.INTERNAL, "state store '" + config.file() + "' is closed");
                }
                session = new Session(DatabaseFile.session(root.duplicate()));
            }
            DuckDbSnapshot snapshot = DuckDbSnapshot.begin(session, config, snapshots::remove);
            snapshots.add(snapshot);
            return snapshot;
        } catch (SQLException e) {
            throw StoreErrors.of("beginning to read", config, e);
        }
    }

    @Override
    public Optional<Shadow> shadow(Set<TableId> followed, ZoneId zone) {
        DuckDbShadow before = shadow;
        if (before != null && before.isOpen()) {
            throw new FreshetException(ErrorKind.INTERNAL, "models are computed beside the cycles already");
        }
        try {
            synchronized (connecting) {
                if (root == null) {
                    throw new FreshetException(ErrorKind.INTERNAL, "state store '" + config.file() + "' is closed");
                }
                DuckDbShadow begun = DuckDbShadow.begin(root, config, followed, zone);
                shadow = begun;
                return Optional.of(begun);
            }
        } catch (SQLException e) {
            throw StoreErrors.of("beginning to compute beside the cycles", config, e);
        }
    }

    /** @throws FreshetException RETRYABLE when it was closed, or lost while the store mended itself */
    DuckDbShadow open(Shadow wanted) {
        DuckDbShadow current = shadow;
        if (current == null || !current.equals(wanted) || !current.isOpen()) {
            throw new FreshetException(
                    ErrorKind.RETRYABLE, "what was computed beside the cycles is lost: it is computed again");
        }
        return current;
    }

    /** In a transaction that is about to be committed. */
    void keepChanges(Session session, Catalog after, Set<TableId> changed) throws SQLException {
        DuckDbShadow current = shadow;
        if (current != null && current.isOpen()) {
            current.kept().add(session, after, changed);
        }
    }

    private void forgetClosedShadow() throws SQLException {
        DuckDbShadow current = shadow;
        if (current != null && !current.isOpen()) {
            shadow = null;
            current.kept().drop(writer);
        }
    }

    @Override
    public void prune(long through) {
        if (open != null || reopen) {
            return;
        }
        Catalog pruned = catalog.copy();
        try {
            if (logs.prune(writer, pruned, through, config.deltaLogRows())) {
                catalog = pruned;
            }
        } catch (SQLException e) {
            failed(e);
            throw StoreErrors.of("pruning the delta log", config, e);
        }
    }

    @Override
    public void checkpoint() {
        if (open != null || reopen) {
            return;
        }
        try {
            writer.execute("CHECKPOINT");
        } catch (SQLException e) {
            failed(e);
            throw StoreErrors.of("writing a checkpoint", config, e);
        }
    }

    /** The number of the newest cut in the file. */
    long writtenCut() {
        try {
            return writer.number("SELECT max(number) FROM freshet.cut");
        } catch (SQLException e) {
            reopen();
            return catalog.cut().number();
        }
    }

    void committed(DuckDbTransaction transaction, Catalog changed) {
        ended(transaction);
        catalog = changed;
        logs.committed(changed);
    }

    void ended(DuckDbTransaction transaction) {
        if (transaction.equals(open)) {
            open = null;
        }
    }

    /** Remembers what an error means for the next use. */
    void failed(SQLException error) {
        reopen |= StoreErrors.isBroken(error);
    }

    /** Closes everything, snapshots included, and opens the file again: what DuckDB asks for after some errors. */
    void reopen() {
        reopen = true;
        disconnect();
        DuckDBConnection fresh = new StoreFile(config).open();
        try {
            Loaded loaded = Loaded.from(fresh);
            writer = loaded.writer();
            catalog = loaded.catalog();
            logs = loaded.logs();
            synchronized (connecting) {
                root = fresh;
            }
            shapes.forget();
            reopen = false;
        } catch (SQLException e) {
            DatabaseFile.closeQuietly(fresh);
            throw StoreErrors.of("opening it again", config, e);
        }
    }

    private void disconnect() {
        DuckDBConnection old;
        synchronized (connecting) {
            old = root;
            root = null;
        }
        snapshots.forEach(DuckDbSnapshot::close);
        DuckDbShadow lost = shadow;
        shadow = null;
        if (lost != null) {
            lost.close();
        }
        try {
            writer.close();
        } catch (SQLException ignored) {
            // It is being thrown away because it fails.
        }
        if (old != null) {
            DatabaseFile.closeQuietly(old);
        }
    }

    @Override
    public void close() {
        if (open != null) {
            open.close();
        }
        disconnect();
    }
}
