package dev.freshet.deploy.cli;

import dev.freshet.transform.project.Project;

/** The first lines of every command, so that a person sees at once that something happens and on what. */
final class Headline {

    private Headline() {}

    static void print(Terminal terminal) {
        terminal.line("Running with freshet=" + Version.FRESHET + " (dbt=" + Version.DBT + ")");
    }

    static void found(Terminal terminal, Project project) {
        project.warnings()
                .forEach(warning ->
                        terminal.line(terminal.colour(Terminal.Outcome.WARNING, "Warning") + "  " + warning));
        terminal.line("Found " + count(project.models().size(), "model") + ", "
                + count(project.sources().size(), "source") + " in project '" + project.name() + "', default output '"
                + project.target() + "'");
    }

    static String count(long number, String noun) {
        return String.format(java.util.Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
    }
}
