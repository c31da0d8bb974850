package dev.freshet.transform.project.render;

import dev.freshet.state.Connection;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.partial.Fingerprint;
import dev.freshet.transform.project.partial.KeptRenderings;
import dev.freshet.transform.project.partial.Read;
import dev.freshet.transform.project.partial.Reads;
import dev.freshet.transform.project.problem.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Renders only what the last parse did not render just so. A rendering depends on its text, on what it is told of its node, and on the names that
 * it looks up; the first two make its key, the last are taken down as they are looked up. What can't be compared is rendered every time.
 */
final class RenderMemory {

    /** Members of the context that do what they do by the key and by other reads, and nothing else. */
    private static final Set<String> FOLLOWING = Set.of(
            "ref",
            "source",
            "config",
            "builtins",
            "this",
            "model",
            "node",
            "custom_name",
            "execute",
            "graph",
            "adapter",
            "api",
            "exceptions",
            "var",
            "env_var",
            "store_result",
            "load_result",
            TestArguments.NAME,
            "tojson",
            "fromjson",
            "toyaml",
            "fromyaml",
            "set",
            "set_strict",
            "zip",
            "zip_strict",
            "local_md5");

    private static final String RAW_CODE = "raw_code";

    /** @param context what the rendering could look up */
    record Rendered<T>(T result, Map<String, Object> context) {}

    private final KeptRenderings kept;
    private final TemplateEnvironment templates;
    private final Reads reads;
    private final Invocation invocation;
    private final Function<Connection, Map<String, Object>> bases;
    private final BiConsumer<Position, String> warnings;
    private List<List<Object>> told = new ArrayList<>();
    private @Nullable Map<String, Object> lastNode;
    private String lastNodeFingerprint = "";
    private String lastText = "";
    private String lastTextFingerprint = Fingerprint.of("");

    /**
     * @param bases the context of an output, without what is of one node
     * @param warnings told again what a kept rendering warned of
     */
    RenderMemory(
            KeptRenderings kept,
            TemplateEnvironment templates,
            Invocation invocation,
            Function<Connection, Map<String, Object>> bases,
            BiConsumer<Position, String> warnings) {
        this.kept = kept;
        this.templates = templates;
        this.reads = templates.reads();
        this.invocation = invocation;
        this.bases = bases;
        this.warnings = warnings;
        kept.judge(this::meaning);
    }

    /** A template warned; what renders it again from memory does, too. */
    void warned(Position position, String warning) {
        if (reads.isTaking()) {
            told.add(List.of(position.file(), position.line(), warning));
        }
        warnings.accept(position, warning);
    }

    /** A template looked at an environment variable. */
    void readEnvironment(String name) {
        reads.add(Read.Kind.ENVIRONMENT, "", name);
    }

    /** A template looked at a variable of a package. */
    void readVariable(String packageName, String name) {
        reads.add(Read.Kind.VARIABLE, packageName, name);
    }

    Capture parsed(ModelText text, ModelRenderer.Subject subject, Supplier<Rendered<Capture>> rendering) {
        return remembered(
                text.place(),
                () -> key(text, subject),
                subject.output(),
                rendering,
                CaptureForm::written,
                CaptureForm::read);
    }

    String named(
            NamingMacro macro,
            String packageName,
            Connection output,
            Optional<String> custom,
            Map<String, Object> node,
            Supplier<Rendered<String>> rendering) {
        return remembered(
                String.valueOf(node.get("unique_id")),
                () -> key("name", macro.name(), packageName, output.name(), custom.orElse(null), fingerprint(node)),
                output,
                rendering,
                name -> name,
                String::valueOf);
    }

    private <T> T remembered(
            String what,
            Supplier<Optional<String>> keyOf,
            Connection output,
            Supplier<Rendered<T>> rendering,
            Function<T, @Nullable Object> written,
            Function<@Nullable Object, T> read) {
        Optional<String> key = kept.isOn() ? keyOf.get() : Optional.empty();
        if (key.isPresent()) {
            Optional<KeptRenderings.Result> found = kept.find(key.get());
            if (found.isPresent() && found.get().value() instanceof List<?> parts && parts.size() == 2) {
                if (parts.get(1) instanceof List<?> warned) {
                    warned.forEach(this::warnAgain);
                }
                return read.apply(parts.get(0));
            }
        }
        kept.add(what);
        told = new ArrayList<>();
        reads.start();
        Optional<Set<Read>> all = Optional.empty();
        Rendered<T> rendered;
        try {
            rendered = rendering.get();
            look(rendered.context(), output);
        } finally {
            all = reads.finish();
        }
        if (key.isPresent() && all.isPresent()) {
            kept.keep(key.get(), Arrays.asList(written.apply(rendered.result()), told), all.get());
        }
        return rendered.result();
    }

