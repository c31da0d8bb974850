package dev.freshet.transform.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja2's own filters, and those that dbt adds. */
final class Filters {

    static final Map<String, JinjaFilter> BUILTIN = builtin();

    /** A filter's body. */
    interface Body {
        @Nullable
        Object apply(Object value, Signature.Arguments arguments);
    }

    /** A filter's body that uses the context. */
    interface ContextBody {
        @Nullable
        Object apply(CallContext context, Object value, Signature.Arguments arguments);
    }

    /** Filters under their names. */
    static final class Table {
        private final Map<String, JinjaFilter> filters = new HashMap<>();

        Table add(String name, String parameters, Body body) {
            return addWithContext(name, parameters, (context, value, arguments) -> body.apply(value, arguments));
        }

        Table addWithContext(String name, String parameters, ContextBody body) {
            Signature signature = Signature.of(name, parameters);
            filters.put(
                    name,
                    (context, value, arguments, keywords) ->
                            body.apply(context, value, signature.bind(arguments, keywords)));
            return this;
        }

        Table alias(String alias, String name) {
            JinjaFilter filter = filters.get(name);
            if (filter == null) {
                throw new IllegalArgumentException(name);
            }
            filters.put(alias, filter);
            return this;
        }

        Map<String, JinjaFilter> filters() {
            return filters;
        }
    }

    private Filters() {}

    private static Map<String, JinjaFilter> builtin() {
        Map<String, JinjaFilter> all = new HashMap<>();
        all.putAll(TextFilters.table().filters());
        all.putAll(SequenceFilters.table().filters());
        all.putAll(SelectionFilters.table().filters());
        all.putAll(ValueFilters.table().filters());
        return all;
    }
}
