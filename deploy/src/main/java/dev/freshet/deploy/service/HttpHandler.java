package dev.freshet.deploy.service;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests in and gives answers out, on the event loop. What they mean is {@link Api}'s matter, on a worker: a question on one of several, a query
 * on one of two others, a change on one of its own. So however long a reload or the SQL of a test takes, and however many wait for it, health and status
 * are still told and 'pause' is done.
 */
final class HttpHandler implements Handler<HttpServerRequest> {

    private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);
    private static final int MOST_WAITING = 64;
    /** At once: each may use all of the state store's threads. */
    private static final int QUERIES = 2;

    private static final int LONGEST_BODY = 16 * 1024;
    private static final Pattern LENGTH = Pattern.compile("\\d{1,6}");
    private static final Map<String, String> SECURITY = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-cache");

    private final Vertx vertx;
    private final Api api;
    private final EventStream events;
    private final RequestGuard guard;
    private final WorkerExecutor querying;
    private final WorkerExecutor changing;
    private final Map<String, Api.Answer> files = Page.files();
    private final Map<Api.Work, AtomicInteger> waiting = Map.of(
            Api.Work.QUESTION, new AtomicInteger(),
            Api.Work.QUERY, new AtomicInteger(),
            Api.Work.CHANGE, new AtomicInteger());

    HttpHandler(Vertx vertx, Api api, EventStream events, RequestGuard guard) {
        this.vertx = vertx;
        this.api = api;
        this.events = events;
        this.guard = guard;
        this.querying = vertx.createSharedWorkerExecutor("freshet-queries", QUERIES);
        this.changing = vertx.createSharedWorkerExecutor("freshet-changes", 1);
    }

    @Override
    public void handle(HttpServerRequest request) {
        request.exceptionHandler(error -> LOG.debug("a request broke off", error));
        request.response().exceptionHandler(error -> LOG.debug("an answer broke off", error));
        SECURITY.forEach(request.response()::putHeader);
        boolean changes =
                !request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD);
        Optional<String> refusal = guard.refusal(new RequestGuard.Request(
                changes,
                header(request, "Host"),
                header(request, "Origin"),
                header(request, "Sec-Fetch-Site"),
                header(request, "Content-Type"),
                header(request, "Authorization")));
        if (refusal.isPresent()) {
            send(request, Api.Answer.error(403, refusal.get()));
            return;
        }
        Api.Answer file = changes ? null : files.get(request.path());
        if (file != null) {
            send(request, file);
            return;
        }
        route(request);
    }

    private static String header(HttpServerRequest request, String name) {
        @Nullable String value = request.getHeader(name);
        return value == null ? "" : value;
    }

    private void route(HttpServerRequest request) {
        String method = request.method().equals(HttpMethod.HEAD)
                ? "GET"
                : request.method().name();
        List<Api.Route> here = Api.ROUTES.stream()
                .filter(route -> route.path().equals(request.path()))
                .toList();
        Optional<Api.Route> route =
                here.stream().filter(known -> known.method().equals(method)).findFirst();
        if (here.isEmpty()) {
            send(request, Api.Answer.error(404, "there is nothing at " + request.path()));
        } else if (route.isEmpty()) {
            request.response().putHeader("Allow", here.get(0).method());
            send(
                    request,
                    Api.Answer.error(
                            405, request.path() + " takes " + here.get(0).method()));
        } else if (route.get().equals(Api.EVENTS)) {
            events.add(request.response());
        } else {
            work(request, route.get());
        }
    }

    private void work(HttpServerRequest request, Api.Route route) {
        String length = header(request, "Content-Length");
        if (!header(request, "Transfer-Encoding").isEmpty()
                || !length.isEmpty()
                        && (!LENGTH.matcher(length).matches() || Integer.parseInt(length) > LONGEST_BODY)) {
            send(request, Api.Answer.error(413, "the body must have a Content-Length of at most " + LONGEST_BODY));
            return;
        }
        AtomicInteger ahead = waiting.get(route.work());
        if (ahead.incrementAndGet() > MOST_WAITING) {
            ahead.decrementAndGet();
            send(request, Api.Answer.error(503, "too many requests at once: try again"));
            return;
        }
        request.body().compose(body -> answer(route, body)).onComplete(done -> {
            ahead.decrementAndGet();
            if (done.succeeded()) {
                send(request, done.result());
            } else {
                LOG.warn("{} {} failed", route.method(), route.path(), done.cause());
                send(request, Api.Answer.error(500, "this is a defect of Freshet: " + done.cause()));
            }
        });
    }

    private Future<Api.Answer> answer(Api.Route route, Buffer body) {
        String text = body.toString(StandardCharsets.UTF_8);
        return switch (route.work()) {
            case QUESTION -> vertx.executeBlocking(() -> api.answer(route, text), false);
            case QUERY -> querying.executeBlocking(() -> api.answer(route, text), false);
            case CHANGE ->
                changing.executeBlocking(
                        () -> {
                            Api.Answer answer = api.answer(route, text);
                            events.push();
                            return answer;
                        },
                        false);
        };
    }

    private static void send(HttpServerRequest request, Api.Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(answer.status())
                .putHeader("Content-Type", answer.contentType())
                .putHeader("Content-Length", Integer.toString(answer.body().length));
        if (request.method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(Buffer.buffer(answer.body()));
        }
    }
}
