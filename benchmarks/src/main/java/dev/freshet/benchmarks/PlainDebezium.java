package dev.freshet.benchmarks;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: Debezium's embedded engine as anyone would set it up, reading the same tables of the same server through a slot of its own into
 * a consumer that counts and forgets. It gets every setting that makes ours fast.
 */
final class PlainDebezium implements Contestant {

    private static final String SLOT = "plain_debezium";
    private static final String TRANSACTION = "io.debezium.connector.common.TransactionMetadataValue";
    private static final long LIMIT_MINUTES = 10;
    private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final SourceDatabase database;
    private final Path directory;

    /** @param directory of its own, for the offsets */
    PlainDebezium(SourceDatabase database, Path directory) {
        this.database = database;
        this.directory = directory;
    }

    @Override
    public String name() {
        return "debezium";
    }

    /** Makes the slot and the first offset, so that later starts go on from where the last one stopped. Changes one row. */
    void prepare() throws InterruptedException {
        database.execute("create publication " + SLOT + " for table "
                + SourceDatabase.CHANGING.stream()
                        .map(table -> "\"" + table.schema() + "\".\"" + table.name() + "\"")
                        .collect(Collectors.joining(", ")));
        Counter counter = new Counter(1, new Drain.Watch());
        try (Run run = new Run(counter)) {
            await("bool_or(active)", "Debezium did not start to stream");
            database.execute("update customers set segment = segment where customer_id = 10000");
            run.await();
        }
    }

    @Override
    public Drain drain(long rows) throws InterruptedException {
        // The server needs a moment to see that the last engine has gone.
        await("not bool_or(active)", "the slot of the baseline did not become free");
        Counter counter = new Counter(rows, new Drain.Watch());
        try (Run run = new Run(counter)) {
            return run.await();
        }
    }

    private void await(String slotIs, String otherwise) throws InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT_NANOS;
        while (!database.holds("select " + slotIs + " from pg_replication_slots where slot_name = '" + SLOT + "'")) {
            if (System.nanoTime() - deadline > 0) {
                throw new FreshetException(ErrorKind.SOURCE, otherwise + " within 60 s");
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Override
    public void close() {
        // Each drain has closed what it opened.
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("name", SLOT);
        properties.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        properties.setProperty("offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore");
        properties.setProperty(
                "offset.storage.file.filename", directory.resolve("offsets.dat").toString());
        properties.setProperty("topic.prefix", SLOT);
        properties.setProperty("database.hostname", database.host());
        properties.setProperty("database.port", Integer.toString(database.port()));
        properties.setProperty("database.user", database.user());
        properties.setProperty("database.password", database.password());
        properties.setProperty("database.dbname", database.name());
        properties.setProperty("plugin.name", "pgoutput");
        properties.setProperty("slot.name", SLOT);
        properties.setProperty("publication.name", SLOT);
        properties.setProperty("publication.autocreate.mode", "disabled");
        properties.setProperty(
                "table.include.list",
                SourceDatabase.CHANGING.stream()
                        .map(table -> table.schema() + "\\." + table.name())
                        .collect(Collectors.joining(",")));
        properties.setProperty("snapshot.mode", "no_data");
        properties.setProperty("provide.transaction.metadata", "true");
        properties.setProperty("tombstones.on.delete", "false");
        properties.setProperty("poll.interval.ms", "5");
        properties.setProperty("max.batch.size", "4096");
        properties.setProperty("max.queue.size", "16384");
        return properties;
    }

    /** Takes row changes and forgets them. */
    private static final class Counter
            implements DebeziumEngine.ChangeConsumer<ChangeEvent<SourceRecord, SourceRecord>> {

        private final long wanted;
        private final Drain.Watch watch;
        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicReference<@Nullable Drain> drain = new AtomicReference<>();
        private volatile long rows;

        Counter(long wanted, Drain.Watch watch) {
            this.wanted = wanted;
            this.watch = watch;
        }

        @Override
        public void handleBatch(
                List<ChangeEvent<SourceRecord, SourceRecord>> records,
                DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> committer)
                throws InterruptedException {
            long counted = rows;
            for (ChangeEvent<SourceRecord, SourceRecord> event : records) {
                if (isRow(event.value())) {
                    watch.first();
                    counted++;
                }
                committer.markProcessed(event);
            }
            committer.markBatchFinished();
            rows = counted;
            if (counted >= wanted && drain.get() == null) {
                drain.set(watch.last(counted));
                done.countDown();
            }
        }

        private static boolean isRow(@Nullable SourceRecord record) {
            return record != null
                    && record.valueSchema() != null
                    && !TRANSACTION.equals(record.valueSchema().name())
                    && record.valueSchema().field("op") != null
                    && !"m".equals(((org.apache.kafka.connect.data.Struct) record.value()).get("op"));
        }
    }

    /** An engine at work. */
    private final class Run implements AutoCloseable {

        private final Counter counter;
        private final DebeziumEngine<ChangeEvent<SourceRecord, SourceRecord>> engine;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final AtomicReference<@Nullable String> ended = new AtomicReference<>();

        Run(Counter counter) {
            this.counter = counter;
            this.engine = DebeziumEngine.create(Connect.class)
                    .using(properties())
                    .using((success, message, error) -> {
                        ended.set(error == null ? String.valueOf(message) : message + ": " + error);
                        counter.done.countDown();
                    })
                    .notifying(counter)
                    .build();
            thread.execute(engine);
        }

        void failIfEnded() {
            String message = ended.get();
            if (message != null && counter.drain.get() == null) {
                throw new FreshetException(ErrorKind.SOURCE, "Debezium stopped by itself: " + message);
            }
        }

        Drain await() throws InterruptedException {
            if (!counter.done.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                throw new FreshetException(
                        ErrorKind.SOURCE,
                        "Debezium delivered " + counter.rows + " of " + counter.wanted + " row changes within "
                                + LIMIT_MINUTES + " minutes");
            }
            failIfEnded();
            Drain drain = counter.drain.get();
            if (drain == null || drain.rows() != counter.wanted) {
                throw new FreshetException(
                        ErrorKind.INTERNAL,
                        "Debezium delivered " + counter.rows + " row changes where " + counter.wanted + " were made");
            }
            return drain;
        }

        @Override
        public void close() {
            try {
                engine.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                thread.shutdown();
            }
            try {
                if (!thread.awaitTermination(60, TimeUnit.SECONDS)) {
                    throw new FreshetException(ErrorKind.INTERNAL, "Debezium did not end within 60 s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
