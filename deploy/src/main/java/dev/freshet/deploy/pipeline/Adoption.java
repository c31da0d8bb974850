package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.ingest.StagingArea;
import dev.freshet.ingest.TableReader;
import dev.freshet.state.Connection;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.StagedBase;
import dev.freshet.state.StateSnapshot;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.Takeover;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the tables of history-keeping models back from their targets where the state store does not hold their rows: a table that dbt built, or a
 * state store that was lost. Until then such a model is held, so that its history is never begun anew over a table that has one. A thread of its
 * own reads; the cycle's thread takes what was read.
 */
final class Adoption implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A table that was read. */
    record Found(Model model, TableSchema schema, StagedBase rows, StagingArea area) {
        TableId table() {
            return model.relation();
        }
    }

    private final Project project;
    private final ServiceSettings settings;
    private final Pipeline.Parts parts;
    private final Runnable changed;
    private final Path directory;
    private final Map<TableId, Model> waiting = new TreeMap<>();
    private final Map<TableId, String> held = new ConcurrentHashMap<>();
    private final Set<TableId> failed = ConcurrentHashMap.newKeySet();
    private final Set<TableId> unsettled = ConcurrentHashMap.newKeySet();
    private final Queue<Found> found = new ConcurrentLinkedQueue<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "adoption");

    /**
     * @param anew models whose tables are replaced, not continued
     * @param changed told by the thread when a model need not be held any more or something was found
     */
    Adoption(
            Project project,
            ServiceSettings settings,
            Pipeline.Parts parts,
            StateStore state,
            Set<TableId> anew,
            Runnable changed) {
        this.project = project;
        this.settings = settings;
        this.parts = parts;
        this.changed = changed;
        this.directory = adoptionDirectory(settings);
        try (StateSnapshot snapshot = state.read()) {
            project.models().stream()
                    .filter(model -> model.keepsHistory()
                            && !anew.contains(model.relation())
                            && snapshot.output(model.relation()).isEmpty())
                    .forEach(model -> waiting.put(model.relation(), model));
        }
        waiting.keySet()
                .forEach(table -> held.put(
                        table, "its rows are read back from output '" + table.connection() + "' before it goes on"));
        unsettled.addAll(waiting.keySet());
    }

    /** Where read rows wait for the state store, which must be allowed to read there. */
    static Path adoptionDirectory(ServiceSettings settings) {
        return settings.scratch().resolve("adoption");
    }

    void start() {
        delete(directory);
        if (!waiting.isEmpty()) {
            thread.start();
        }
    }

    /** The models that can't go on yet, and why. */
    Map<TableId, String> heldBack() {
        return Map.copyOf(held);
    }

    /** Nothing is being read or waits to be continued from; what failed is tried again and not waited for. */
    boolean isSettled() {
        return failed.containsAll(unsettled);
    }

    /**
     * Hands what was read to the cycle's thread.
     *
     * @param take returns why a table can't be continued as it is: it is read again later then. What it throws is thrown on, and the table is
     *     handed out again
     */
    void take(Function<Found, Optional<String>> take) {
        for (Found next = found.peek(); next != null; next = found.peek()) {
            Optional<String> refusal = take.apply(next);
            forget(next);
            if (refusal.isPresent()) {
                held.put(next.table(), refusal.get());
                failed.add(next.table());
                synchronized (waiting) {
                    waiting.put(next.table(), next.model());
                }
            } else {
                held.remove(next.table());
            }
        }
    }

    /** A cycle was committed with every model but these. */
    void cycled(Set<TableId> without) {
        if (!unsettled.isEmpty()) {
            unsettled.removeIf(table -> !without.contains(table));
        }
    }

    private void forget(Found done) {
        found.remove(done);
        done.area().close();
        delete(scratch(done.table()));
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        try {
            do {
                Map<TableId, Model> pending;
                synchronized (waiting) {
                    pending = new TreeMap<>(waiting);
                }
                pending.forEach(this::attempt);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
            } while (!held.isEmpty() && !stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attempt(TableId table, Model model) {
        if (stopping.getCount() == 0) {
            return;
        }
        try {
            if (!read(table, model)) {
                held.remove(table);
            }
            failed.remove(table);
            synchronized (waiting) {
                waiting.remove(table);
            }
        } catch (FreshetException e) {
            held.put(table, "its rows can't be read back yet: " + e.getMessage());
            if (failed.add(table)) {
                LOG.warn("the rows of '{}' can't be read back yet: {}", table, e.getMessage(), e);
            }
        }
        changed.run();
    }

    /** Whether there is a table to continue. */
    private boolean read(TableId table, Model model) {
        Connection connection = PipelinePlan.connection(project, table.connection());
        try (TableReader reader = parts.reader(connection)) {
            if (reader.existing(List.of(table)).isEmpty()) {
                return false;
            }
            TableSchema shape = reader.describe(List.of(table), Map.of()).get(table);
            TableSchema columns = new TableSchema(shape.columns(), List.of());
            delete(scratch(table));
            StagingArea area = parts.staging(prepared(settings.in(scratch(table))));
            boolean handedOver = false;
            try {
                var unused = area.acquire(project.pipeline(), Takeover.ALLOWED, settings.lease());
                SourcePosition end = new SourcePosition(1, "adopted");
                long rows = new TableExtract(area, reader, table, columns, SourcePosition.START, end).run();
                StagedBase base = area.pending(table.connection(), List.of(table), SourcePosition.START)
                        .flatMap(batch -> batch.tables().stream()
                                .flatMap(staged -> staged.base().stream())
                                .findFirst())
                        .orElseThrow(() -> new FreshetException(
                                ErrorKind.INTERNAL, "nothing was staged of table '" + table + "'"));
                TableSchema schema = new TableSchema(columns.columns(), key(model, columns));
                LOG.info("'{}' keeps its history: {} rows were read back from its target", table, rows);
                found.add(new Found(model, schema, base, area));
                handedOver = true;
                return true;
            } finally {
                if (!handedOver) {
                    area.close();
                }
            }
        }
    }

    private static List<String> key(Model model, TableSchema columns) {
        return model.uniqueKey().stream()
                .map(
                        name -> columns.columns().stream()
                                .map(column -> column.name())
                                .filter(column -> column.equalsIgnoreCase(name))
                                .findFirst()
                                .orElseThrow(
                                        () -> new FreshetException(
                                                ErrorKind.USER,
                                                "unique_key of '" + model.name() + "' names column \"" + name
                                                        + "\", which its table does not have: correct it, or drop the table to begin anew")))
                .toList();
    }

    private ServiceSettings prepared(ServiceSettings local) {
        try {
            Files.createDirectories(local.stagingDirectory());
            return local;
        } catch (IOException e) {
            throw new FreshetException(
                    ErrorKind.RETRYABLE,
                    "'" + local.stagingDirectory() + "' can't be written: " + e.getMessage() + "; free space there",
                    e);
        }
    }

    private Path scratch(TableId table) {
        return directory.resolve(UUID.nameUUIDFromBytes(table.toString().getBytes(StandardCharsets.UTF_8))
                .toString());
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(path -> {
                boolean unused = path.toFile().delete();
            });
        } catch (IOException e) {
            LOG.debug("what was read back stays in '{}' until the next start", directory, e);
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            if (thread.isAlive()) {
                // A read under way ends with its connection; the target's own timeouts bound it.
                thread.interrupt();
                thread.join(TimeUnit.SECONDS.toMillis(10));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Set<Found> left = new HashSet<>(found);
        left.forEach(this::forget);
    }
}
