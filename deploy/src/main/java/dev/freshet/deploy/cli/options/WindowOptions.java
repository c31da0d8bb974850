package dev.freshet.deploy.cli.options;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.event.EventWindow;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** dbt's windows of event time: of a sample, and of the batches of microbatch models. */
public final class WindowOptions {

    /** The command that these are options of. */
    @Spec(Spec.Target.MIXEE)
    @Nullable
    CommandSpec mixee;

    @Option(
            names = "--sample",
            paramLabel = "WINDOW",
            defaultValue = "${env:DBT_SAMPLE}",
            description =
                    "Read only the rows of a window of what has an event_time: '3 days', or '{start: 2024-01-01, end:"
                            + " 2024-02-01}'.")
    @Nullable
    public String sample;

    @Option(
            names = "--event-time-start",
            paramLabel = "TIME",
            defaultValue = "${env:DBT_EVENT_TIME_START}",
            description = "Where the batches of microbatch models begin, in UTC.")
    @Nullable
    public String eventTimeStart;

    @Option(
            names = "--event-time-end",
            paramLabel = "TIME",
            defaultValue = "${env:DBT_EVENT_TIME_END}",
            description = "Where the batches of microbatch models end, in UTC.")
    @Nullable
    public String eventTimeEnd;

    /** @throws ParameterException when only one end is said, or the order is wrong */
    public Optional<EventWindow> eventTimes() {
        if (eventTimeStart == null && eventTimeEnd == null) {
            return Optional.empty();
        }
        if (eventTimeStart == null || eventTimeEnd == null) {
            String said = eventTimeStart == null ? "--event-time-end" : "--event-time-start";
            String missing = eventTimeStart == null ? "--event-time-start" : "--event-time-end";
            throw wrong("The flag `" + said + "` was specified, but `" + missing + "` was not. When specifying `" + said
                    + "`, you must also specify `" + missing + "`.");
        }
        Instant start = time("--event-time-start", eventTimeStart);
        Instant end = time("--event-time-end", eventTimeEnd);
        if (!start.isBefore(end)) {
            throw wrong("Value for `--event-time-start` must be less than `--event-time-end`");
        }
        return Optional.of(new EventWindow(start, end));
    }

    /** What {@code --sample} means at this time. */
    public Optional<EventWindow> sample(Instant now) {
        if (sample == null) {
            return Optional.empty();
        }
        if (!sample.stripLeading().startsWith("{")) {
            try {
                return Optional.of(EventWindow.before(now, sample));
            } catch (FreshetException e) {
                throw wrong(String.valueOf(e.getMessage()));
            }
        }
        Map<String, Object> written = ProjectOptions.mapping("--sample", sample);
        if (written.get("start") == null || written.get("end") == null) {
            throw wrong("--sample needs a start and an end: '{start: 2024-01-01, end: 2024-02-01}'");
        }
        return Optional.of(
                new EventWindow(time("--sample", written.get("start")), time("--sample", written.get("end"))));
    }

    private Instant time(String option, Object written) {
        try {
            return written instanceof java.util.Date date
                    ? Instant.ofEpochMilli(date.getTime())
                    : EventWindow.time(String.valueOf(written));
        } catch (FreshetException e) {
            throw wrong(option + ": " + e.getMessage());
        }
    }

    private RuntimeException wrong(String message) {
        return mixee == null
                ? new FreshetException(ErrorKind.USER, message)
                : new ParameterException(mixee.commandLine(), message);
    }
}
