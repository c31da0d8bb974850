package dev.freshet.ingest.postgres;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.ChangeSourceFactory.Setup;
import dev.freshet.ingest.postgres.debezium.LogOptions;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.Takeover;
import dev.freshet.state.TransactionSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Captures tables of one PostgreSQL database through its log. Three threads work for it beside the caller's: one reads the log, one loads
 * tables, one watches the slot.
 */
final class PostgresChangeSource implements ChangeSource {

    private static final int TRANSACTION_ROWS_IN_MEMORY = 50_000;
    private static final long TRANSACTION_CHARS_IN_MEMORY = 64L << 20;
    private static final long CHUNK_BYTES = 128L << 20;
    private static final int RECENT_TRANSACTIONS = 1 << 16;
    /**
     * A stream that has caught up comes to a load's end within a second. While it does not, a transaction of ours keeps the server from removing what others
     * delete: for a minute that is no more than an ordinary report does, and autovacuum looks once a minute by default.
     */
    private static final long SETTLED_MILLIS = 60_000;

    private static final long JOIN_MILLIS = 15_000;

    private final Setup setup;
    private final Database database;
    private final SourceNames names;
    private final TableCatalog catalog;
    private final Publication publication;
    private final ReplicationSlot slot;
    private final SourceState state;
    private final Handover handover;
    private final RecentTransactions recent = new RecentTransactions(RECENT_TRANSACTIONS);
    private final MovedRows movedRows;
    private final TableLoads loads;
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable TrackedTables tables;
    private boolean slotIsReady;

    PostgresChangeSource(Setup setup, long chunkRows) {
        this.setup = setup;
        this.database = Database.of(setup.connection());
        this.names = SourceNames.of(setup.pipeline(), database.output(), setup.owner());
        this.catalog = new TableCatalog(database, setup.declaredTypes(), TableCatalog.Purpose.CAPTURE);
        this.publication = new Publication(database, names);
        this.slot = new ReplicationSlot(database, names);
        this.state = new SourceState(database.output());
        this.handover = new Handover(database.output(), setup.buffers());
        this.movedRows = new MovedRows(database);
        this.loads = new TableLoads(
                database,
                names,
                recent,
                handover,
                state,
                new ChunkSpool(setup.scratch(), CHUNK_BYTES),
                movedRows,
                SETTLED_MILLIS,
                chunkRows);
    }

    @Override
    public Map<TableId, TableSchema> tables() {
        TrackedTables tracked = tables;
        if (tracked != null) {
            return tracked.schemas();
        }
        try (Connection connection = database.connect()) {
            Map<TableId, TableSchema> schemas = new HashMap<>();
            catalog.describe(connection, setup.tables()).forEach((id, table) -> schemas.put(id, table.schema()));
            return Map.copyOf(schemas);
        } catch (SQLException e) {
            throw database.failed("closing a connection", e);
        }
    }

