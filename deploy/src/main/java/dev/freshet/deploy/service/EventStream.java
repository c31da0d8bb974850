package dev.freshet.deploy.service;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the whole status to everyone who listens, every second. Who reads too slowly is passed over and gets a later one: nothing piles up. While nobody
 * listens nothing is done.
 */
final class EventStream implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
    private static final int MOST_LISTENERS = 64;
    private static final long INTERVAL_MILLIS = 1_000;

    private final Vertx vertx;
    private final Supplier<String> status;
    private final Set<HttpServerResponse> listeners = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean busy = new AtomicBoolean();

    EventStream(Vertx vertx, Supplier<String> status) {
        this.vertx = vertx;
        this.status = status;
    }

    void start() {
        vertx.setPeriodic(INTERVAL_MILLIS, timer -> push());
    }

    void add(HttpServerResponse response) {
        if (listeners.size() >= MOST_LISTENERS) {
            response.setStatusCode(503).end("{\"error\":\"too many listeners\"}");
            return;
        }
        response.setChunked(true).putHeader("Content-Type", "text/event-stream");
        response.closeHandler(closed -> listeners.remove(response));
        // A browser that lost the service asks again after this many milliseconds.
        response.write("retry: 1000\n\n");
        listeners.add(response);
        push();
    }

    /** Sends the status as it is now, soon. May be called by any thread. */
    void push() {
        if (listeners.isEmpty() || !busy.compareAndSet(false, true)) {
            return;
        }
        vertx.executeBlocking(status::get, false).onComplete(done -> {
            busy.set(false);
            if (done.succeeded()) {
                send("event: status\ndata: " + done.result() + "\n\n");
            } else {
                LOG.warn("the status could not be told", done.cause());
            }
        });
    }

    private void send(String event) {
        for (HttpServerResponse listener : listeners) {
            if (listener.closed() || listener.ended()) {
                listeners.remove(listener);
            } else if (!listener.writeQueueFull()) {
                listener.write(event);
            }
        }
    }

    @Override
    public void close() {
        listeners.clear();
    }
}
