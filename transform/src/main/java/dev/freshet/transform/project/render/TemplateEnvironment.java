package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaEnvironment;
import dev.freshet.transform.jinja.JinjaTemplate;
import dev.freshet.transform.jinja.MacroDefinition;
import dev.freshet.transform.jinja.UndefinedPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The macros of a project and dbt's own, ready to render with. Immutable. */
public final class TemplateEnvironment {

    private static final List<String> BUILTIN = List.of("builtin.sql", "cross_database.sql");
    private static final String BUILTIN_PACKAGE = "dbt";

    private final JinjaEnvironment parsing;
    private final JinjaEnvironment compiling;

    private TemplateEnvironment(JinjaEnvironment parsing, JinjaEnvironment compiling) {
        this.parsing = parsing;
        this.compiling = compiling;
    }

    /** An environment with dbt's own macros only. */
    public static TemplateEnvironment builtin() {
        return new TemplateEnvironment(
                builder(UndefinedPolicy.CAPTURE).build(),
                builder(UndefinedPolicy.RENDER).build());
    }

    /**
     * @param files the parsed files of the project's macros
     * @param packages those of the installed packages, by the packages' names
     */
    public static TemplateEnvironment of(
            String project, List<JinjaTemplate> files, Map<String, List<JinjaTemplate>> packages) {
        return new TemplateEnvironment(
                of(UndefinedPolicy.CAPTURE, project, files, packages),
                of(UndefinedPolicy.RENDER, project, files, packages));
    }

    private static JinjaEnvironment of(
            UndefinedPolicy policy,
            String project,
            List<JinjaTemplate> files,
            Map<String, List<JinjaTemplate>> packages) {
        JinjaEnvironment.Builder builder = builder(policy).macros(project, macros(files));
        packages.forEach((name, parsed) -> builder.macros(name, macros(parsed)));
        return builder.searchOrder(List.of(project, BUILTIN_PACKAGE)).build();
    }

    private static List<MacroDefinition> macros(List<JinjaTemplate> files) {
        return files.stream().flatMap(file -> file.macros().stream()).toList();
    }

    private static JinjaEnvironment.Builder builder(UndefinedPolicy policy) {
        return JinjaEnvironment.builder().undefined(policy).macros(BUILTIN_PACKAGE, BuiltinMacros.MACROS);
    }

    JinjaEnvironment of(Phase phase) {
        return phase == Phase.PARSE ? parsing : compiling;
    }

    /** dbt's own macros, parsed once. */
    private static final class BuiltinMacros {

        static final List<MacroDefinition> MACROS = BUILTIN.stream()
                .flatMap(file -> JinjaTemplate.parse("dbt/" + file, text(file)).macros().stream())
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
