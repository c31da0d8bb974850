package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaObject;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;

/** dbt's {@code modules}: {@code datetime}, {@code pytz}, {@code re} and {@code itertools}. */
public final class DbtModules {

    private DbtModules() {}

    /**
     * The object to put into an environment under the name {@code modules}.
     *
     * @param clock what {@code now()} and {@code today()} read; its zone is the local one
     */
    public static JinjaObject create(Clock clock) {
        return new ModuleObject(
                "modules",
                Map.of(
                        "datetime", DateTimeModule.create(clock),
                        "pytz", TimeZoneModule.create(),
                        "re", RegularExpressionModule.create(),
                        "itertools", IterationModule.create()));
    }

    /** A moment as a datetime in UTC, such as {@code run_started_at}. */
    public static JinjaObject dateTime(Instant moment) {
        return DateTimeValue.at(moment, new TimeZoneModule.TimeZoneValue("UTC"));
    }
}
