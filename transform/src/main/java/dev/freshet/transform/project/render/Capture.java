package dev.freshet.transform.project.render;

import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What parsing a model found out.
 *
 * @param references in the order of the calls, each once
 * @param config what {@code config()} set, later calls over earlier ones
 * @param configured the line of the last {@code config()}
 * @param macros unique ids of the macros that the template calls itself
 * @param asksForEngine the text may differ from engine to engine
 */
public record Capture(
        List<Reference> references,
        Map<String, @Nullable Object> config,
        Optional<Position> configured,
        boolean asksForEngine,
        List<String> macros) {

    public Capture {
        macros = List.copyOf(macros);
        references = List.copyOf(references);
    }

    /** With what the model refers to outside its text. */
    public Capture and(List<Reference> more) {
        if (more.isEmpty()) {
            return this;
        }
        List<Reference> all = new ArrayList<>(references);
        for (Reference reference : more) {
            if (all.stream().noneMatch(reference::isSameAs)) {
                all.add(reference);
            }
        }
        return new Capture(all, config, configured, asksForEngine, macros);
    }

    /** Fills in while a model is rendered; used once. */
    static final class Recorder {

        private final List<Reference> references = new ArrayList<>();
        private final Map<String, @Nullable Object> config = new LinkedHashMap<>();
        private @Nullable Position configured;
        private boolean asksForEngine;
        private final Set<String> macros = new LinkedHashSet<>();

        void reference(Reference reference) {
            if (references.stream().noneMatch(reference::isSameAs)) {
                references.add(reference);
            }
        }

        void config(Position position, Map<String, @Nullable Object> values) {
            configured = position;
            config.putAll(values);
        }

        void macro(String uniqueId) {
            macros.add(uniqueId);
        }

        void asksForEngine() {
            asksForEngine = true;
        }

        Capture finish() {
            return new Capture(references, config, Optional.ofNullable(configured), asksForEngine, List.copyOf(macros));
        }
    }
}
