package dev.freshet.deploy.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A project's running service as its commands see it: found by the file it left, asked over HTTP with the token in it. */
public final class ServiceClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration QUESTION = Duration.ofSeconds(10);
    /** A reload drains the old version and starts the new one. */
    private static final Duration CHANGE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final ServiceFile.Entry entry;

    private ServiceClient(ServiceFile.Entry entry) {
        this.entry = entry;
    }

    /**
     * The service that runs on this run-time directory; empty when none does. One that was killed leaves its file, which is told by asking.
     *
     * @throws FreshetException RETRYABLE when there is one and it does not answer
     */
    public static Optional<ServiceClient> find(Path directory) {
        Optional<ServiceFile.Entry> entry = new ServiceFile(directory)
                .read()
                .filter(known -> ProcessHandle.of(known.pid()).isPresent());
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        ServiceClient client = new ServiceClient(entry.get());
        try {
            // Another service may have been given the port of one that was killed: it does not know the token.
            return client.send("GET", "/health/ready", "", QUESTION).statusCode() == 403
                    ? Optional.empty()
                    : Optional.of(client);
        } catch (ConnectException ignored) {
            return Optional.empty();
        } catch (IOException e) {
            throw client.silent(e);
        }
    }

    /** @throws FreshetException USER when none runs */
    public static ServiceClient require(Path directory) {
        return find(directory)
                .orElseThrow(() -> new FreshetException(
                        ErrorKind.USER,
                        "no service runs for this project ('" + directory
                                + "' names none that answers): start it with 'freshet serve'"));
    }

    public String url() {
        return entry.url();
    }

    public long pid() {
        return entry.pid();
    }

    /** The status, as in the OpenAPI document. */
    public JsonNode status() {
        return ask("GET", "/api/v1/status", "", QUESTION);
    }

    /** The ids of the models that it keeps fresh. */
    public Set<String> keptModels() {
        Set<String> kept = new HashSet<>();
        status().path("models").forEach(model -> {
            if (!model.path("state").asText().equals("unmaintained")) {
                kept.add(model.path("id").asText());
            }
        });
        return kept;
    }

    /** How the models are kept, as in the OpenAPI document. */
    public JsonNode plan() {
        return ask("GET", "/api/v1/plan", "", QUESTION);
    }

    /** The rows at which a data test fails, as in the OpenAPI document. */
    public JsonNode failures(String test, int atMost) {
        return ask(
                "POST",
                "/api/v1/failures",
                JSON.createObjectNode().put("test", test).put("limit", atMost).toString(),
                QUESTION);
    }

    /** Begins to compute a model's rows anew; the body and the answer are as in the OpenAPI document. */
    public JsonNode backfill(ObjectNode request) {
        return ask("POST", "/api/v1/backfill", request.toString(), QUESTION);
    }

    /** How far backfills are, as in the OpenAPI document. */
    public JsonNode backfills() {
        return ask("GET", "/api/v1/backfills", "", QUESTION);
    }

    /** Pauses a model or a target, or without either the whole pipeline; gives what is paused now. */
    public JsonNode pause(Optional<String> model, Optional<String> target) {
        return ask("POST", "/api/v1/pause", subject(model, target), QUESTION);
    }

    public JsonNode resume(Optional<String> model, Optional<String> target) {
        return ask("POST", "/api/v1/resume", subject(model, target), QUESTION);
    }

    /** What a reload changes, done. */
    public JsonNode reload() {
        return ask("POST", "/api/v1/reload", "{}", CHANGE);
    }

    /** What a reload would change, with nothing done. */
    public JsonNode previewReload() {
        return ask("POST", "/api/v1/reload", "{\"preview\":true}", CHANGE);
    }

    private static String subject(Optional<String> model, Optional<String> target) {
        ObjectNode subject = JSON.createObjectNode();
        model.ifPresent(name -> subject.put("model", name));
        target.ifPresent(name -> subject.put("target", name));
        return subject.toString();
    }

    private JsonNode ask(String method, String path, String body, Duration patience) {
        try {
            HttpResponse<String> response = send(method, path, body, patience);
            JsonNode answer = JSON.readTree(response.body());
            if (response.statusCode() == 200) {
                return answer;
            }
            throw new FreshetException(
                    response.statusCode() == 503 ? ErrorKind.RETRYABLE : ErrorKind.USER,
                    answer.path("error").asText("the service answered with status " + response.statusCode()));
        } catch (JsonProcessingException e) {
            throw new FreshetException(ErrorKind.INTERNAL, "the service at " + url() + " did not answer in JSON", e);
        } catch (IOException e) {
            throw silent(e);
        }
    }

    private HttpResponse<String> send(String method, String path, String body, Duration patience) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .timeout(patience)
                .header("Authorization", "Bearer " + entry.token());
        if (method.equals("POST")) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FreshetException(ErrorKind.RETRYABLE, "interrupted while the service was asked", e);
        }
    }

    private FreshetException silent(IOException error) {
        return new FreshetException(
                ErrorKind.RETRYABLE,
                "the service (" + entry + ") does not answer: " + error.getMessage() + "; look at logs/freshet.log",
                error);
    }
}
