package dev.freshet.deploy.cli.options;

import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.deploy.cli.terminal.WarningPolicy;
import dev.freshet.transform.project.render.CommandFlags;
import dev.freshet.transform.project.render.TemplateOutput;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** dbt's options that every command has. What the command line does not say, the environment may, then {@code flags:} of dbt_project.yml. */
public final class GlobalOptions {

    /** As dbt reads {@code DBT_...} variables: 1 and true, yes and on. */
    public static final class Truth implements ITypeConverter<Boolean> {
        @Override
        public Boolean convert(String value) {
            return switch (value.strip().toLowerCase(Locale.ROOT)) {
                case "1", "true", "t", "yes", "y", "on" -> true;
                case "0", "false", "f", "no", "n", "off", "" -> false;
                default -> throw new TypeConversionException("'" + value + "' is neither true nor false");
            };
        }
    }

    @Option(
            names = "--warn-error",
            scope = ScopeType.INHERIT,
            negatable = true,
            converter = Truth.class,
            defaultValue = "${env:DBT_WARN_ERROR}",
            description = "Take every warning for an error.")
    @Nullable
    Boolean warnError;

    @Option(
            names = "--warn-error-options",
            scope = ScopeType.INHERIT,
            paramLabel = "YAML",
            defaultValue = "${env:DBT_WARN_ERROR_OPTIONS}",
            description =
                    "Which warnings are errors, and which are silent: '{error: all, warn: [...], silence: [...]}'.")
    @Nullable
    String warnErrorOptions;

    @Option(
            names = "--version-check",
            scope = ScopeType.INHERIT,
            negatable = true,
            converter = Truth.class,
            defaultValue = "${env:DBT_VERSION_CHECK}",
            description = "Whether require-dbt-version is checked. Default: true.")
    @Nullable
    Boolean versionCheck;

    @Option(
            names = "--introspect",
            scope = ScopeType.INHERIT,
            negatable = true,
            converter = Truth.class,
            defaultValue = "${env:DBT_INTROSPECT}",
            description = "Whether templates may ask databases while they are compiled. Default: true.")
    @Nullable
    Boolean introspect;

    @Option(
            names = "--print",
            scope = ScopeType.INHERIT,
            negatable = true,
            converter = Truth.class,
            defaultValue = "${env:DBT_PRINT}",
            description = "Whether print() of templates prints. Default: true.")
    @Nullable
    public Boolean print;

    @Option(
            names = "--use-colors",
            scope = ScopeType.INHERIT,
            negatable = true,
            converter = Truth.class,
            defaultValue = "${env:DBT_USE_COLORS}",
            description = "Whether to colour lines. Default: on a terminal, and not with NO_COLOR.")
    @Nullable
    Boolean useColors;

    @Option(
            names = "--target-path",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            defaultValue = "${env:DBT_TARGET_PATH}",
            description = "Where artifacts go. Default: target-path of dbt_project.yml.")
    @Nullable
    Path targetPath;

    @Option(
            names = "--log-path",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            defaultValue = "${env:DBT_LOG_PATH}",
            description = "Where the log file goes. Default: log-path of dbt_project.yml, logs.")
    @Nullable
    Path logPath;

    @Option(
            names = "--log-format",
            scope = ScopeType.INHERIT,
            paramLabel = "FORM",
            defaultValue = "${env:DBT_LOG_FORMAT}",
            description = "How lines look: default, text, debug or json.")
    Terminal.@Nullable Format logFormat;

    @Option(
            names = "--log-level",
            scope = ScopeType.INHERIT,
            paramLabel = "LEVEL",
            defaultValue = "${env:DBT_LOG_LEVEL}",
            description = "The least that is printed: debug, info, warn, error or none.")
    Terminal.@Nullable Level logLevel;

    @Option(
            names = "--send-anonymous-usage-stats",
            scope = ScopeType.INHERIT,
            negatable = true,
            converter = Truth.class,
            hidden = true,
            description = "Of dbt. Nothing is ever sent.")
    @Nullable
    Boolean sendAnonymousUsageStats;

