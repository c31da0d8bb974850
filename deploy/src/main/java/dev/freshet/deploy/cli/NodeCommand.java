package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.DeferralOptions;
import dev.freshet.deploy.cli.options.GlobalOptions;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.options.ResourceTypeOptions;
import dev.freshet.deploy.cli.options.SelectionOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.transform.engine.microbatch.Batching;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.execute.Reading;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is the same for the commands that run nodes: {@code run}, {@code test}, {@code seed}, {@code snapshot}, {@code build}. */
abstract class NodeCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final String name;
    private final Set<ResourceType> types;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Mixin
    SelectionOptions selection = new SelectionOptions();

    @Option(
            names = {"-x", "--fail-fast"},
            defaultValue = "${env:DBT_FAIL_FAST:-false}",
            description = "End with the first failure.")
    boolean failFast;

    @Option(
            names = "--empty",
            negatable = true,
            converter = GlobalOptions.Truth.class,
            defaultValue = "${env:DBT_EMPTY:-false}",
            description = "Read no rows: relations are made, with their columns, at no cost.")
    boolean empty;

    @Mixin
    DeferralOptions deferral = new DeferralOptions();

    NodeCommand(Terminal terminal, String name, Set<ResourceType> types) {
        this.terminal = terminal;
        this.name = name;
        this.types = types;
    }

    /** Whether what keeps history is rebuilt from scratch. */
    boolean isFullRefresh() {
        return false;
    }

    /** The kinds of nodes that are run. */
    Set<ResourceType> types() {
        return types;
    }

    /** Of these, those that the command line wants. */
    static Set<ResourceType> chosen(Set<ResourceType> types, ResourceTypeOptions wanted) {
        Set<String> ids = new TreeSet<>();
        types.forEach(type -> ids.add(type.id()));
        Set<String> chosen = wanted.of(ids);
        return types.stream().filter(type -> chosen.contains(type.id())).collect(Collectors.toSet());
    }

    /** {@code --sample} */
    Optional<EventWindow> sample(Instant now) {
        return Optional.empty();
    }

    /** {@code --event-time-start}, {@code --event-time-end} */
    Optional<EventWindow> eventTimes() {
        return Optional.empty();
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        Reading reading = new Reading(empty, sample(Instant.now()));
        Batching batching = new Batching(
                reading.sample().isPresent() ? reading.sample() : eventTimes(), Map.of(), Optional.empty());
        if (empty) {
            options.flags.put("empty", true);
        }
        flags().forEach(options.flags::put);
        ParsedProject project = options.parse(name, isFullRefresh());
        Headline.found(terminal, project);
        deferral.applyTo(project, selection.state);
        project.read(reading);
        return new NodeRuns(terminal, options, name, options.threads, failFast, batching)
                .run(project, selection.of(project, terminal).selected(), types(), arguments(reading, batching));
    }

    /** More that templates see of the command's own options, by dbt's names. */
    Map<String, Object> flags() {
        return Map.of();
    }

    /** What run_results.json keeps of the command line; {@code retry} goes by it. */
    private Map<String, Object> arguments(Reading reading, Batching batching) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("which", name);
        arguments.put("invocation_command", "freshet " + name);
        arguments.put("select", selection.select);
        arguments.put("exclude", selection.exclude);
        arguments.put("full_refresh", isFullRefresh());
        arguments.put("fail_fast", failFast);
        arguments.put("indirect_selection", selection.indirect.name().toLowerCase(Locale.ROOT));
        arguments.putAll(options.remembered());
        arguments.putAll(deferral.remembered(selection.state));
        reading.sample().ifPresent(window -> arguments.put("sample", window(window)));
        batching.wanted().ifPresent(window -> {
            arguments.put("event_time_start", window.startText());
            arguments.put("event_time_end", window.endText());
        });
        return arguments;
    }

    private static Map<String, Object> window(EventWindow window) {
        Map<String, Object> ends = new LinkedHashMap<>();
        ends.put("start", window.startText());
        ends.put("end", window.endText());
        return ends;
    }
}
