package dev.freshet.ingest.postgres;

import dev.freshet.ingest.postgres.debezium.DebeziumLog;
import dev.freshet.ingest.postgres.debezium.LogBrokenException;
import dev.freshet.ingest.postgres.debezium.LogEvent;
import dev.freshet.ingest.postgres.debezium.LogOptions;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The thread that reads the log. It survives the loss of its database, again and again, with growing pauses. */
final class LogReader implements Runnable {

    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final long REPEAT_ACKNOWLEDGE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Database database;
    private final SourceNames names;
    private final Supplier<List<LogOptions.CapturedTable>> tables;
    private final SlotOpener opener;
    private final TransactionAssembler assembler;
    private final Handover handover;
    private final SourceState state;
    private long acknowledged;
    private long acknowledgedAtNanos;

    LogReader(
            Database database,
            SourceNames names,
            Supplier<List<LogOptions.CapturedTable>> tables,
            SlotOpener opener,
            TransactionAssembler assembler,
            Handover handover,
            SourceState state) {
        this.database = database;
        this.names = names;
        this.tables = tables;
        this.opener = opener;
        this.assembler = assembler;
        this.handover = handover;
        this.state = state;
    }

    /** Makes the slot ready to be streamed and says from where. */
    interface SlotOpener {
        long open() throws InterruptedException;
    }

    @Override
    public void run() {
        long pauseMillis = FIRST_PAUSE_MILLIS;
        try {
            while (!state.isClosed()) {
                boolean streamed = false;
                try {
                    streamed = stream(opener.open());
                } catch (LogBrokenException e) {
                    state.interrupted("the stream broke off and is taken up again: " + e.getMessage());
                } catch (FreshetException e) {
                    if (e.kind() == ErrorKind.INTERNAL || handover.hasFailed()) {
                        throw e;
                    }
                    state.interrupted(e.getMessage());
                }
                assembler.reset();
                pauseMillis = streamed ? FIRST_PAUSE_MILLIS : Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
                if (!state.isClosed()) {
                    TimeUnit.MILLISECONDS.sleep(pauseMillis);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            handover.fail(e);
        }
    }

    /** Returns when the source is closed or, having streamed at least one event, has lost the stream. */
    private boolean stream(long from) throws InterruptedException {
        boolean streamed = false;
        DebeziumLog log = DebeziumLog.open(new LogOptions(
                database.host(),
                database.port(),
                database.name(),
                database.user(),
                database.password(),
                database.driverProperties(),
                names.slot(),
                names.slot(),
                names.slot(),
                tables.get(),
                from,
                database.debezium()));
        try {
            wake();
            while (!state.isClosed()) {
                for (LogEvent event : log.poll()) {
                    assembler.accept(event);
                    if (!streamed) {
                        streamed = true;
                        state.streaming();
                    }
                }
                acknowledge(log);
            }
            return streamed;
        } catch (LogBrokenException e) {
            if (!streamed) {
                throw e;
            }
            state.interrupted("the stream broke off and is taken up again: " + e.getMessage());
            return true;
        } finally {
            close(log);
        }
    }

    /** The server learns of acknowledgements only after the stream's first event: make one. */
    private void wake() {
        try (Connection connection = database.connect()) {
            Heartbeat.emit(connection, names, Heartbeat.WAKE);
        } catch (SQLException e) {
            throw database.failed("writing a heartbeat", e);
        }
    }

    private void acknowledge(DebeziumLog log) throws InterruptedException {
        long wanted = state.acknowledged();
        long now = System.nanoTime();
        if (wanted > acknowledged || (wanted > 0 && now - acknowledgedAtNanos > REPEAT_ACKNOWLEDGE_NANOS)) {
            log.acknowledge(wanted);
            acknowledged = wanted;
            acknowledgedAtNanos = now;
        }
    }

    private static void close(DebeziumLog log) {
        boolean interrupted = Thread.interrupted();
        try {
            log.close();
        } catch (LogBrokenException ignored) {
            // The stream is given up anyway; whatever it held is held by the slot.
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