    private Map<String, Object> projectFlags = Map.of();

    /** @param flags {@code flags:} of dbt_project.yml, which what is given here goes before */
    public void project(Map<String, ? extends @Nullable Object> flags) {
        Map<String, Object> known = new TreeMap<>();
        flags.forEach((name, value) -> {
            if (value != null) {
                known.put(name, value);
            }
        });
        projectFlags = known;
    }

    /** What lines look like from now on. */
    public void applyTo(Terminal terminal) {
        choice(Terminal.Format.class, logFormat, "log_format").ifPresent(terminal::format);
        choice(Terminal.Level.class, logLevel, "log_level").ifPresent(terminal::level);
        truth(useColors, "use_colors").ifPresent(terminal::colours);
        terminal.policy(warnings());
        Object isQuiet = projectFlags.get("quiet");
        if (Boolean.TRUE.equals(isQuiet)) {
            terminal.quiet();
        }
    }

    private static <E extends Enum<E>> Optional<E> constant(Class<E> type, String name) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(name)) {
                return Optional.of(constant);
            }
        }
        return Optional.empty();
    }

    private <E extends Enum<E>> Optional<E> choice(Class<E> type, @Nullable E given, String flag) {
        return given != null
                ? Optional.of(given)
                : Optional.ofNullable(projectFlags.get(flag)).flatMap(value -> constant(type, value.toString()));
    }

    private Optional<Boolean> truth(@Nullable Boolean given, String flag) {
        return given != null
                ? Optional.of(given)
                : Optional.ofNullable(projectFlags.get(flag)).map(value -> new Truth().convert(value.toString()));
    }

    boolean introspects() {
        return truth(introspect, "introspect").orElse(true);
    }

    Optional<Path> logPath() {
        return Optional.ofNullable(logPath);
    }

    /** What happens to warnings. */
    public WarningPolicy warnings() {
        Object options = warnErrorOptions != null ? warnErrorOptions : projectFlags.get("warn_error_options");
        return WarningPolicy.of(truth(warnError, "warn_error").orElse(false), options);
    }

    /**
     * What templates see of all this.
     *
     * @param own what the command's own options say, by dbt's names
     */
    public CommandFlags flags(Terminal terminal, @Nullable Integer threads, Map<String, Object> own) {
        Map<String, Object> values = new LinkedHashMap<>();
        projectFlags.forEach((name, value) -> values.put(name.toUpperCase(Locale.ROOT), value));
        Map<String, Object> arguments = new LinkedHashMap<>();
        put(values, arguments, "warn_error", warnError);
        put(values, arguments, "warn_error_options", warnErrorOptions);
        put(values, arguments, "version_check", versionCheck);
        put(values, arguments, "introspect", introspect);
        put(values, arguments, "print", print);
        put(values, arguments, "use_colors", useColors);
        put(values, arguments, "target_path", targetPath == null ? null : targetPath.toString());
        put(values, arguments, "log_path", logPath == null ? null : logPath.toString());
        put(values, arguments, "log_format", name(logFormat));
        put(values, arguments, "log_level", name(logLevel));
        put(values, arguments, "threads", threads == null ? null : Long.valueOf(threads));
        own.forEach((name, value) -> put(values, arguments, name, value));
        boolean prints = truth(print, "print").orElse(true);
        return new CommandFlags(values, arguments, Optional.ofNullable(targetPath), (kind, text) -> {
            if (kind == TemplateOutput.Kind.PRINT && prints) {
                terminal.plain(text);
            } else if (kind == TemplateOutput.Kind.INFO) {
                terminal.line(text);
            } else {
                TemplateOutput.toLog().say(TemplateOutput.Kind.DEBUG, text);
            }
        });
    }

    private static @Nullable String name(@Nullable Enum<?> constant) {
        return constant == null ? null : constant.name().toLowerCase(Locale.ROOT);
    }

    private static void put(
            Map<String, Object> values, Map<String, Object> arguments, String name, @Nullable Object value) {
        if (value != null) {
            values.put(name.toUpperCase(Locale.ROOT), value);
            arguments.put(name, value);
        }
    }
}
