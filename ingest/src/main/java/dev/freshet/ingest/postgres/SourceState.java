package dev.freshet.ingest.postgres;

import dev.freshet.ingest.ChangeSource.SourceStatus;
import dev.freshet.state.TableId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the source's threads know of each other. Each warning is logged once and shown in the status until it is over. */
final class SourceState {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresChangeSource.class);

    private final String source;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong capturedRows = new AtomicLong();
    private volatile boolean connected;
    private volatile boolean closed;
    private volatile @Nullable String outage;
    private volatile @Nullable String notice;
    private volatile long lagBytes = -1;

    SourceState(String source) {
        this.source = source;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
        connected = false;
    }

    void streaming() {
        if (!connected) {
            LOG.info("source '{}' is streaming", source);
        }
        connected = true;
        outage = null;
    }

    void interrupted(String problem) {
        connected = false;
        if (!problem.equals(outage)) {
            LOG.warn("source '{}': {}", source, problem);
        }
        outage = problem;
    }

    /** Something an operator should know, though capture goes on. */
    void notice(String text) {
        LOG.warn("source '{}': {}", source, text);
        notice = text;
    }

    void settled() {
        notice = null;
    }

    void acknowledge(long lsn) {
        acknowledged.accumulateAndGet(lsn, Math::max);
    }

    long acknowledged() {
        return acknowledged.get();
    }

    void captured(long rows) {
        capturedRows.addAndGet(rows);
    }

    void lag(long bytes) {
        lagBytes = bytes;
    }

    SourceStatus status(List<TableId> loading) {
        String now = outage;
        return new SourceStatus(
                connected, Optional.ofNullable(now == null ? notice : now), lagBytes, capturedRows.get(), loading);
    }
}