    private void warnAgain(@Nullable Object warning) {
        if (warning instanceof List<?> parts && parts.size() == 3 && parts.get(1) instanceof Integer line) {
            warnings.accept(new Position(String.valueOf(parts.get(0)), line), String.valueOf(parts.get(2)));
        }
    }

    private Optional<String> key(ModelText text, ModelRenderer.Subject subject) {
        Engine engine = subject.engine();
        Relation self = subject.self();
        return key(
                "parse",
                text.place(),
                fingerprint(text.raw()),
                subject.packageName(),
                subject.output().name(),
                engine.adapterType(),
                style(engine.style()),
                self.connection(),
                self.database(),
                self.schema(),
                self.identifier(),
                self.kind(),
                style(self.style()),
                Stream.of(Relation.Part.values())
                        .flatMap(part -> Stream.of(
                                self.included().getOrDefault(part, true),
                                self.quoted().getOrDefault(part, true)))
                        .toList(),
                fingerprint(subject.node()),
                subject.testArguments());
    }

    private static List<Object> style(RelationStyle style) {
        return List.of(style.quote(), style.withDatabase(), style.inStateStore());
    }

    private static Optional<String> key(@Nullable Object... parts) {
        List<@Nullable Object> all = Arrays.asList(parts);
        return Fingerprint.isPossible(all) ? Optional.of(Fingerprint.of(all)) : Optional.empty();
    }

    /** Three names in a row are made of one node. */
    private Object fingerprint(Map<String, Object> node) {
        if (node != lastNode) {
            lastNode = node;
            Map<String, @Nullable Object> all = new LinkedHashMap<>(node);
            all.computeIfPresent(RAW_CODE, (key, text) -> fingerprint(String.valueOf(text)));
            lastNodeFingerprint = Fingerprint.isPossible(all) ? Fingerprint.of(all) : "";
        }
        // A value without a fingerprint makes the whole key impossible.
        return lastNodeFingerprint.isEmpty() ? node : lastNodeFingerprint;
    }

    /** A node's text, which is most of it, is part of several keys in a row. */
    private String fingerprint(String text) {
        if (!text.equals(lastText)) {
            lastText = text;
            lastTextFingerprint = Fingerprint.of(text);
        }
        return lastTextFingerprint;
    }

    /** Judges the members of the context that the rendering looked up. */
    private void look(Map<String, Object> context, Connection output) {
        Map<String, Object> base = bases.apply(output);
        for (Read read : reads.soFar()) {
            String name = read.name();
            if (read.kind() != Read.Kind.NAME || !context.containsKey(name) || FOLLOWING.contains(name)) {
                continue;
            }
            Object value = context.get(name);
            if (value == base.get(name) && isComparable(value)) {
                reads.add(Read.Kind.CONTEXT, output.name(), name);
            } else {
                reads.never();
            }
        }
    }

    private static boolean isComparable(@Nullable Object value) {
        return Fingerprint.isPossible(comparable(value));
    }

    /**
     * None is a value like any other. The members of {@code target} and its like come in another order in each process, so that no order of theirs
     * can matter.
     */
    private static @Nullable Object comparable(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(String.valueOf(key), comparable(item)));
            return sorted;
        }
        return value == None.NONE ? null : value;
    }

    /** A fingerprint of what a read stands for in this load, empty when there is none. */
    private String meaning(Read read) {
        return switch (read.kind()) {
            case NAME -> templates.meaning(read.scope(), read.name());
            case MACRO -> templates.meaningOfMacro(read.scope(), read.name());
            case VARIABLE ->
                invocation.variables(read.scope()).has(read.name())
                        ? fingerprintOf(invocation.variables(read.scope()).value(read.name()))
                        : "undefined";
            case ENVIRONMENT ->
                invocation.environment().containsKey(read.name())
                        ? fingerprintOf(invocation.environment().get(read.name()))
                        : "undefined";
            case CONTEXT ->
                Optional.ofNullable(invocation.outputs().get(read.scope()))
                        .map(output -> bases.apply(output).get(read.name()))
                        .map(value -> fingerprintOf(comparable(value)))
                        .orElse("undefined");
        };
    }

    private static String fingerprintOf(@Nullable Object value) {
        return Fingerprint.isPossible(value) ? Fingerprint.of(value) : "";
    }
}
