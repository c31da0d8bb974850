package dev.freshet.deploy.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.deploy.observe.PipelineMetrics;
import dev.freshet.deploy.observe.StatusJson;
import dev.freshet.deploy.observe.StatusReport;
import dev.freshet.deploy.pipeline.Pauses;
import dev.freshet.deploy.pipeline.Pipeline;
import dev.freshet.deploy.verdict.Tests;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.state.TableId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What each address answers, apart from HTTP. Its methods may take as long as a parse or a drain: never on an event loop. */
final class Api {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_ROWS = 1_000;

    /** What a request sets the service to do. */
    enum Work {
        /** Tells what is known: soon done. */
        QUESTION,
        /** Runs a query, for as long as its SQL takes. */
        QUERY,
        /** Changes what runs. */
        CHANGE
    }

    /** One address, as the OpenAPI document lists it. */
    record Route(String method, String path, Work work) {

        private static Route get(String path) {
            return new Route("GET", path, Work.QUESTION);
        }

        /** What a page of another origin must not be able to ask for. */
        private static Route post(String path, Work work) {
            return new Route("POST", path, work);
        }
    }

    /** An answer in full. */
    record Answer(int status, String contentType, byte[] body) {

        static Answer json(int status, JsonNode body) {
            return text(status, "application/json", body.toString());
        }

        static Answer text(int status, String contentType, String body) {
            return new Answer(status, contentType, body.getBytes(StandardCharsets.UTF_8));
        }

        static Answer error(int status, String message) {
            return json(status, JSON.createObjectNode().put("error", message));
        }
    }

    static final Route EVENTS = Route.get("/api/v1/events");

    /** Every address of the API; {@link #EVENTS} is a stream and answered elsewhere. */
    static final List<Route> ROUTES = List.of(
            Route.get("/health/live"),
            Route.get("/health/ready"),
            Route.get("/metrics"),
            Route.get("/api/v1/openapi.json"),
            Route.get("/api/v1/status"),
            Route.get("/api/v1/plan"),
            EVENTS,
            Route.get("/api/v1/backfills"),
            Route.post("/api/v1/backfill", Work.CHANGE),
            Route.post("/api/v1/failures", Work.QUERY),
            Route.post("/api/v1/pause", Work.CHANGE),
            Route.post("/api/v1/resume", Work.CHANGE),
            Route.post("/api/v1/reload", Work.CHANGE));

    private final HostedPipeline hosted;
    private final PipelineMetrics metrics;
    private final byte[] openApi;

    Api(HostedPipeline hosted, PipelineMetrics metrics) {
        this.hosted = hosted;
        this.metrics = metrics;
        this.openApi = WebFiles.bytes("openapi.json");
    }

