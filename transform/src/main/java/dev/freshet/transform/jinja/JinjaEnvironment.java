package dev.freshet.transform.jinja;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What templates can use: Jinja2's own filters, tests and functions, what the host adds, and the macros by package. Immutable and thread-safe, as far as the host's own objects are.
 *
 * <p>A name is looked up in the template's own scopes, then, as in dbt, among the macros that need no package name, the packages' names, the rendering's context, and the globals.
 */
public final class JinjaEnvironment {

    static final JinjaEnvironment BUILTIN = builder().build();

    private final Map<String, Object> globals;
    private final Map<String, JinjaFilter> filters;
    private final Map<String, JinjaTest> tests;
    private final Map<String, MacroNamespace> packages;
    private final Map<String, MacroDefinition> unqualified;
    private final UndefinedPolicy undefinedPolicy;
    private final NameListener listener;
    private final long seed;
    /** What stands for macros, by {@code name} or {@code package.name}. */
    private final Map<String, Object> replaced;

    private JinjaEnvironment(Builder builder) {
        this.globals = Map.copyOf(builder.globals);
        this.filters = Map.copyOf(builder.filters);
        this.tests = Map.copyOf(builder.tests);
        this.undefinedPolicy = builder.undefinedPolicy;
        this.listener = builder.listener;
        this.seed = builder.seed;
        this.replaced = Map.of();
        this.packages = new LinkedHashMap<>();
        builder.packages.forEach(
                (name, macros) -> packages.put(name, new MacroNamespace(name, Map.copyOf(macros), listener, replaced)));
        this.unqualified = new LinkedHashMap<>();
        List<String> order = builder.searchOrder == null ? List.copyOf(packages.keySet()) : builder.searchOrder;
        for (String name : order) {
            MacroNamespace namespace = packages.get(name);
            if (namespace != null) {
                namespace.macros().forEach(unqualified::putIfAbsent);
            }
        }
    }

