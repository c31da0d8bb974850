package dev.freshet.ingest.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.ingest.CapturedBatch;
import dev.freshet.ingest.CapturedChange;
import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.ChangeSource.Limits;
import dev.freshet.ingest.ChangeSource.LoadProgress;
import dev.freshet.ingest.ChangeSource.ResumePoint;
import dev.freshet.ingest.ChangeSourceFactory;
import dev.freshet.ingest.LoadStep;
import dev.freshet.ingest.TableChanges;
import dev.freshet.state.Connection;
import dev.freshet.state.PipelineId;
import dev.freshet.state.Row;
import dev.freshet.state.RowChange;
import dev.freshet.state.SourcePosition;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.Takeover;
import dev.freshet.state.TransactionSnapshot;
import dev.freshet.testkit.Await;
import dev.freshet.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A source under test and, beside it, staging in memory: it keeps what was captured and puts a table's contents together as promised. */
final class CaptureFixture implements AutoCloseable {

    static final Limits QUICK = new Limits(Duration.ofMillis(20), Duration.ofMillis(200), 10_000);
    private static final long LIMIT_NANOS = Duration.ofSeconds(60).toNanos();

    private final PostgresServer server;
    private final String database;
    private final Path scratch;
    private final List<TableId> tables;
    private Map<TableId, Map<String, String>> declaredTypes = Map.of();
    private final Map<String, String> overrides = new HashMap<>();
    private Takeover takeover = Takeover.REFUSED;
    private String project;
    private long chunkRows = 200_000;

    final List<CapturedBatch> batches = new ArrayList<>();
    final Map<TableId, List<CapturedChange>> changes = new LinkedHashMap<>();
    final Map<TableId, Staged> staged = new HashMap<>();
    SourcePosition position = SourcePosition.START;
    private @Nullable ChangeSource source;

    /** What staging holds of a table's loads. */
    static final class Staged {
        TableSchema schema;
        long load;
        boolean complete;
        int chunks;
        String lastKey = "";
        SourcePosition start = SourcePosition.START;
        SourcePosition end = SourcePosition.START;
        Optional<TransactionSnapshot> snapshot = Optional.empty();
        final List<LoadStep.LoadedRow> rows = new ArrayList<>();
        boolean loading;
        int begun;

        Staged(TableSchema schema) {
            this.schema = schema;
        }
    }

    CaptureFixture(PostgresServer server, String database, Path scratch, String... tables) {
        this.server = server;
        this.database = database;
        this.scratch = scratch;
        // Slots belong to the server, not to a database.
        this.project = database;
        this.tables = List.of(tables).stream()
                .map(name -> new TableId("crm", "public", name))
                .toList();
    }

    static TableId table(String name) {
        return new TableId("crm", "public", name);
    }

    CaptureFixture declare(String table, Map<String, String> types) {
        declaredTypes = Map.of(table(table), types);
        return this;
    }

    CaptureFixture with(String setting, String value) {
        overrides.put(setting, value);
        return this;
    }

    CaptureFixture project(String name) {
        project = name;
        return this;
    }

    CaptureFixture takingOver() {
        takeover = Takeover.ALLOWED;
        return this;
    }

    CaptureFixture chunks(long rows) {
        chunkRows = rows;
        return this;
    }

