package dev.freshet.transform.project.render;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link Capture} as plain values, to be kept. */
final class CaptureForm {

    private CaptureForm() {}

    static @Nullable Object written(Capture capture) {
        List<@Nullable Object> references = new ArrayList<>();
        for (Reference reference : capture.references()) {
            references.add(Arrays.asList(
                    reference.kind().name(),
                    reference.names(),
                    reference.version().orElse(null),
                    reference.position().file(),
                    reference.position().line()));
        }
        return Arrays.asList(
                references,
                capture.config(),
                capture.configured().map(Position::file).orElse(null),
                capture.configured().map(Position::line).orElse(0),
                capture.asksForEngine(),
                capture.macros());
    }

    /** @throws ClassCastException when the value is something else's */
    static Capture read(@Nullable Object value) {
        List<?> parts = (List<?>) java.util.Objects.requireNonNull(value);
        List<Reference> references = new ArrayList<>();
        for (Object each : list(parts.get(0))) {
            List<?> reference = list(each);
            String version = (String) reference.get(2);
            references.add(new Reference(
                    Reference.Kind.valueOf((String) reference.get(0)),
                    texts(reference.get(1)),
                    Optional.ofNullable(version),
                    new Position((String) reference.get(3), (Integer) reference.get(4))));
        }
        Map<String, @Nullable Object> config = new LinkedHashMap<>();
        ((Map<?, ?>) parts.get(1)).forEach((key, item) -> config.put((String) key, item));
        String configured = (String) parts.get(2);
        return new Capture(
                references,
                config,
                configured == null ? Optional.empty() : Optional.of(new Position(configured, (Integer) parts.get(3))),
                (Boolean) parts.get(4),
                texts(parts.get(5)));
    }

    private static List<?> list(@Nullable Object value) {
        return (List<?>) java.util.Objects.requireNonNull(value);
    }

    private static List<String> texts(@Nullable Object value) {
        List<String> texts = new ArrayList<>();
        list(value).forEach(text -> texts.add((String) text));
        return texts;
    }
}
