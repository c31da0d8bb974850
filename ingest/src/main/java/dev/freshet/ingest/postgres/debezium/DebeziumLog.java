package dev.freshet.ingest.postgres.debezium;

import io.debezium.connector.postgresql.SourceInfo;
import io.debezium.relational.RelationalChangeRecordEmitter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The stream of one replication slot. Used by one thread. Freshet drives the connector's task itself instead of through Debezium's engine:
 * pulling needs no queue, thread or offset store beside ours, and the moment of each acknowledgement is ours too.
 */
public final class DebeziumLog implements AutoCloseable {

    /** Stands for a value that the server did not send because it did not change. See {@link #isUnavailable}. */
    @SuppressWarnings("StringOperationCanBeSimplified")
    public static final String UNAVAILABLE = new String("unavailable");

    /** Whether a value was not sent. Identity matters: a column may well hold that word. */
    @SuppressWarnings("ReferenceEquality")
    public static boolean isUnavailable(@Nullable String value) {
        return value == UNAVAILABLE;
    }

    private static final String TRANSACTION_VALUE = "io.debezium.connector.common.TransactionMetadataValue";
    private static final String MESSAGE_FIELD = "message";

    private final TextTask task;
    private final ResumeContext context;
    // A fresh placeholder for each stream: no row can hold it by chance.
    private final String placeholder = "__freshet_unavailable_" + UUID.randomUUID();
    private final Map<Schema, RowReader> readers = new IdentityHashMap<>();
    private @Nullable Schema transactions;
    private @Nullable Schema messages;

    private DebeziumLog(LogOptions options) {
        Map<String, List<String>> keys = new HashMap<>();
        for (LogOptions.CapturedTable table : options.tables()) {
            keys.put(TextTask.id(table.schema(), table.name()), table.key());
        }
        this.task = new TextTask(keys);
        this.context = new ResumeContext(ConnectorProperties.of(options, placeholder), options.from());
        task.initialize(context);
    }

    /**
     * Connects and starts to stream.
     *
     * @throws LogBrokenException when the database can't be streamed now
     */
    public static DebeziumLog open(LogOptions options) {
        DebeziumLog log = new DebeziumLog(options);
        try {
            log.task.start(log.context.configs());
        } catch (RuntimeException e) {
            log.close();
            throw new LogBrokenException(e);
        }
        return log;
    }

    /**
     * The next events in order, waiting a few milliseconds for the first.
     *
     * @throws LogBrokenException when the stream has ended; what it delivered remains valid
     */
    public List<LogEvent> poll() throws InterruptedException {
        List<SourceRecord> records;
        try {
            records = task.poll();
        } catch (ConnectException e) {
            throw new LogBrokenException(e);
        }
        if (records == null || records.isEmpty()) {
            return List.of();
        }
        List<LogEvent> events = new ArrayList<>(records.size());
        for (SourceRecord record : records) {
            LogEvent event = event(record);
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    /**
     * Lets the server forget everything up to here. Takes effect with the next {@link #poll}; before the first event of a stream the server
     * is not told, so it has to be said again later.
     */
    public void acknowledge(long lsn) throws InterruptedException {
        context.acknowledge(lsn);
        task.commit();
    }

    /** Ends the stream. The slot and everything not acknowledged stay. */
    @Override
    public void close() {
        try {
            task.stop();
        } catch (RuntimeException e) {
            throw new LogBrokenException(e);
        }
    }

    private @Nullable LogEvent event(SourceRecord record) {
        Schema schema = record.valueSchema();
        if (schema == null) {
            return null;
        }
        if (schema == transactions) {
            return boundary(record);
        }
        RowReader reader = readers.get(schema);
        if (reader != null) {
            return reader.read(record);
        }
        if (schema == messages) {
            return message((Struct) record.value());
        }
        if (TRANSACTION_VALUE.equals(schema.name())) {
            transactions = schema;
            return boundary(record);
        }
        if (schema.field(MESSAGE_FIELD) != null && schema.field("after") == null) {
            messages = schema;
            return message((Struct) record.value());
        }
        if (schema.field("after") == null || schema.field("source") == null) {
            return null;
        }
        RowReader fresh = RowReader.of(schema, (Struct) record.value(), placeholder);
        forget(fresh.relation);
        readers.put(schema, fresh);
        return fresh.read(record);
    }

    private void forget(Relation successor) {
        Iterator<RowReader> known = readers.values().iterator();
        while (known.hasNext()) {
            Relation relation = known.next().relation;
            if (relation.schema().equals(successor.schema()) && relation.table().equals(successor.table())) {
                known.remove();
            }
        }
    }

    private static LogEvent boundary(SourceRecord record) {
        Struct value = (Struct) record.value();
        String id = value.getString("id");
        int colon = id.indexOf(':');
        long transaction = Long.parseLong(id, 0, colon < 0 ? id.length() : colon, 10);
        if ("BEGIN".equals(value.getString("status"))) {
            return new LogEvent.Begin(transaction);
        }
        Map<String, ?> offset = record.sourceOffset();
        return new LogEvent.End(transaction, (Long) offset.get("lsn_commit"), value.getInt64("event_count"), (Long)
                offset.get(SourceInfo.TIMESTAMP_USEC_KEY));
    }

    private static LogEvent message(Struct value) {
        Object content = value.getStruct(MESSAGE_FIELD).get("content");
        if (content instanceof ByteBuffer buffer) {
            return new LogEvent.Message(
                    StandardCharsets.UTF_8.decode(buffer.duplicate()).toString());
        }
        return new LogEvent.Message(content instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : "");
    }

    /** Reads the rows of one description of a table, its fields resolved once. */
    private static final class RowReader {

        private final Relation relation;
        private final String placeholder;
        private final Field operation;
        private final Field before;
        private final Field after;
        private final Field[] columns;

        private RowReader(Relation relation, Schema envelope, Field[] columns, String placeholder) {
            this.relation = relation;
            this.placeholder = placeholder;
            this.operation = envelope.field("op");
            this.before = envelope.field("before");
            this.after = envelope.field("after");
            this.columns = columns;
        }

        static RowReader of(Schema envelope, Struct first, String placeholder) {
            Struct source = first.getStruct("source");
            List<Field> fields = envelope.field("after").schema().fields();
            Relation relation = new Relation(
                    source.getString("schema"),
                    source.getString("table"),
                    fields.stream().map(Field::name).toList());
            return new RowReader(relation, envelope, fields.toArray(new Field[0]), placeholder);
        }

        LogEvent read(SourceRecord record) {
            Struct value = (Struct) record.value();
            char op = ((String) value.get(operation)).charAt(0);
            boolean moved = op == 'c'
                    && !record.headers().isEmpty()
                    && record.headers().lastWithName(RelationalChangeRecordEmitter.PK_UPDATE_OLDKEY_FIELD) != null;
            return new LogEvent.RowEvent(
                    relation, op, moved, values((Struct) value.get(before)), values((Struct) value.get(after)));
        }

        private @Nullable String @Nullable [] values(@Nullable Struct row) {
            if (row == null) {
                return null;
            }
            String[] values = new String[columns.length];
            for (int i = 0; i < values.length; i++) {
                String text = (String) row.get(columns[i]);
                values[i] = placeholder.equals(text) ? UNAVAILABLE : text;
            }
            return values;
        }
    }
}
