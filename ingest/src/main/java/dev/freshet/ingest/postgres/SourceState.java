package dev.freshet.ingest.postgres;

import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.ChangeSource.SourceStatus;
import dev.freshet.state.TableId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the source's threads know of each other. Each warning is logged once and shown in the status until it is over. */
final class SourceState {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresChangeSource.class);

    private static final long NOTICE_SHOWN_NANOS = Duration.ofSeconds(30).toNanos();

    private final String source;
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong capturedRows = new AtomicLong();
    private volatile boolean connected;
    private volatile boolean closed;
    private volatile @Nullable String outage;
    private volatile @Nullable Notice notice;
    private volatile ChangeSource.LogRetention log = ChangeSource.LogRetention.UNKNOWN;

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

    /** Something worth a line in the log. */
    void remark(String text) {
        LOG.info("source '{}': {}", source, text);
    }

    /** Something an operator should know, though capture goes on. */
    void notice(String text) {
        LOG.warn("source '{}': {}", source, text);
        notice = new Notice(text, System.nanoTime(), false);
    }

    /** What the notice spoke of is mended. It stays a while all the same, or nobody might ever see it. */
    void settled() {
        Notice current = notice;
        if (current != null && !current.settled()) {
            notice = new Notice(current.text(), System.nanoTime(), true);
        }
    }

    private Optional<String> visibleNotice() {
        return Optional.ofNullable(notice)
                .filter(current -> !current.settled() || System.nanoTime() - current.atNanos() < NOTICE_SHOWN_NANOS)
                .map(Notice::text);
    }

    private record Notice(String text, long atNanos, boolean settled) {}

    void acknowledge(long lsn) {
        acknowledged.accumulateAndGet(lsn, Math::max);
    }

    long acknowledged() {
        return acknowledged.get();
    }

    void captured(long rows) {
        capturedRows.addAndGet(rows);
    }

    void log(ChangeSource.LogRetention kept) {
        log = kept;
    }

    SourceStatus status(List<TableId> loading) {
        String now = outage;
        return new SourceStatus(
                connected, Optional.ofNullable(now).or(this::visibleNotice), log, capturedRows.get(), loading);
    }
}
