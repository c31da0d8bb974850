package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.None;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One node's templates while it runs: what they see, and what their statements brought. Used by one thread. */
public final class LiveRendering {

    private static final String CALLED = "freshet_called";
    private static final String ARGUMENTS = "freshet_arguments";
    private static final String ANSWER = "freshet_answer";
    private static final JinjaTemplate CALL =
            JinjaTemplate.parse("<freshet>", "{% do " + ANSWER + "(" + CALLED + "(**" + ARGUMENTS + ")) %}");

    /**
     * What a statement brought.
     *
     * @param response {@code _message}, and {@code code} and {@code rows_affected} where the database says them
     * @param columns of what it found
     * @param rows plain values
     */
    public record Result(Map<String, Object> response, List<String> columns, List<List<@Nullable Object>> rows) {

        /** What the database said, empty when nothing did. */
        public String message() {
            return String.valueOf(response.getOrDefault(ResponseObject.MESSAGE, ""));
        }
    }

    private final JinjaEnvironment environment;
    private final Map<String, Object> context;
    private final Map<String, Object> results = new HashMap<>();

    LiveRendering(JinjaEnvironment environment, Map<String, Object> context) {
        this.environment = environment;
        this.context = new HashMap<>(context);
        addFunctions();
    }

    private void addFunctions() {
        context.put("context", new ContextObject(environment, context));
        context.put("render", JinjaFunction.of("render", "template", (call, arguments) -> render(arguments.text(0))));
        withWrite(text -> {});
        context.put("thread_id", Thread.currentThread().getName());
        context.put(
                "store_result",
                JinjaFunction.of(
                        "store_result",
                        "name, response, agate_table=None",
                        (call, arguments) -> store(arguments.string(0), arguments.value(1), arguments.value(2))));
        context.put(
                "store_raw_result",
                JinjaFunction.of(
                        "store_raw_result",
                        "name, message=None, code=None, rows_affected=None, agate_table=None",
                        (call, arguments) -> {
                            Map<String, Object> members = new LinkedHashMap<>();
                            members.put(ResponseObject.MESSAGE, arguments.text(1));
                            if (!arguments.isNone(2)) {
                                members.put("code", arguments.text(2));
                            }
                            if (!arguments.isNone(3)) {
                                members.put("rows_affected", arguments.value(3));
                            }
                            return store(arguments.string(0), new ResponseObject(members), arguments.value(4));
                        }));
        context.put(
                "load_result",
                JinjaFunction.of(
                        "load_result",
                        "name",
                        (call, arguments) -> results.getOrDefault(arguments.string(0), None.NONE)));
    }

    private String store(String name, Object response, Object table) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("response", response);
        result.put("data", table instanceof ResultTable rows ? rows.matrix() : new ArrayList<>());
        result.put("table", table);
        results.put(name, result);
        return "";
    }

    /** Adds to what templates see. */
    public LiveRendering with(String name, Object value) {
        context.put(name, value);
        return this;
    }

    /** {@code write}: told of the statement that makes the node. */
    public LiveRendering withWrite(Consumer<String> file) {
        return with("write", JinjaFunction.of("write", "payload", (call, arguments) -> {
            file.accept(arguments.text(0));
            return "";
        }));
    }

    /** {@code load_agate_table}: the rows of a seed's file. */
    public LiveRendering withSeed(Path file, char separator, Set<String> texts) {
        return with("load_agate_table", JinjaFunction.of("load_agate_table", "", (call, arguments) -> {
            List<List<String>> lines = SeedFile.read(file, separator);
            return SeedTypes.table(lines.get(0), lines.subList(1, lines.size()), texts);
        }));
    }

    /** A template's text. */
    public String render(String template) {
        return JinjaTemplate.parse("template", template).render(environment, context);
    }

    /**
     * Calls a macro, as {@code name} or {@code package.name} finds it.
     *
     * @return what it gives, as plain values
     */
    public @Nullable Object call(MacroDefinition macro, Map<String, ?> arguments) {
        List<Object> answers = new ArrayList<>();
        Map<String, Object> seen = new HashMap<>(context);
        seen.put(CALLED, macro);
        seen.put(ARGUMENTS, new LinkedHashMap<>(arguments));
        seen.put(ANSWER, JinjaFunction.of("answer", "value", (call, bound) -> {
            answers.add(bound.value(0));
            return "";
        }));
        CALL.render(environment, seen);
        return answers.isEmpty() ? null : Values.plain(answers.get(0));
    }

    /** A macro that a name finds from here. */
    public Optional<MacroDefinition> macro(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? environment.macro(name) : environment.macro(name.substring(0, dot), name.substring(dot + 1));
    }

    /** What a named statement brought; empty when none of that name ran. */
    public Optional<Result> result(String name) {
        if (!(results.get(name) instanceof Map<?, ?> stored)) {
            return Optional.empty();
        }
        Map<String, Object> response = stored.get("response") instanceof ResponseObject object
                ? object.members()
                : Map.of(ResponseObject.MESSAGE, String.valueOf(stored.get("response")));
        List<String> columns = List.of();
        List<List<@Nullable Object>> rows = new ArrayList<>();
        if (stored.get("table") instanceof ResultTable table) {
            columns = table.names();
            table.rows().forEach(row -> {
                List<@Nullable Object> values = new ArrayList<>();
                row.forEach(value -> values.add(Values.plain(value)));
                rows.add(values);
            });
        }
        return Optional.of(new Result(response, columns, rows));
    }
}
