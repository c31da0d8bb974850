package dev.freshet.transform.project.render;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a command was told beside its project, as templates see it.
 *
 * @param values dbt's flags by their names in capitals, such as {@code WARN_ERROR}; the others have dbt's defaults
 * @param arguments {@code invocation_args_dict}: what the command line and the environment said, by dbt's names
 * @param targetPath {@code --target-path}, instead of {@code target-path} of dbt_project.yml
 * @param output told what templates print
 */
public record CommandFlags(
        Map<String, Object> values, Map<String, Object> arguments, Optional<Path> targetPath, TemplateOutput output) {

    /** No flag is set, and what templates print goes to the log. */
    public static final CommandFlags NONE =
            new CommandFlags(Map.of(), Map.of(), Optional.empty(), TemplateOutput.toLog());

    /** Checks {@code require-dbt-version}. */
    public static final String VERSION_CHECK = "VERSION_CHECK";
    /** Keeps the rows that fail a test. */
    public static final String STORE_FAILURES = "STORE_FAILURES";
    /** Instead of the output's {@code threads}. */
    public static final String THREADS = "THREADS";

    public CommandFlags {
        values = new LinkedHashMap<>(values);
        arguments = new LinkedHashMap<>(arguments);
    }

    public boolean isOn(String name, boolean fallback) {
        return values.get(name) instanceof Boolean flag ? flag : fallback;
    }
}
