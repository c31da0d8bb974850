package dev.freshet.ingest.iceberg;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.ChangeBuffer;
import dev.freshet.ingest.ChangeSource.ResumePoint;
import dev.freshet.ingest.StagingArea;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.jspecify.annotations.Nullable;

/**
 * Staging in an Iceberg catalog of the user's choice, by default one on this machine. A namespace per pipeline ({@link PipelineId#slug}) holds
 * a change table per source table, a positions table per source and a control table that says who owns the pipeline.
 *
 * <p>Nothing but {@link #acquire} works before {@link #acquire}. A batch without rows whose position is not recorded yet is returned with the
 * last recorded position as its end: what is acknowledged is always {@link StagedBatch#end}, never the captured end. A load counts as
 * complete only from a batch on that moves the position, so a source has to move its position (a heartbeat) after {@code LoadStep.Complete}.
 *
 * <p>Ownership is not given up by {@link #close}: call {@link #release} first.
 */
public final class IcebergStagingArea implements StagingArea {

    private static final int TABLES_AT_ONCE = 4;
    private static final int MANIFESTS_AT_ONCE = 2;

    private final StagingSettings settings;
    private final Clock clock;
    private final UUID instance;
    private final Catalog catalog;
    private final ExecutorService commits;
    private final ExecutorService manifests;
    private final SpillingBuffer.Budget memory = SpillingBuffer.Budget.ofHeap();
    private final AtomicLong buffers = new AtomicLong();
    private volatile @Nullable Session session;

    private IcebergStagingArea(StagingSettings settings, Clock clock, UUID instance, Catalog catalog) {
        this.settings = settings;
        this.clock = clock;
        this.instance = instance;
        this.catalog = catalog;
        AtomicLong threads = new AtomicLong();
        this.commits = Executors.newFixedThreadPool(
                TABLES_AT_ONCE, task -> daemon(task, "staging-" + threads.incrementAndGet()));
        // Apart from Iceberg's own pool, which may end before a commit that is under way when the process is told to
        // stop.
        this.manifests = Executors.newFixedThreadPool(
                MANIFESTS_AT_ONCE, task -> daemon(task, "staging-manifests-" + threads.incrementAndGet()));
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * @param instance identifies this process among all that may ever own the pipeline
     * @throws FreshetException USER when the catalog can't be opened
     */
    public static IcebergStagingArea open(StagingSettings settings, Clock clock, UUID instance) {
        try {
            Files.createDirectories(settings.scratch());
        } catch (IOException e) {
            throw Failures.writeFailed(settings.scratch().toString(), e);
        }
        try {
            return new IcebergStagingArea(
                    settings, clock, instance, CatalogUtil.buildIcebergCatalog("freshet", settings.catalog(), null));
        } catch (RuntimeException e) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "can't open the staging catalog (" + settings.catalog().getOrDefault("uri", "no uri") + "): "
                            + e.getMessage() + "; check the catalog's settings and that it is reachable",
                    e);
        }
    }

    @Override
    public Ownership acquire(PipelineId pipeline, Takeover takeover, Duration lease) {
        return calling("can't take pipeline '" + pipeline + "'", () -> take(pipeline, takeover, lease));
    }

    private Ownership take(PipelineId pipeline, Takeover takeover, Duration lease) {
        Namespace namespace = Namespace.of(pipeline.slug());
        createNamespace(namespace);
        Owner owner = new Owner(pipeline, catalog, TableIdentifier.of(namespace, TableNames.OWNER), instance, clock);
        owner.acquire(takeover, lease);
        clearScratch(pipeline);
        Tables tables = new Tables(catalog, namespace, owner, manifests);
        Parallel parallel = new Parallel(commits);
        tables.fence(parallel);
        LocalCopies copies = new LocalCopies(directory(pipeline));
        session = new Session(
                pipeline,
                owner,
                tables,
                new StagedTables(tables, copies, manifests),
                new Upkeep(tables, copies, owner, settings, clock, manifests),
                parallel,
                settings,
                clock);
        return new Ownership(pipeline, owner.epoch(), instance, owner.owner());
    }

    private void createNamespace(Namespace namespace) {
        if (catalog instanceof SupportsNamespaces namespaces && !namespaces.namespaceExists(namespace)) {
            try {
                namespaces.createNamespace(namespace);
            } catch (AlreadyExistsException ignored) {
                // Someone else was quicker.
            } catch (RuntimeException e) {
                if (Failures.isWriteFailure(e)) {
                    throw Failures.writeFailed(namespace.toString(), e);
                }
                throw e;
            }
        }
    }

    private Path directory(PipelineId pipeline) {
        return settings.scratch().resolve(pipeline.slug()).resolve(instance.toString());
    }

    /** What earlier owners on this machine left behind is of no use to anyone. */
    private void clearScratch(PipelineId pipeline) {
        try {
            Path mine = directory(pipeline);
            Files.createDirectories(mine);
            try (var others = Files.newDirectoryStream(mine.getParent())) {
                for (Path other : others) {
                    if (!other.equals(mine)) {
                        LocalFileIO.deleteTree(other);
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            throw Failures.writeFailed(settings.scratch().toString(), e);
        }
    }

    @Override
    public void renew() {
        session().owner().renew();
    }

    @Override
    public void release() {
        session().owner().release();
    }

    @Override
    public ResumePoint recover(String source, List<TableId> tables) {
        return calling(
                "can't read where '" + source + "' stands",
                () -> session().source(source).recover(tables));
    }

    @Override
    public Optional<StagedBatch> pending(String source, List<TableId> tables, SourcePosition after) {
        return calling(
                "can't read what is staged of '" + source + "'",
                () -> session().source(source).pending(tables, after));
    }

    @Override
    public StagedBatch stage(CapturedBatch batch, Consumer<StagedBatch> written) {
        return calling(
                "can't stage a batch of '" + batch.source() + "'",
                () -> session().source(batch.source()).stage(batch, written));
    }

    /** Nothing of Iceberg's gets out. What is not a {@link FreshetException} by now has changed nothing. */
    private static <T> T calling(String otherwise, Supplier<T> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            throw Failures.unusable(otherwise, e);
        }
    }

    @Override
    public Optional<StagedBatch> settle(String source) {
        return calling(
                "can't record the position of '" + source + "'",
                () -> session().source(source).settle());
    }

    @Override
    public ChangeBuffer buffer(TableId table) {
        Path file = directory(session().pipeline()).resolve("changes-" + buffers.incrementAndGet());
        return new SpillingBuffer(file, memory);
    }

    @Override
    public void maintain(Map<String, SourcePosition> through) {
        Session current = session();
        through.forEach((source, position) -> calling("upkeep of '" + source + "' failed", () -> {
            current.upkeep().run(source, position);
            return source;
        }));
    }

    @Override
    public StagingStatus status() {
        return session().status();
    }

    private Session session() {
        Session current = session;
        if (current == null) {
            throw new FreshetException(ErrorKind.INTERNAL, "staging is used before its pipeline was acquired");
        }
        return current;
    }

    @Override
    public void close() {
        Session current = session;
        end(commits);
        end(manifests);
        try {
            if (catalog instanceof Closeable closeable) {
                closeable.close();
            }
            if (current != null) {
                LocalFileIO.deleteTree(directory(current.pipeline()));
            }
        } catch (IOException | UncheckedIOException ignored) {
            // Nothing depends on it: scratch space is emptied at the next start.
        }
    }

    private static void end(ExecutorService executor) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(30, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
