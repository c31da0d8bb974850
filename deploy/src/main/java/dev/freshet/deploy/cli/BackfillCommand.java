package dev.freshet.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.options.WindowOptions;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.config.SettingsFile;
import dev.freshet.deploy.service.ServiceClient;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.node.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "backfill",
        description =
                "Let the running service compute rows of the selected models anew, in chunks between its cycles, and correct them on their targets: all rows, those of a"
                        + " period of event time, or those of some keys.",
        mixinStandardHelpOptions = true)
final class BackfillCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** A request's body may have 16 KB. */
    private static final int BYTES_OF_KEYS = 8_000;

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = "--event-time-start",
            paramLabel = "TIME",
            defaultValue = "${env:DBT_EVENT_TIME_START}",
            description = "Rows whose event_time is at this time or later, in UTC.")
    @Nullable
    String eventTimeStart;

    @Option(
            names = "--event-time-end",
            paramLabel = "TIME",
            defaultValue = "${env:DBT_EVENT_TIME_END}",
            description = "Rows whose event_time is before this time, in UTC.")
    @Nullable
    String eventTimeEnd;

    @Option(
            names = "--keys",
            paramLabel = "KEY",
            arity = "1..*",
            description =
                    "Rows with these values of the model's unique_key; of one with several columns, their values with commas between them.")
    List<String> keys = new ArrayList<>();

    BackfillCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Optional<EventWindow> window = window();
        if (window.isPresent() && !keys.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER, "give --event-time-start and --event-time-end, or --keys, not both");
        }
        if (selection.select.isEmpty() && selection.selector == null) {
            throw new FreshetException(ErrorKind.USER, "name the models with --select");
        }
        ServiceClient service =
                ServiceClient.require(SettingsFile.read(options.directory()).directory());
        ParsedProject parsed = options.parseForService();
        Set<String> selected = new HashSet<>(selection.of(parsed, terminal).selected());
        Set<String> kept = service.keptModels();
        List<Node> models = parsed.nodes().stream()
                .filter(node -> selected.contains(node.uniqueId())
                        && node.relation()
                                .filter(relation -> kept.contains(relation.toString()))
                                .isPresent())
                .toList();
        if (models.isEmpty()) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "nothing that is selected is kept by the service; see 'freshet status' for what is");
        }
        Map<Long, Node> begun = new HashMap<>();
        for (ObjectNode request : requests(models, window)) {
            JsonNode answer = service.backfill(request);
            begun.put(
                    answer.path("id").asLong(),
                    models.stream()
                            .filter(node -> node.relation()
                                    .orElseThrow()
                                    .toString()
                                    .equals(request.path("model").asText()))
                            .findFirst()
                            .orElseThrow());
        }
        return awaitAll(service, begun);
    }

    private Optional<EventWindow> window() {
        WindowOptions written = new WindowOptions();
        written.eventTimeStart = eventTimeStart;
        written.eventTimeEnd = eventTimeEnd;
        return written.eventTimes();
    }

    /** All of them, before any is sent: what one model lacks must not leave half of the work done. */
    private List<ObjectNode> requests(List<Node> models, Optional<EventWindow> window) {
        List<ObjectNode> requests = new ArrayList<>();
        for (Node model : models) {
            String relation = model.relation().orElseThrow().toString();
            if (window.isPresent()) {
                String column = Optional.ofNullable(model.config().get("event_time"))
                        .map(String::valueOf)
                        .orElseThrow(
                                () -> new FreshetException(
                                        ErrorKind.USER,
                                        "model '" + model.name()
                                                + "' has no event_time: configure the column that tells a row's time, or use --keys"));
                requests.add(request(relation)
                        .put("event_time", column)
                        .put("from", window.get().start().toString())
                        .put("to", window.get().end().toString()));
            } else if (keys.isEmpty()) {
                requests.add(request(relation));
            } else {
                requests.addAll(withKeys(relation));
            }
        }
        return requests;
    }

    private List<ObjectNode> withKeys(String relation) {
        List<ObjectNode> requests = new ArrayList<>();
        int bytes = BYTES_OF_KEYS;
        ArrayNode list = JSON.createArrayNode();
        for (String key : keys) {
            // A character may take six, escaped.
            bytes += 6 * key.length() + 3;
            if (bytes > BYTES_OF_KEYS) {
                ObjectNode request = request(relation);
                list = request.putArray("keys");
                requests.add(request);
                bytes = 6 * key.length() + 3;
            }
            list.add(key);
        }
        return requests;
    }

    private static ObjectNode request(String relation) {
        return JSON.createObjectNode().put("model", relation);
    }

    /** Whoever does not want to wait may leave: the service goes on. */
    private int awaitAll(ServiceClient service, Map<Long, Node> begun) throws InterruptedException {
        Map<Long, String> told = new HashMap<>();
        boolean isGood = true;
        while (!begun.isEmpty()) {
            Set<Long> known = new HashSet<>();
            for (JsonNode backfill : service.backfills().path("backfills")) {
                long id = backfill.path("id").asLong();
                Node model = begun.get(id);
                known.add(id);
                if (model != null) {
                    String line = line(model.name(), backfill);
                    if (!line.equals(told.put(id, line))) {
                        terminal.line(line);
                    }
                    String state = backfill.path("state").asText();
                    if (state.equals("done") || state.equals("failed")) {
                        begun.remove(id);
                        isGood &= state.equals("done");
                    }
                }
            }
            if (!known.containsAll(begun.keySet())) {
                throw new FreshetException(
                        ErrorKind.RETRYABLE,
                        "the service was reloaded or restarted before the backfill was done: ask again");
            }
            if (!begun.isEmpty()) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
        return isGood ? 0 : 1;
    }

    private static String line(String model, JsonNode backfill) {
        long changed = backfill.path("changed_rows").asLong();
        return switch (backfill.path("state").asText()) {
            case "done" ->
                "Backfilled " + model + ": computed and compared with its target"
                        + (changed == 0 ? "" : "; " + changed + " stored rows were corrected");
            case "failed" ->
                "Backfill of " + model + " failed: " + backfill.path("problem").asText();
            case "waiting" ->
                "Backfill of " + model + " waits: " + backfill.path("problem").asText();
            default ->
                "Backfill of " + model + ": "
                        + backfill.path("done").asInt() + " of "
                        + backfill.path("chunks").asInt() + " chunks computed";
        };
    }
}
