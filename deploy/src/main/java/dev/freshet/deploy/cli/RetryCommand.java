package dev.freshet.deploy.cli;

import dev.freshet.deploy.cli.options.DeferralOptions;
import dev.freshet.deploy.cli.options.ProjectOptions;
import dev.freshet.deploy.cli.terminal.Headline;
import dev.freshet.deploy.cli.terminal.Terminal;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.PreviousRun;
import dev.freshet.transform.engine.microbatch.Batching;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.execute.Reading;
import dev.freshet.transform.project.node.ResourceType;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "retry",
        description = "Run again what failed or was skipped in the last run.",
        mixinStandardHelpOptions = true)
final class RetryCommand implements Callable<Integer> {

    private static final Set<String> COMMANDS = Set.of("run", "seed", "test", "snapshot", "build");

    private final Terminal terminal;

    @Mixin
    ProjectOptions options = new ProjectOptions();

    @Option(
            names = {"-x", "--fail-fast"},
            defaultValue = "${env:DBT_FAIL_FAST:-false}",
            description = "End with the first failure.")
    boolean failFast;

    RetryCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Headline.print(terminal);
        PreviousRun previous = PreviousRun.read(options.targetDirectory());
        if (!COMMANDS.contains(previous.command())) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "the last command was '" + previous.command() + "', which can't be retried: only "
                            + String.join(", ", COMMANDS.stream().sorted().toList()));
        }
        Map<String, Object> before = previous.arguments();
        options.likeBefore(before);
        ParsedProject project = options.parse(previous.command(), previous.isFullRefresh());
        Headline.found(terminal, project);
        DeferralOptions.of(before).applyTo(project, null);
        project.read(new Reading(
                Boolean.TRUE.equals(before.get("empty")),
                before.get("sample") instanceof Map<?, ?> sample
                        ? window(sample.get("start"), sample.get("end"))
                        : Optional.empty()));
        Batching batching = new Batching(
                window(before.get("event_time_start"), before.get("event_time_end")),
                previous.batches(),
                previous.startedAt());
        return new NodeRuns(terminal, options, previous.command(), options.threads, failFast, batching)
                .run(project, previous.retryable(), EnumSet.allOf(ResourceType.class), again(before));
    }

    private Map<String, Object> again(Map<String, Object> before) {
        Map<String, Object> arguments = new LinkedHashMap<>(before);
        arguments.putAll(options.remembered());
        return arguments;
    }

    private static Optional<EventWindow> window(@Nullable Object start, @Nullable Object end) {
        return start == null || end == null
                ? Optional.empty()
                : Optional.of(new EventWindow(EventWindow.time(start.toString()), EventWindow.time(end.toString())));
    }
}
