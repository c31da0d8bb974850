package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaObject;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
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

    /** A value of a database: dates and times as Python's, anything else as it is. */
    public static Object fromJava(Object value) {
        if (value instanceof LocalDate date) {
            return new DateValue(date);
        }
        if (value instanceof LocalDateTime local) {
            return new DateTimeValue(local, null);
        }
        if (value instanceof OffsetDateTime moment) {
            return DateTimeValue.at(moment.toInstant(), new TimeZoneModule.TimeZoneValue("UTC"));
        }
        return value;
    }
}
