package dev.freshet.ingest.postgres.debezium;

import dev.freshet.ingest.postgres.debezium.LogEvent.RowEvent;
import io.debezium.connector.postgresql.SourceInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
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

    private record TableName(String schema, String table) {}

    private final Map<TableName, List<String>> keys;
    private final TextTask task;
    private final ResumeContext context;
    // A fresh placeholder for each stream: no row can hold it by chance.
    private final String placeholder = "__freshet_unavailable_" + UUID.randomUUID();
    private final Map<Schema, RowReader> readers = new IdentityHashMap<>();
    // How many events of the open transaction we made two of.
    private long split;
    private @Nullable Schema transactions;
    private @Nullable Schema messages;

    private DebeziumLog(LogOptions options) {
        this.keys = options.tables().stream()
                .collect(Collectors.toUnmodifiableMap(
                        table -> new TableName(table.schema(), table.name()), LogOptions.CapturedTable::key));
        this.task = new TextTask();
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
            read(record, events);
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

    private void read(SourceRecord record, List<LogEvent> events) {
        Schema schema = record.valueSchema();
        if (schema == null) {
            return;
        }
        RowReader reader = readers.get(schema);
        if (reader != null) {
            row(reader, record, events);
        } else if (schema == transactions) {
            events.add(boundary(record));
        } else if (schema == messages) {
            events.add(message((Struct) record.value()));
        } else if (TRANSACTION_VALUE.equals(schema.name())) {
            transactions = schema;
            events.add(boundary(record));
        } else if (schema.field(MESSAGE_FIELD) != null && schema.field("after") == null) {
            messages = schema;
            events.add(message((Struct) record.value()));
        } else if (schema.field("after") != null && schema.field("source") != null) {
            RowReader fresh = RowReader.of(schema, (Struct) record.value(), placeholder, keys);
            forget(fresh.relation);
            readers.put(schema, fresh);
            row(fresh, record, events);
        }
    }

    private void row(RowReader reader, SourceRecord record, List<LogEvent> events) {
        RowEvent event = reader.read(record);
        if (!reader.movesKey(event)) {
            events.add(event);
            return;
        }
        events.add(new RowEvent(event.relation(), 'd', false, event.before(), null));
        events.add(new RowEvent(event.relation(), 'c', true, null, event.after()));
        split++;
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

    private LogEvent boundary(SourceRecord record) {
        Struct value = (Struct) record.value();
        String id = value.getString("id");
        int colon = id.indexOf(':');
        long transaction = Long.parseLong(id, 0, colon < 0 ? id.length() : colon, 10);
        if ("BEGIN".equals(value.getString("status"))) {
            split = 0;
            return new LogEvent.Begin(transaction);
        }
        Map<String, ?> offset = record.sourceOffset();
        return new LogEvent.End(
                transaction, (Long) offset.get("lsn_commit"), value.getInt64("event_count") + split, (Long)
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
        private final int[] key;

        private RowReader(Relation relation, Schema envelope, Field[] columns, int[] key, String placeholder) {
            this.relation = relation;
            this.placeholder = placeholder;
            this.operation = envelope.field("op");
            this.before = envelope.field("before");
            this.after = envelope.field("after");
            this.columns = columns;
            this.key = key;
        }

        static RowReader of(Schema envelope, Struct first, String placeholder, Map<TableName, List<String>> keys) {
            Struct source = first.getStruct("source");
            List<Field> fields = envelope.field("after").schema().fields();
            Relation relation = new Relation(
                    source.getString("schema"),
                    source.getString("table"),
                    fields.stream().map(Field::name).toList());
            int[] key = keys.getOrDefault(new TableName(relation.schema(), relation.table()), List.of()).stream()
                    .mapToInt(relation.columns()::indexOf)
                    .filter(column -> column >= 0)
                    .toArray();
            return new RowReader(relation, envelope, fields.toArray(new Field[0]), key, placeholder);
        }

        RowEvent read(SourceRecord record) {
            Struct value = (Struct) record.value();
            char op = ((String) value.get(operation)).charAt(0);
            return new RowEvent(
                    relation, op, false, values((Struct) value.get(before)), values((Struct) value.get(after)));
        }

        /** Whether an update gave its row another key. The server sends the old key then, and a whole old row where it always does. */
        boolean movesKey(RowEvent event) {
            @Nullable String[] old = event.before();
            @Nullable String[] now = event.after();
            if (event.operation() != 'u' || old == null || now == null) {
                return false;
            }
            for (int column : key) {
                if (!isUnavailable(now[column]) && !Objects.equals(old[column], now[column])) {
                    return true;
                }
            }
            return false;
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
