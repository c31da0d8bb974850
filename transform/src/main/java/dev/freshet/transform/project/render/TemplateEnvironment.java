package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.NameListener;
import dev.freshet.transform.jinja.UndefinedPolicy;
import dev.freshet.transform.project.partial.Fingerprint;
import dev.freshet.transform.project.partial.Read;
import dev.freshet.transform.project.partial.Reads;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The macros of a project and dbt's own, ready to render with. */
public final class TemplateEnvironment {

    private static final List<String> BUILTIN = List.of(
            "builtin.sql",
            "catalog.sql",
            "cross_database.sql",
            "relations.sql",
            "materializations.sql",
            "seeds.sql",
            "snapshots.sql",
            "tests.sql",
            "unit_tests.sql");
    private static final String BUILTIN_PACKAGE = "dbt";
    /** In front of a package's name: no package has a blank in its name. */
    private static final String NAMING = "naming ";

    private final String project;
    private final Map<String, List<MacroDefinition>> macros;
    private final Map<String, List<String>> searchOrders;
    private final Map<String, JinjaEnvironment> parsing = new ConcurrentHashMap<>();
    private final Map<String, JinjaEnvironment> compiling = new ConcurrentHashMap<>();
    private final Map<String, JinjaEnvironment> naming = new ConcurrentHashMap<>();
    private final Map<MacroDefinition, String> ids = new IdentityHashMap<>();
    private final Map<MacroDefinition, String> fingerprints = new IdentityHashMap<>();
    private final Reads reads = new Reads();

    private TemplateEnvironment(
            String project, Map<String, List<MacroDefinition>> macros, Map<String, List<String>> searchOrders) {
        this.project = project;
        this.macros = macros;
        this.searchOrders = Map.copyOf(searchOrders);
    }

    /** An environment with dbt's own macros only. */
    public static TemplateEnvironment builtin() {
        return new TemplateEnvironment("", Map.of(), Map.of());
    }

    /**
     * @param files the parsed files of the project's macros
     * @param packages those of the installed packages, by the packages' names
     * @param searchOrders the project's {@code dispatch:}
     */
    public static TemplateEnvironment of(
            String project,
            List<JinjaTemplate> files,
            Map<String, List<JinjaTemplate>> packages,
            Map<String, List<String>> searchOrders) {
        Map<String, List<MacroDefinition>> macros = new LinkedHashMap<>();
        macros.put(project, macros(files));
        packages.forEach((name, parsed) -> macros.put(name, macros(parsed)));
        return new TemplateEnvironment(project, macros, searchOrders);
    }

    /** What a package's templates find: its own macros first, then the project's, then dbt's. */
    JinjaEnvironment of(Phase phase, String packageName) {
        return phase == Phase.PARSE
                ? parsing.computeIfAbsent(packageName, name -> build(UndefinedPolicy.CAPTURE, name, project, name))
                : compiling.computeIfAbsent(packageName, name -> build(UndefinedPolicy.RENDER, name, project, name));
    }

    /** Where the macros that name a package's relations are found: the project overrides its packages. */
    JinjaEnvironment naming(String packageName) {
        return naming.computeIfAbsent(packageName, name -> build(UndefinedPolicy.RENDER, project, name, NAMING + name));
    }

    /** What renderings look at while they are taken down. */
    Reads reads() {
        return reads;
    }

    /** A fingerprint of what a name without a package stands for, in the scope that it was read in. */
    String meaning(String scope, String name) {
        JinjaEnvironment environment =
                scope.startsWith(NAMING) ? naming(scope.substring(NAMING.length())) : of(Phase.PARSE, scope);
        return environment
                .macro(name)
                .map(this::fingerprint)
                .orElseGet(() -> environment.packageNames().contains(name) ? "package" : "nothing");
    }

    /** A fingerprint of a package's macro. */
    String meaningOfMacro(String packageName, String name) {
        return of(Phase.PARSE, project)
                .macro(packageName, name)
                .map(this::fingerprint)
                .orElse("nothing");
    }

    /** All that a call of a macro depends on, its place included, which messages name. */
    private String fingerprint(MacroDefinition macro) {
        return fingerprints.computeIfAbsent(
                macro,
                each -> Fingerprint.of(List.of(
                        uniqueId(each).orElse(""),
                        each.kind().tag(),
                        each.location().file(),
                        each.location().line(),
                        each.source())));
    }

    private static NameListener listener(Reads reads, String scope) {
        return new NameListener() {
            @Override
            public void name(String name) {
                reads.add(Read.Kind.NAME, scope, name);
            }

            @Override
            public void macro(String packageName, String name) {
                reads.add(Read.Kind.MACRO, packageName, name);
            }
        };
    }

    /** @param scope what tells the names of one search order from those of another */
    private JinjaEnvironment build(UndefinedPolicy policy, String first, String second, String scope) {
        JinjaEnvironment.Builder builder = builder(policy).listener(listener(reads, scope));
        macros.forEach(builder::macros);
        return builder.searchOrder(List.of(first, second, BUILTIN_PACKAGE)).build();
    }

    Map<String, List<String>> searchOrders() {
        return searchOrders;
    }

    Optional<MacroDefinition> materialization(String name, String adapterType) {
        for (String adapter : List.of(adapterType, "default")) {
            String wanted = "materialization_" + name + "_" + adapter;
            Optional<MacroDefinition> found = macros().values().stream()
                    .flatMap(List::stream)
                    .filter(macro -> macro.uniqueName().equals(wanted))
                    .findFirst();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    boolean hasMaterialization(String name) {
        String start = "materialization_" + name + "_";
        return macros.values().stream().flatMap(List::stream).anyMatch(macro -> macro.uniqueName()
                .startsWith(start));
    }

    /** {@code macro.package.name}. */
    Optional<String> uniqueId(MacroDefinition macro) {
        if (ids.isEmpty()) {
            macros().forEach((packageName, all) ->
                    all.forEach(each -> ids.put(each, "macro." + packageName + "." + each.uniqueName())));
        }
        return Optional.ofNullable(ids.get(macro));
    }

    /** The macros, tests and materializations of the project and its packages, and dbt's own, by package. */
    public Map<String, List<MacroDefinition>> macros() {
        Map<String, List<MacroDefinition>> all = new LinkedHashMap<>(macros);
        all.put(BUILTIN_PACKAGE, BuiltinMacros.MACROS);
        return all;
    }

    private static List<MacroDefinition> macros(List<JinjaTemplate> files) {
        return files.stream().flatMap(file -> file.macros().stream()).toList();
    }

    private static JinjaEnvironment.Builder builder(UndefinedPolicy policy) {
        return JinjaEnvironment.builder().undefined(policy).macros(BUILTIN_PACKAGE, BuiltinMacros.MACROS);
    }

    /** dbt's own macros, parsed once. */
    private static final class BuiltinMacros {

        static final List<MacroDefinition> MACROS = BUILTIN.stream()
                .flatMap(file -> JinjaTemplate.parse("<dbt>/" + file, text(file)).macros().stream())
                .toList();

        private static String text(String file) {
            try (InputStream stream = TemplateEnvironment.class.getResourceAsStream(file)) {
                if (stream == null) {
                    throw new IllegalStateException(file + " is missing from the jar");
                }
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new IllegalStateException(file + " can't be read from the jar", e);
            }
        }
    }
}
