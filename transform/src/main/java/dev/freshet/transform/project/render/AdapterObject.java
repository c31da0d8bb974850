package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Signature;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code adapter}: the engine's type, dispatch to its macros, quoting, and what asks a database.
 *
 * @param packageName the package whose template is rendered
 * @param searchOrders {@code dispatch:} of dbt_project.yml
 * @param asked told when a template's text may depend on the engine
 */
record AdapterObject(
        Engine engine,
        AdapterQueries queries,
        String project,
        String packageName,
        Map<String, List<String>> searchOrders,
        Runnable asked)
        implements JinjaObject {

    private static final Signature DISPATCH = Signature.of("adapter.dispatch", "macro_name, macro_namespace=None");
    private static final Signature QUOTE = Signature.of("adapter.quote", "identifier");
    private static final String OWN_MACROS = "dbt";

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "type" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    asked.run();
                    return engine.adapterType();
                };
            case "dispatch" -> (JinjaFunction) this::dispatch;
            case "quote" ->
                (JinjaFunction) (context, arguments, keywords) ->
                        engine.style().quoted(QUOTE.bind(arguments, keywords).text(0));
            case "behavior" -> new HostObject("behavior", Map.of());
            case "config" -> new HostObject("config", Map.of("project_name", project));
            default -> queries.function(name);
        };
    }

    private Object dispatch(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        asked.run();
        Signature.Arguments bound = DISPATCH.bind(arguments, keywords);
        String name = bound.string(0);
        Set<String> packages = new LinkedHashSet<>();
        if (bound.isNone(1)) {
            packages.addAll(List.of(packageName, project, OWN_MACROS));
        } else {
            String namespace = bound.string(1);
            packages.addAll(searchOrders.getOrDefault(namespace, List.of(project, namespace)));
        }
        List<String> tried = new ArrayList<>();
        for (String packageName : packages) {
            for (String prefix : prefixes()) {
                String candidate = prefix + "__" + name;
                Optional<?> macro = context.env().macro(packageName, candidate);
                if (macro.isPresent()) {
                    return macro.get();
                }
                tried.add("'" + packageName + "." + candidate + "'");
            }
        }
        throw context.error("no macro to dispatch '" + name + "' to for '" + engine.adapterType() + "': searched "
                + String.join(", ", new TreeSet<>(tried)));
    }

    /** An adapter finds the macros of the one that it extends. */
    private List<String> prefixes() {
        return switch (engine.adapterType()) {
            case "redshift" -> List.of("redshift", "postgres", "default");
            case "databricks" -> List.of("databricks", "spark", "default");
            default -> List.of(engine.adapterType(), "default");
        };
    }

    @Override
    public String text() {
        return "<adapter " + engine.adapterType() + ">";
    }

    @Override
    public String typeName() {
        return "adapter";
    }

    @Override
    public Set<String> attributeNames() {
        Set<String> names = new TreeSet<>(AdapterQueries.NAMES);
        names.addAll(AdapterActions.NAMES);
        names.addAll(List.of("type", "dispatch", "quote"));
        return names;
    }
}
