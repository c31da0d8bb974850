package dev.freshet.transform.jinja;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.transform.jinja.modules.DbtModules;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The same variables, functions and packages as {@code context()} in generate.py. */
final class CorpusContext {

    private CorpusContext() {}

    record Relation(String schema, String identifier) implements JinjaObject {
        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "schema" -> schema;
                case "identifier", "name" -> identifier;
                case "with_schema" ->
                    (JinjaFunction)
                            (context, arguments, keywords) -> new Relation((String) arguments.get(0), identifier);
                default -> Undefined.UNDEFINED;
            };
        }

        @Override
        public String text() {
            return "\"" + schema + "\".\"" + identifier + "\"";
        }

        /** As objects of Python that define no equality: only the object itself is equal. */
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /** {@code adapter.dispatch} as the generator has it. */
    private record Adapter() implements JinjaObject {

        @Override
        public Object attribute(String name) {
            return name.equals("dispatch")
                    ? JinjaFunction.of(
                            "dispatch",
                            "macro_name, macro_namespace=None",
                            (context, arguments) -> dispatch(context.env(), arguments))
                    : Undefined.UNDEFINED;
        }

        private static Object dispatch(JinjaEnvironment env, Signature.Arguments arguments) {
            List<String> packages =
                    arguments.isNone(1) ? List.copyOf(env.packageNames()) : List.of(arguments.string(1));
            return packages.stream()
                    .flatMap(each -> Stream.of("postgres__", "default__")
                            .flatMap(prefix -> env.macro(each, prefix + arguments.string(0)).stream()))
                    .findFirst()
                    .orElseThrow(() -> new PythonError("no macro to dispatch " + arguments.string(0)));
        }

        @Override
        public String text() {
            return "<adapter>";
        }
    }

    static JinjaEnvironment environment() throws IOException {
        Map<String, @Nullable Object> variables =
                Map.of("start_date", "2024-01-01", "flag", true, "limit", 10, "statuses", List.of("placed", "shipped"));
        Signature ref = Signature.of("ref", "identifier, schema='analytics'");
        return JinjaEnvironment.builder()
                .macros("dbt_utils", macros("dbt_utils"))
                .macros("project", macros("project"))
                .function("ref", (context, arguments, keywords) -> {
                    Signature.Arguments bound = ref.bind(arguments, keywords);
                    return new Relation(bound.string(1), bound.string(0));
                })
                .function(
                        "source",
                        (context, arguments, keywords) ->
                                new Relation((String) arguments.get(0), (String) arguments.get(1)))
                .function(
                        "var",
                        (context, arguments, keywords) -> variables.containsKey((String) arguments.get(0))
                                ? variables.get((String) arguments.get(0))
                                : arguments.size() > 1 ? arguments.get(1) : null)
                .global("adapter", new Adapter())
                .function("config", (context, arguments, keywords) -> "")
                .function("set", (context, arguments, keywords) -> new PythonSet(PythonValues.list(arguments.get(0))))
                .function("zip", (context, arguments, keywords) -> zip(arguments))
                .function("tojson", (context, arguments, keywords) -> JsonText.inOrder(arguments.get(0)))
                .global("modules", DbtModules.create(Clock.systemUTC()))
                .function("fromjson", (context, arguments, keywords) -> json((String) arguments.get(0)))
                .build();
    }

    private static List<MacroDefinition> macros(String packageName) throws IOException {
        try (InputStream in = CorpusContext.class.getResourceAsStream("/jinja/" + packageName + ".sql")) {
            String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return JinjaTemplate.parse("macros/" + packageName + ".sql", source).macros();
        }
    }

    private static List<Object> zip(List<Object> lists) {
        List<List<Object>> columns = lists.stream().map(PythonValues::list).toList();
        int length = columns.stream().mapToInt(List::size).min().orElse(0);
        List<Object> rows = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int row = i;
            rows.add(new Tuple(columns.stream().map(column -> column.get(row)).toList()));
        }
        return rows;
    }

    private static Object json(String text) {
        try {
            return new ObjectMapper().readValue(text, new TypeReference<Object>() {});
        } catch (JsonProcessingException e) {
            throw new PythonError(e.getOriginalMessage());
        }
    }

    /** New for every case: cases change it. */
    static Map<String, Object> variables() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", "orders");
        values.put("n", 7);
        values.put("zero", 0);
        values.put("pi", 3.14159);
        values.put("big", new BigInteger("12345678901234567890"));
        values.put("nothing", None.NONE);
        values.put("yes", true);
        values.put("no", false);
        values.put("empty", list());
        values.put("numbers", list(3, 1, 2));
        values.put("words", list("banana", "Apple", "cherry", "apple"));
        values.put("point", Tuple.of(1L, 2L));
        values.put(
                "columns",
                list(
                        map("name", "id", "type", "integer", "tags", list("pk"), "size", 4),
                        map("name", "Name", "type", "text", "tags", list(), "size", null),
                        map("name", "amount", "type", "numeric", "tags", list("money", "sum"), "size", 12)));
        values.put(
                "config_map",
                map(
                        "materialized",
                        "table",
                        "tags",
                        list("a", "b"),
                        "meta",
                        map("owner", "me", "level", 2),
                        "items",
                        5));
        values.put(
                "tree",
                list(
                        map(
                                "v",
                                1,
                                "c",
                                list(map("v", 2, "c", list()), map("v", 3, "c", list(map("v", 4, "c", list()))))),
                        map("v", 5, "c", list())));
        values.put("multiline", "first line\nsecond line\n\nfourth line");
        values.put("execute", true);
        values.put("this", new Relation("analytics", "this_model"));
        return values;
    }

    private static List<@Nullable Object> list(@Nullable Object... items) {
        return new ArrayList<>(Arrays.asList(items));
    }

    private static Map<String, @Nullable Object> map(@Nullable Object... entries) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put(String.valueOf(entries[i]), entries[i + 1]);
        }
        return map;
    }
}