    @Override
    public void start(ResumePoint resume) {
        emptyScratch();
        try (Connection connection = database.connect()) {
            slot.checkServer(connection);
            Map<TableId, TrackedTable> tracked = new HashMap<>();
            catalog.describe(connection, setup.tables())
                    .forEach((id, shape) -> tracked.put(
                            id,
                            new TrackedTable(
                                    shape,
                                    resume.staged()
                                            .getOrDefault(id, SourcePosition.START)
                                            .ordinal())));
            TrackedTables captured = new TrackedTables(database, catalog, state, tracked);
            tables = captured;
            loads.begin(captured, resume.loads());
            Publication.Outcome published = publication.ensure(
                    connection,
                    setup.tables(),
                    setup.takeover() == Takeover.ALLOWED
                            ? Publication.Ownership.TAKE_OVER
                            : Publication.Ownership.KEEP);
            long from = ready(connection, resume.position().ordinal(), published);
            slotIsReady = true;
            handover.begin(resume.position().ordinal(), from);
            for (TableId table : setup.tables()) {
                LoadProgress progress = resume.loads().get(table);
                TableSchema staged = resume.shapes().get(table);
                boolean grown = staged != null && captured.get(table).shape().hasGrownSince(staged);
                if (progress == null || published.added().contains(table) || grown) {
                    if (grown) {
                        state.notice("table \"" + table.schema() + "." + table.name()
                                + "\" has gained or changed columns while it was not captured, so it is loaded anew");
                    }
                    loads.request(table);
                } else if (!progress.complete()) {
                    loads.resume(table);
                }
            }
            begin(captured);
        } catch (SQLException e) {
            throw database.failed("closing a connection", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FreshetException(
                    ErrorKind.RETRYABLE, "starting output '" + database.output() + "' was interrupted", e);
        }
    }

    private void begin(TrackedTables captured) {
        TransactionAssembler assembler = new TransactionAssembler(
                captured,
                new TransactionRows(setup.scratch(), TRANSACTION_ROWS_IN_MEMORY, TRANSACTION_CHARS_IN_MEMORY),
                recent,
                handover,
                loads,
                state,
                movedRows);
        LogReader reader =
                new LogReader(database, names, () -> logTables(captured), this::reopen, assembler, handover, state);
        run("log", reader);
        run("load", loads);
        run("watch", new SlotWatch(database, names, recent, state));
    }

    private void run(String role, Runnable body) {
        Thread thread = new Thread(body, "freshet-" + database.output() + "-" + role);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Makes the slot fit for the position; after a gap every table is loaded anew. */
    private long ready(Connection connection, long position, Publication.Outcome published)
            throws InterruptedException, SQLException {
        ReplicationSlot.Outcome ready = slot.ensure(
                connection,
                position,
                published.created() ? ReplicationSlot.PublicationAge.NEW : ReplicationSlot.PublicationAge.KEPT);
        TransactionSnapshot snapshot = TableLoads.snapshot(connection);
        recent.begin(ready.from(), snapshot.xmax());
        handover.advance(ready.from());
        if (position == 0 || ready.gap().isPresent()) {
            loads.slotCreated(snapshot);
        }
        ready.gap().ifPresent(gap -> {
            state.notice("FRS001 replication slot \"" + names.slot() + "\" " + gap
                    + ". Changes after what is staged are lost to the log, so a new slot was made and every table is loaded"
                    + " anew; targets are mended by comparison");
            setup.tables().forEach(loads::request);
        });
        return ready.from();
    }

    /** The first time the slot has just been made ready; later on it may be gone, with the server it was on. */
    private long reopen() throws InterruptedException {
        if (slotIsReady) {
            slotIsReady = false;
            return recent.position();
        }
        try (Connection connection = database.connect()) {
            Publication.Outcome published = publication.ensure(connection, setup.tables(), Publication.Ownership.KEEP);
            published.added().forEach(loads::request);
            return ready(connection, recent.position(), published);
        } catch (SQLException e) {
            throw database.failed("closing a connection", e);
        }
    }

    private static List<LogOptions.CapturedTable> logTables(TrackedTables captured) {
        return captured.schemas().entrySet().stream()
                .map(entry -> new LogOptions.CapturedTable(
                        entry.getKey().schema(),
                        entry.getKey().name(),
                        entry.getValue().key()))
                .toList();
    }

    @Override
    public Optional<CapturedBatch> next(Limits limits) throws InterruptedException {
        return handover.take(limits);
    }

    @Override
    public void acknowledge(SourcePosition position) {
        state.acknowledge(position.ordinal());
    }

    @Override
    public SourcePosition present() {
        try (Connection connection = database.connect()) {
            long inserted = ReplicationSlot.lsn(connection, "pg_current_wal_insert_lsn()");
            Heartbeat.emit(connection, names, Heartbeat.POSITION);
            return LogPosition.of(inserted);
        } catch (SQLException e) {
            throw database.failed("asking for the present position", e);
        }
    }

    @Override
    public void requestLoad(TableId table) {
        if (!setup.tables().contains(table)) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "table \"" + table + "\" is not captured: name one of " + Set.copyOf(setup.tables()));
        }
        loads.request(table);
    }

    @Override
    public SourceStatus status() {
        return state.status(loads.loading());
    }

    @Override
    public void close() {
        state.close();
        handover.close();
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(JOIN_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        movedRows.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        emptyScratch();
    }

    private void emptyScratch() {
        try {
            Files.createDirectories(setup.scratch());
            try (Stream<Path> files = Files.list(setup.scratch())) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the scratch directory '" + setup.scratch() + "' can't be used: " + e.getMessage(),
                    e);
        }
    }
}
