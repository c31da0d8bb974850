package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.jinja.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;

/** {@code re.Match}. */
record Match(RegularExpression expression, String string, MatchResult result, Map<String, Integer> names)
        implements JinjaObject {

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "group" ->
                JinjaFunction.of(name, "*groups", (context, arguments) -> {
                    List<Object> groups =
                            arguments.rest().stream().map(this::group).toList();
                    return groups.isEmpty() ? group(0L) : groups.size() == 1 ? groups.get(0) : new Tuple(groups);
                });
            case "groups" ->
                JinjaFunction.of(name, "default=None", (context, arguments) -> {
                    List<Object> groups = new ArrayList<>();
                    for (int i = 1; i <= result.groupCount(); i++) {
                        groups.add(result.group(i) == null ? arguments.value(0) : result.group(i));
                    }
                    return new Tuple(groups);
                });
            case "groupdict" ->
                JinjaFunction.of(name, "default=None", (context, arguments) -> {
                    Map<Object, Object> groups = new LinkedHashMap<>();
                    names.forEach((key, number) ->
                            groups.put(key, result.group(number) == null ? arguments.value(0) : result.group(number)));
                    return groups;
                });
            case "start" ->
                JinjaFunction.of(name, "group=0", (context, arguments) -> result.start(number(arguments.value(0))));
            case "end" ->
                JinjaFunction.of(name, "group=0", (context, arguments) -> result.end(number(arguments.value(0))));
            case "span" ->
                JinjaFunction.of(name, "group=0", (context, arguments) -> {
                    int number = number(arguments.value(0));
                    return Tuple.of((long) result.start(number), (long) result.end(number));
                });
            case "string" -> string;
            case "re" -> expression;
            case "lastindex" -> lastIndex();
            default -> Undefined.UNDEFINED;
        };
    }

    private Object lastIndex() {
        for (int i = result.groupCount(); i > 0; i--) {
            if (result.group(i) != null) {
                return (long) i;
            }
        }
        return None.NONE;
    }

    @Override
    public Object item(Object key) {
        return key instanceof Long || names.containsKey(key) ? group(key) : Undefined.UNDEFINED;
    }

    private Object group(Object reference) {
        String text = result.group(number(reference));
        return text == null ? None.NONE : text;
    }

    private int number(Object reference) {
        Integer named = reference instanceof String name ? names.get(name) : null;
        int number = named != null
                ? named
                : reference instanceof Long given && given >= 0 && given <= result.groupCount() ? given.intValue() : -1;
        if (number < 0) {
            throw new PythonError("the match has no group " + PythonValues.repr(reference));
        }
        return number;
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of("group", "groups", "groupdict", "start", "end", "span", "string", "re", "lastindex");
    }

    @Override
    public String text() {
        return "<re.Match object; span=(" + result.start() + ", " + result.end() + "), match="
                + PythonValues.repr(result.group()) + ">";
    }

    @Override
    public String typeName() {
        return "re.Match";
    }
}
