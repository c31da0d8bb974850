package dev.freshet.deploy.cli.terminal;

import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.Project;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The first lines of every command, so that a person sees at once that something happens and on what. */
public final class Headline {

    private static final Map<String, String> NOUNS = Map.of("test", "data test");

    private Headline() {}

    /** Who runs. */
    public static void print(Terminal terminal) {
        terminal.line("Running with freshet=" + Version.FRESHET + " (dbt=" + Version.DBT + ")");
    }

    /** What the service has to do with. */
    public static void found(Terminal terminal, Project project) {
        terminal.warnings("Warning  ", project.warnings());
        terminal.line("Found " + count(project.models().size(), "model") + ", "
                + count(project.sources().size(), "source") + " in project '" + project.name() + "', default output '"
                + project.target() + "'");
    }

    /** What the whole project has, as dbt counts it. */
    public static void found(Terminal terminal, ParsedProject project) {
        terminal.warnings("Warning  ", project.warnings());
        Map<String, Integer> counts = new LinkedHashMap<>();
        project.nodes().forEach(node -> counts.merge(node.type().id(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        parts.add(count(counts.getOrDefault("model", 0), "model"));
        counts.forEach((type, number) -> {
            if (!type.equals("model")) {
                parts.add(count(number, NOUNS.getOrDefault(type, type)));
            }
        });
        parts.add(count(project.manifest().section("sources").size(), "source"));
        terminal.line("Found " + String.join(", ", parts) + " in project '" + project.name() + "', default output '"
                + project.target().name() + "'");
    }

    /** {@code 1 model}, {@code 1,204 models}. */
    public static String count(long number, String noun) {
        String plural = noun.endsWith("ysis") ? noun.replace("ysis", "yses") : noun + "s";
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? noun : plural);
    }
}