    private JinjaEnvironment(JinjaEnvironment other, Map<String, Object> replaced) {
        this.globals = other.globals;
        this.filters = other.filters;
        this.tests = other.tests;
        this.undefinedPolicy = other.undefinedPolicy;
        this.listener = other.listener;
        this.seed = other.seed;
        this.unqualified = other.unqualified;
        this.replaced = Map.copyOf(replaced);
        this.packages = new LinkedHashMap<>();
        other.packages.forEach((name, namespace) ->
                packages.put(name, new MacroNamespace(name, namespace.macros(), listener, this.replaced)));
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * The same, but for some names of macros, which mean something else.
     *
     * @param values by {@code name}, where no package is named, or {@code package.name}
     */
    public JinjaEnvironment replacing(Map<String, Object> values) {
        return values.isEmpty() ? this : new JinjaEnvironment(this, values);
    }

    /** The macro of a package, by {@link MacroDefinition#uniqueName}. It can be called by handing it to {@link CallContext#call}. */
    public Optional<MacroDefinition> macro(String packageName, String macroName) {
        listener.macro(packageName, macroName);
        return Optional.ofNullable(packages.get(packageName))
                .map(namespace -> namespace.macros().get(macroName));
    }

    /** The macro that an unqualified name means. */
    public Optional<MacroDefinition> macro(String macroName) {
        listener.name(macroName);
        return Optional.ofNullable(unqualified.get(macroName));
    }

    public Set<String> packageNames() {
        return java.util.Collections.unmodifiableSet(packages.keySet());
    }

    public UndefinedPolicy undefinedPolicy() {
        return undefinedPolicy;
    }

    /** What a name that is no variable means: a macro, else a package with its macros; null for neither. */
    public @Nullable Object macroOrNamespace(String name) {
        listener.name(name);
        Object replacement = replaced.get(name);
        if (replacement != null) {
            return replacement;
        }
        MacroDefinition macro = unqualified.get(name);
        return macro != null ? macro : packages.get(name);
    }

    @Nullable
    Object global(String name) {
        return globals.get(name);
    }

    @Nullable
    JinjaFilter filter(String name) {
        return filters.get(name);
    }

    @Nullable
    JinjaTest test(String name) {
        return tests.get(name);
    }

    Set<String> filterNames() {
        return filters.keySet();
    }

    Set<String> testNames() {
        return tests.keySet();
    }

    Set<String> names() {
        Set<String> names = new TreeSet<>(globals.keySet());
        names.addAll(unqualified.keySet());
        names.addAll(packages.keySet());
        return names;
    }

    long seed() {
        return seed;
    }

    /** The macros of one package, as {@code package.macro()} reads them. */
    private record MacroNamespace(
            String packageName,
            Map<String, MacroDefinition> macros,
            NameListener listener,
            Map<String, Object> replaced)
            implements JinjaObject {

        @Override
        public @Nullable Object attribute(String name) {
            listener.macro(packageName, name);
            Object replacement = replaced.get(packageName + "." + name);
            if (replacement != null) {
                return replacement;
            }
            MacroDefinition macro = macros.get(name);
            return macro != null ? macro : Undefined.UNDEFINED;
        }

        @Override
        public String text() {
            return "<macros of '" + packageName + "'>";
        }

        @Override
        public String typeName() {
            return packageName;
        }

        @Override
        public Set<String> attributeNames() {
            return macros.keySet();
        }
    }

    /** Collects what an environment offers. Not thread-safe. */
    public static final class Builder {

        private final Map<String, Object> globals = new LinkedHashMap<>(Globals.BUILTIN);
        private final Map<String, JinjaFilter> filters = new LinkedHashMap<>(Filters.BUILTIN);
        private final Map<String, JinjaTest> tests = new LinkedHashMap<>(Tests.BUILTIN);
        private final Map<String, Map<String, MacroDefinition>> packages = new LinkedHashMap<>();
        private @Nullable List<String> searchOrder;
        private UndefinedPolicy undefinedPolicy = UndefinedPolicy.RENDER;
        private NameListener listener = NameListener.NONE;
        private long seed;

        private Builder() {}

        /** A function, object or value under a name. */
        public Builder global(String name, @Nullable Object value) {
            globals.put(name, PythonValues.fromHost(value));
            return this;
        }

        public Builder globals(Map<String, ?> values) {
            values.forEach(this::global);
            return this;
        }

        public Builder function(String name, JinjaFunction function) {
            return global(name, function);
        }

        public Builder filter(String name, JinjaFilter filter) {
            filters.put(name, filter);
            return this;
        }

        public Builder test(String name, JinjaTest test) {
            tests.put(name, test);
            return this;
        }

        /** Adds macros to a package, under {@link MacroDefinition#uniqueName}; a later one of the same name wins. */
        public Builder macros(String packageName, Collection<MacroDefinition> macros) {
            Map<String, MacroDefinition> namespace =
                    packages.computeIfAbsent(packageName, name -> new LinkedHashMap<>());
            macros.forEach(macro -> namespace.put(macro.uniqueName(), macro));
            return this;
        }

        /**
         * The packages whose macros need no package name, first match wins; in dbt these are the model's own package, the root project, and dbt's own. Without this call: all packages in the order they were
         * added.
         */
        public Builder searchOrder(List<String> packageNames) {
            searchOrder = List.copyOf(packageNames);
            return this;
        }

        /** {@link UndefinedPolicy#RENDER} unless said otherwise. */
        public Builder undefined(UndefinedPolicy policy) {
            undefinedPolicy = policy;
            return this;
        }

        /** Told of the names that templates look up; nobody unless said otherwise. */
        public Builder listener(NameListener value) {
            listener = value;
            return this;
        }

        /** The seed of the filter {@code random}, which starts anew with every rendering. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public JinjaEnvironment build() {
            return new JinjaEnvironment(this);
        }
    }
}