    ChangeSourceFactory.Setup setup() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "host", server.host(),
                "port", String.valueOf(server.port()),
                "dbname", database,
                "user", server.user(),
                "password", server.password()));
        settings.putAll(overrides);
        return new ChangeSourceFactory.Setup(
                new Connection("crm", "postgres", settings),
                new PipelineId(project, "dev"),
                tables,
                declaredTypes,
                takeover,
                scratch,
                table -> new ListBuffer());
    }

    String slot() {
        return SourceNames.of(new PipelineId(project, "dev"), "crm").slot();
    }

    ChangeSource create() {
        source = new PostgresChangeSource(setup(), chunkRows);
        return source;
    }

    /** Starts where staging stands. */
    ChangeSource start() {
        ChangeSource created = create();
        created.start(resumePoint());
        return created;
    }

    ResumePoint resumePoint() {
        Map<TableId, SourcePosition> reached = new HashMap<>();
        Map<TableId, LoadProgress> loads = new HashMap<>();
        staged.forEach((table, held) -> {
            reached.put(table, position);
            if (held.begun > 0) {
                loads.put(
                        table,
                        new LoadProgress(held.load, held.complete, held.chunks, held.lastKey, held.start, held.end));
            }
        });
        Map<TableId, TableSchema> shapes = new HashMap<>();
        staged.forEach((table, held) -> shapes.put(table, held.schema));
        return new ResumePoint(position, reached, loads, shapes);
    }

    ChangeSource source() {
        assertThat(source).isNotNull();
        return source;
    }

    /** Takes one batch, if there is one, stages it and acknowledges. */
    Optional<CapturedBatch> pump() throws InterruptedException {
        Optional<CapturedBatch> batch = source().next(QUICK);
        batch.ifPresent(this::stage);
        return batch;
    }

    void pumpUntil(BooleanSupplier done) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!done.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as("waiting for %s", source().status())
                    .isLessThan(deadline);
            pump();
        }
    }

    /** Until everything committed so far has arrived and no load is open. */
    void drain() throws InterruptedException {
        pumpUntil(() -> staged.size() == tables.size()
                && staged.values().stream().allMatch(table -> table.complete)
                && source().status().loading().isEmpty());
        SourcePosition present = source().present();
        pumpUntil(() -> !present.isAfter(position));
    }

    private void stage(CapturedBatch batch) {
        assertThat(batch.source()).isEqualTo("crm");
        assertThat(batch.start()).isEqualTo(position);
        assertThat(batch.start().isAfter(batch.end())).isFalse();
        batches.add(batch);
        for (TableChanges table : batch.tables()) {
            Staged held = staged.computeIfAbsent(table.table(), id -> new Staged(table.schema()));
            held.schema = table.schema();
            table.changes().forEach(change -> {
                assertThat(change.position()).isGreaterThan(batch.start().ordinal());
                assertThat(change.position()).isLessThanOrEqualTo(batch.end().ordinal());
                changes.computeIfAbsent(table.table(), id -> new ArrayList<>()).add(change);
            });
        }
        batch.loads().forEach(step -> stage(step, batch));
        position = batch.end();
        source().acknowledge(position);
    }

    private void stage(LoadStep step, CapturedBatch batch) {
        Staged held = staged.get(step.table());
        if (step instanceof LoadStep.Begin begin) {
            held = held == null ? new Staged(begin.schema()) : held;
            assertThat(begin.load()).isGreaterThan(held.load);
            assertThat(begin.start().isAfter(batch.end())).isFalse();
            staged.put(step.table(), held);
            held.schema = begin.schema();
            held.load = begin.load();
            held.complete = false;
            held.loading = true;
            held.begun++;
            held.chunks = 0;
            held.lastKey = "";
            held.start = begin.start();
            held.rows.clear();
        } else if (step instanceof LoadStep.Chunk chunk) {
            assertThat(chunk.load()).isEqualTo(held.load);
            assertThat(chunk.number()).isEqualTo(held.chunks);
            chunk.rows().forEachRemaining(held.rows::add);
            held.chunks++;
            held.lastKey = chunk.lastKey();
        } else if (step instanceof LoadStep.Complete complete) {
            assertThat(complete.load()).isEqualTo(held.load);
            assertThat(complete.end().isAfter(batch.end())).isFalse();
            // Whoever stands where the batch before ended must still have this to pass.
            assertThat(complete.end().isAfter(batch.start())).isTrue();
            held.complete = true;
            held.loading = false;
            held.end = complete.end();
            held.snapshot = complete.snapshot();
        }
    }

    List<CapturedChange> changes(String table) {
        return changes.getOrDefault(table(table), List.of());
    }

    /** The table's contents, put together from base and changes by the rules of {@link dev.freshet.state.StagedBase}. */
    List<Row> contents(String table) {
        Staged held = staged.get(table(table));
        return held.schema.isKeyed() ? keyed(held, table) : bag(held, table);
    }

    private List<Row> keyed(Staged held, String table) {
        Map<List<Object>, Row> rows = new LinkedHashMap<>();
        held.rows.forEach(row -> rows.put(key(held.schema, row.row()), row.row()));
        Row moving = null;
        for (CapturedChange change : changes(table)) {
            if (Long.compareUnsigned(change.position(), held.start.ordinal()) <= 0) {
                continue;
            }
            if (change.change() instanceof RowChange.Insert insert) {
                Row before = insert.movedFromPrevious() ? moving : null;
                Row after = padded(insert.after(), held.schema);
                Row known = before != null ? before : rows.get(key(held.schema, after));
                rows.put(key(held.schema, after), fill(after, known));
            } else if (change.change() instanceof RowChange.Update update) {
                Row after = padded(update.after(), held.schema);
                rows.put(key(held.schema, after), fill(after, rows.get(key(held.schema, after))));
            } else if (change.change() instanceof RowChange.Delete delete) {
                moving = rows.remove(key(held.schema, padded(delete.before(), held.schema)));
            } else {
                rows.clear();
            }
        }
        return List.copyOf(rows.values());
    }

    private List<Row> bag(Staged held, String table) {
        List<Row> rows = new ArrayList<>();
        held.rows.forEach(row -> rows.add(row.row()));
        for (CapturedChange change : changes(table)) {
            if (Long.compareUnsigned(change.position(), held.start.ordinal()) <= 0
                    || held.snapshot.orElseThrow().shows(change.transaction())) {
                continue;
            }
            if (change.change() instanceof RowChange.Insert insert) {
                rows.add(insert.after());
            } else if (change.change() instanceof RowChange.Update update) {
                assertThat(rows.remove(update.before())).isTrue();
                rows.add(update.after());
            } else if (change.change() instanceof RowChange.Delete delete) {
                assertThat(rows.remove(delete.before()))
                        .as("%s in the bag", delete)
                        .isTrue();
            } else {
                rows.clear();
            }
        }
        return rows;
    }

    private static Row padded(Row row, TableSchema schema) {
        if (row.size() == schema.columns().size()) {
            return row;
        }
        Object[] values = new Object[schema.columns().size()];
        BitSet unavailable = new BitSet();
        for (int i = 0; i < row.size(); i++) {
            values[i] = row.value(i);
            unavailable.set(i, row.isUnavailable(i));
        }
        return unavailable.isEmpty() ? Row.of(values) : Row.partial(values, unavailable);
    }

    /** While a load is under way a row may pass through incomplete, if it was gone again before anyone could look: the end must be whole. */
    private static Row fill(Row row, @Nullable Row known) {
        if (row.isComplete() || known == null) {
            return row;
        }
        Object[] values = new Object[row.size()];
        BitSet unavailable = new BitSet();
        for (int i = 0; i < values.length; i++) {
            values[i] = row.isUnavailable(i) ? known.value(i) : row.value(i);
            unavailable.set(i, row.isUnavailable(i) && known.isUnavailable(i));
        }
        return unavailable.isEmpty() ? Row.of(values) : Row.partial(values, unavailable);
    }

    private static List<Object> key(TableSchema schema, Row row) {
        List<Object> key = new ArrayList<>();
        schema.key().forEach(column -> key.add(row.value(schema.indexOf(column))));
        return key;
    }

    /** The table as it is now, through the one-time reader. */
    List<Row> now(String table) {
        List<Row> rows = new ArrayList<>();
        try (var reader = new PostgresTableReader(Database.of(setup().connection()))) {
            reader.describe(List.of(table(table)), declaredTypes);
            reader.read(table(table), row -> rows.add(row.row()));
        }
        return rows;
    }

    /** Closes the source and waits until the server has noticed that nobody reads the slot any more. */
    void leaveSlot() {
        source().close();
        Await.until("slot " + slot() + " is left", Duration.ofSeconds(30), () -> {
            try (var connection = server.connect(database);
                    var statement = connection.createStatement();
                    var row = statement.executeQuery(
                            "select active from pg_replication_slots where slot_name = '" + slot() + "'")) {
                return !row.next() || !row.getBoolean(1);
            }
        });
    }

    void execute(String... statements) {
        server.execute(database, statements);
    }

    /** The slot's confirmed position. */
    long confirmed() {
        try (var connection = server.connect(database)) {
            return ReplicationSlot.lsn(
                    connection,
                    "(select confirmed_flush_lsn from pg_replication_slots where slot_name = '" + slot() + "')");
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
    }
}