    Answer answer(Route route, String body) {
        try {
            return switch (route.path()) {
                case "/health/live" -> live();
                case "/health/ready" -> ready();
                case "/metrics" ->
                    Answer.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape(hosted.report()));
                case "/api/v1/openapi.json" -> new Answer(200, "application/json", openApi);
                case "/api/v1/status" -> Answer.json(200, StatusJson.of(hosted.report()));
                case "/api/v1/plan" ->
                    Answer.json(
                            200,
                            PlanJson.of(hosted.pipeline().map(Pipeline::plans).orElse(List.of())));
                case "/api/v1/backfills" -> Answer.json(200, BackfillJson.of(hosted.backfills()));
                case "/api/v1/backfill" -> backfill(body);
                case "/api/v1/failures" -> failures(body);
                case "/api/v1/pause" -> Answer.json(200, pauses(hosted.pause(subject(body))));
                case "/api/v1/resume" -> Answer.json(200, pauses(hosted.resume(subject(body))));
                case "/api/v1/reload" -> reload(body);
                default -> Answer.error(404, "there is nothing at " + route.path());
            };
        } catch (FreshetException e) {
            return Answer.error(status(e.kind()), String.valueOf(e.getMessage()));
        }
    }

    /** The status as it goes to those who listen for it. */
    String statusText() {
        return StatusJson.of(hosted.report()).toString();
    }

    private static int status(ErrorKind kind) {
        return switch (kind) {
            case USER -> 422;
            case RETRYABLE -> 503;
            default -> 500;
        };
    }

    private Answer live() {
        Optional<Throwable> fatal = hosted.fatalError();
        return fatal.isPresent()
                ? Answer.error(503, "the pipeline stopped: " + fatal.get().getMessage())
                : Answer.json(200, JSON.createObjectNode().put("live", true));
    }

    /** Ready is who can answer questions: a source or a target that is away does not change that, and a restart would not bring it back. */
    private Answer ready() {
        StatusReport.State state = hosted.report().state();
        boolean ready = hosted.fatalError().isEmpty()
                && state != StatusReport.State.STARTING
                && state != StatusReport.State.STOPPING
                && state != StatusReport.State.STOPPED;
        return Answer.json(
                ready ? 200 : 503,
                JSON.createObjectNode()
                        .put("ready", ready)
                        .put("state", state.name().toLowerCase(Locale.ROOT)));
    }

    private Pauses.Subject subject(String body) {
        ObjectNode given = object(body, List.of("model", "target"));
        return hosted.subject(text(given, "model"), text(given, "target"));
    }

    private Answer backfill(String body) {
        ObjectNode given = object(body, BackfillJson.KEYS);
        String model = text(given, "model").orElseThrow(() -> new FreshetException(ErrorKind.USER, "name a model"));
        return Answer.json(200, BackfillJson.of(hosted.backfill(model, BackfillJson.rows(given))));
    }

    /** Row values: not for whoever may look only. */
    private Answer failures(String body) {
        ObjectNode given = object(body, List.of("test", "limit"));
        String test = text(given, "test").orElseThrow(() -> new FreshetException(ErrorKind.USER, "name a test"));
        int limit = given.path("limit").asInt(20);
        if (limit < 1 || limit > MOST_ROWS) {
            throw new FreshetException(ErrorKind.USER, "limit must be from 1 to " + MOST_ROWS);
        }
        Tests.Rows rows = hosted.failures(test, limit);
        ObjectNode answer = JSON.createObjectNode();
        rows.columns().forEach(answer.putArray("columns")::add);
        ArrayNode found = answer.putArray("rows");
        rows.rows().forEach(row -> row.forEach(found.addArray()::add));
        return Answer.json(200, answer);
    }

    private Answer reload(String body) {
        ObjectNode given = object(body, List.of("preview"));
        boolean preview = given.path("preview").asBoolean();
        Reload reload = preview ? hosted.preview() : hosted.reload();
        ObjectNode answer = JSON.createObjectNode().put("activated", !preview);
        reload.added().forEach(answer.putArray("added")::add);
        reload.changed().forEach(answer.putArray("changed")::add);
        reload.following().forEach(answer.putArray("following")::add);
        reload.removed().forEach(answer.putArray("removed")::add);
        return Answer.json(200, answer);
    }

    private static ObjectNode pauses(Pauses pauses) {
        ObjectNode answer = JSON.createObjectNode().put("pipeline", pauses.pipeline());
        ArrayNode models = answer.putArray("models");
        pauses.models().stream().sorted().map(TableId::toString).forEach(models::add);
        ArrayNode targets = answer.putArray("targets");
        pauses.targets().stream().sorted().forEach(targets::add);
        return answer;
    }

    private static ObjectNode object(String body, List<String> known) {
        ObjectNode given;
        try {
            given = body.isBlank() ? JSON.createObjectNode() : JSON.readValue(body, ObjectNode.class);
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "the body is not a JSON object", e);
        }
        for (Iterator<String> names = given.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new FreshetException(
                        ErrorKind.USER, "the body may have " + String.join(", ", known) + ", not '" + name + "'");
            }
        }
        return given;
    }

    private static Optional<String> text(ObjectNode node, String name) {
        JsonNode value = node.path(name);
        return value.isTextual() && !value.asText().isEmpty() ? Optional.of(value.asText()) : Optional.empty();
    }
}
