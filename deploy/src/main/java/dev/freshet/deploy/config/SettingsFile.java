package dev.freshet.deploy.config;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.node.DataTest;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Reads {@code freshet.yml}. Keys are dotted when printed: {@code batch.interval}. Everything wrong in the file is told at once, with its line.
 */
public final class SettingsFile {

    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h)");
    private static final Pattern BYTES = Pattern.compile("(\\d+)\\s*(KB|MB|GB|B)?");

    private final Path file;
    private final Map<String, ScalarNode> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    private SettingsFile(Path file) {
        this.file = file;
    }

    /**
     * The settings of a project; defaults where the file or a key is absent.
     *
     * @throws FreshetException USER listing every problem with file and line
     */
    public static ServiceSettings read(Path project) {
        Path file = project.resolve("freshet.yml");
        if (!Files.exists(file)) {
            return ServiceSettings.defaults(project);
        }
        SettingsFile reader = new SettingsFile(file);
        reader.load();
        return reader.settings(ServiceSettings.defaults(project), project);
    }

    private ServiceSettings settings(ServiceSettings fallback, Path project) {
        Path directory = text("directory").map(project::resolve).orElse(fallback.directory());
        ServiceSettings settings = new ServiceSettings(
                directory,
                text("staging.directory").map(project::resolve).orElse(directory.resolve("staging")),
                duration("batch.interval", fallback.batchInterval()),
                number("batch.rows", fallback.batchRows(), 1),
                bytes("state.memory_limit", fallback.stateMemoryBytes()),
                number("state.delta_log_rows", fallback.deltaLogRows(), 1),
                (int) number("state.threads", fallback.threads(), 1),
                duration("staging.upkeep_interval", fallback.upkeepInterval()),
                duration("lease", fallback.lease()),
                duration("drain_timeout", fallback.drainTimeout()),
                new HttpSettings(text("service.host").orElse(fallback.http().host()), (int)
                        number("service.port", fallback.http().port(), 0, 65_535)),
                new TestSettings(
                        mode("tests.mode", fallback.tests().mode()),
                        duration("tests.interval", fallback.tests().interval())),
                duration("snapshot_interval", fallback.snapshotInterval()),
                duration("pushdown_interval", fallback.pushdownInterval()),
                number("restatement.beside_rows", fallback.restateBesideRows(), 0),
                new ClockSettings(
                        zone("time_zone", fallback.clock().zone()),
                        duration("clock_interval", fallback.clock().interval())),
                catalog());
        Set<String> known = new TreeSet<>(used);
        values.forEach((key, node) -> {
            if (!used.contains(key)) {
                problem(key, "there is no setting '" + key + "'; known are " + String.join(", ", known));
            }
        });
        if (!problems.isEmpty()) {
            throw new FreshetException(ErrorKind.USER, String.join("\n", problems));
        }
        return settings;
    }

    private Map<String, String> catalog() {
        Map<String, String> properties = new LinkedHashMap<>();
        values.forEach((key, node) -> {
            if (key.startsWith("staging.catalog.")) {
                used.add(key);
                properties.put(key.substring("staging.catalog.".length()), node.getValue());
            }
        });
        return properties;
    }

    private Optional<String> text(String key) {
        used.add(key);
        return Optional.ofNullable(values.get(key)).map(ScalarNode::getValue);
    }

    private ZoneId zone(String key, ZoneId fallback) {
        Optional<String> text = text(key);
        try {
            return text.map(name -> ZoneId.of(name.trim())).orElse(fallback);
        } catch (DateTimeException e) {
            problem(
                    key,
                    "'" + key + "' must be a time zone such as UTC or Europe/Vienna, not '" + text.orElse("") + "'");
            return fallback;
        }
    }

    private Duration duration(String key, Duration fallback) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return fallback;
        }
        Matcher matcher = DURATION.matcher(text.get().trim());
        if (!matcher.matches()) {
            problem(key, "'" + key + "' must be a duration such as 100ms, 5s or 2m, not '" + text.get() + "'");
            return fallback;
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    private DataTest.Mode mode(String key, DataTest.Mode fallback) {
        Optional<String> text = text(key);
        for (DataTest.Mode mode : DataTest.Mode.values()) {
            if (text.isPresent()
                    && mode.name().toLowerCase(Locale.ROOT).equals(text.get().trim())) {
                return mode;
            }
        }
        text.ifPresent(written -> problem(key, "'" + key + "' must be off, monitor or gate, not '" + written + "'"));
        return fallback;
    }

    private long bytes(String key, long fallback) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return fallback;
        }
        Matcher matcher = BYTES.matcher(text.get().trim().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            problem(key, "'" + key + "' must be a size such as 512MB or 4GB, not '" + text.get() + "'");
            return fallback;
        }
        long amount = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        return switch (unit) {
            case "KB" -> amount << 10;
            case "MB" -> amount << 20;
            case "GB" -> amount << 30;
            default -> amount;
        };
    }

    private long number(String key, long fallback, long least) {
        return number(key, fallback, least, Long.MAX_VALUE);
    }

    private long number(String key, long fallback, long least, long most) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            long value = Long.parseLong(text.get().trim().replace("_", ""));
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the range
        }
        problem(
                key,
                "'" + key + "' must be a whole number "
                        + (most == Long.MAX_VALUE ? "of at least " + least : "from " + least + " to " + most)
                        + ", not '" + text.get() + "'");
        return fallback;
    }

    private void problem(String key, String message) {
        problems.add(file.getFileName() + ":" + lines.getOrDefault(key, 1) + ": " + message);
    }

    private void load() {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            Node root = new Yaml(new SafeConstructor(options)).compose(reader);
            if (root instanceof MappingNode mapping) {
                flatten("", mapping);
            }
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new FreshetException(
                    ErrorKind.USER, file.getFileName() + ":" + line + ": not valid YAML: " + e.getProblem(), e);
        } catch (IOException e) {
            throw new FreshetException(ErrorKind.USER, "'" + file + "' can't be read: " + e.getMessage(), e);
        }
    }

    private void flatten(String prefix, MappingNode mapping) {
        for (NodeTuple entry : mapping.getValue()) {
            String key = prefix + ((ScalarNode) entry.getKeyNode()).getValue();
            lines.put(key, entry.getKeyNode().getStartMark().getLine() + 1);
            if (entry.getValueNode() instanceof MappingNode nested) {
                flatten(key + ".", nested);
            } else if (entry.getValueNode() instanceof ScalarNode scalar) {
                values.put(key, scalar);
            } else {
                problem(key, "'" + key + "' must be a single value");
            }
        }
    }
}
