package dev.freshet.transform.project.parse;

import dev.freshet.transform.project.config.NodeProperties;
import dev.freshet.transform.project.problem.Position;
import dev.freshet.transform.project.render.Reference;
import dev.freshet.transform.project.yaml.YamlMapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Constraints whose {@code to} is a {@code ref} or a {@code source}: the node depends on it, and its relation stands in the statement. */
public final class ForeignKeys {

    private static final Pattern CALL = Pattern.compile("^(ref|source)\\(\\s*['\"]([^'\"]+)['\"]\\s*"
            + "(?:,\\s*['\"]([^'\"]+)['\"]\\s*)?(?:,\\s*(?:v|version)\\s*=\\s*['\"]?(\\w+)['\"]?\\s*)?\\)$");

    private ForeignKeys() {}

    static List<Reference> of(NodeProperties entry) {
        List<Reference> references = new ArrayList<>();
        add(entry.written(), references);
        for (var column : entry.written().list("columns")) {
            if (column instanceof YamlMapping mapping) {
                add(mapping, references);
            }
        }
        return references;
    }

    private static void add(YamlMapping written, List<Reference> references) {
        for (var constraint : written.list("constraints")) {
            if (constraint instanceof YamlMapping mapping) {
                mapping.text("to")
                        .flatMap(to -> reference(to, mapping.position()))
                        .ifPresent(references::add);
            }
        }
    }

    private static Optional<Reference> reference(String to, Position position) {
        Matcher call = CALL.matcher(to.strip());
        if (!call.matches()) {
            return Optional.empty();
        }
        List<String> names = call.group(3) == null ? List.of(call.group(2)) : List.of(call.group(2), call.group(3));
        return Optional.of(new Reference(
                call.group(1).equals("ref") ? Reference.Kind.REF : Reference.Kind.SOURCE,
                names,
                Optional.ofNullable(call.group(4)),
                position));
    }

    /** A node's document with relations in their place. */
    public static void resolve(
            Map<String, @Nullable Object> document, Position position, Function<Reference, String> name) {
        document.put("constraints", resolved(document.get("constraints"), position, name));
        if (document.get("columns") instanceof Map<?, ?> columns) {
            Map<String, @Nullable Object> changed = new LinkedHashMap<>();
            columns.forEach((key, value) -> {
                Map<String, @Nullable Object> column = new LinkedHashMap<>();
                ((Map<?, ?>) value).forEach((each, item) -> column.put(String.valueOf(each), item));
                column.put("constraints", resolved(column.get("constraints"), position, name));
                changed.put(String.valueOf(key), column);
            });
            document.put("columns", changed);
        }
    }

    private static @Nullable Object resolved(
            @Nullable Object constraints, Position position, Function<Reference, String> name) {
        if (!(constraints instanceof List<?> list)) {
            return constraints;
        }
        List<Object> changed = new ArrayList<>();
        for (Object each : list) {
            Map<String, @Nullable Object> constraint = new LinkedHashMap<>();
            ((Map<?, ?>) each).forEach((key, item) -> constraint.put(String.valueOf(key), item));
            if (constraint.get("to") instanceof String to) {
                reference(to, position).ifPresent(reference -> constraint.put("to", name.apply(reference)));
            }
            changed.add(constraint);
        }
        return changed;
    }
}
