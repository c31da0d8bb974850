package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.modules.TimeZoneModule.TimeZoneValue;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code modules.datetime}. */
final class DateTimeModule {

    private DateTimeModule() {}

    static JinjaObject create(Clock clock) {
        return new ModuleObject(
                "datetime",
                Map.of("datetime", dateTime(clock), "date", date(clock), "time", time(), "timedelta", timeDelta()));
    }

    private static ModuleType dateTime(Clock clock) {
        JinjaFunction constructor = JinjaFunction.of(
                "datetime",
                "year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None",
                (context, arguments) -> checked(() -> new DateTimeValue(
                        LocalDateTime.of(
                                LocalDate.of(arguments.integer(0), arguments.integer(1), arguments.integer(2)),
                                timeOf(arguments, 3)),
                        zone(arguments, 7))));
        return new ModuleType(
                "datetime.datetime",
                constructor,
                Map.of(
                        "now",
                                JinjaFunction.of(
                                        "now",
                                        "tz=None",
                                        (context, arguments) -> arguments.isNone(0)
                                                ? new DateTimeValue(micros(LocalDateTime.now(clock)), null)
                                                : DateTimeValue.at(
                                                        clock.instant(), TimeZoneValue.require(arguments.value(0)))),
                        "today",
                                JinjaFunction.of(
                                        "today",
                                        "",
                                        (context, arguments) ->
                                                new DateTimeValue(micros(LocalDateTime.now(clock)), null)),
                        "utcnow",
                                JinjaFunction.of(
                                        "utcnow",
                                        "",
                                        (context, arguments) -> new DateTimeValue(
                                                micros(LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC)),
                                                null)),
                        "strptime",
                                JinjaFunction.of(
                                        "strptime",
                                        "date_string, format",
                                        (context, arguments) ->
                                                DateFormat.parse(arguments.string(0), arguments.string(1))),
                        "fromisoformat",
                                JinjaFunction.of(
                                        "fromisoformat",
                                        "date_string",
                                        (context, arguments) -> IsoFormat.dateTime(arguments.string(0))),
                        "fromtimestamp",
                                JinjaFunction.of("fromtimestamp", "timestamp, tz=None", (context, arguments) -> {
                                    Instant instant = instant(arguments.value(0));
                                    return arguments.isNone(1)
                                            ? new DateTimeValue(LocalDateTime.ofInstant(instant, clock.getZone()), null)
                                            : DateTimeValue.at(instant, TimeZoneValue.require(arguments.value(1)));
                                }),
                        "combine",
                                JinjaFunction.of("combine", "date, time", (context, arguments) -> {
                                    if (arguments.value(1) instanceof TimeValue time) {
                                        return new DateTimeValue(
                                                LocalDateTime.of(
                                                        DateValue.require(arguments.value(0))
                                                                .date(),
                                                        time.time()),
                                                null);
                                    }
                                    throw new PythonError("combine() takes a date and a time");
                                }),
                        "min", new DateTimeValue(LocalDateTime.of(1, 1, 1, 0, 0), null),
                        "max", new DateTimeValue(LocalDateTime.of(9999, 12, 31, 23, 59, 59, 999_999_000), null)));
    }

    private static ModuleType date(Clock clock) {
        return new ModuleType(
                "datetime.date",
                JinjaFunction.of(
                        "date",
                        "year, month, day",
                        (context, arguments) -> checked(() -> new DateValue(
                                LocalDate.of(arguments.integer(0), arguments.integer(1), arguments.integer(2))))),
                Map.of(
                        "today",
                                JinjaFunction.of(
                                        "today", "", (context, arguments) -> new DateValue(LocalDate.now(clock))),
                        "fromisoformat",
                                JinjaFunction.of(
                                        "fromisoformat",
                                        "date_string",
                                        (context, arguments) -> new DateValue(IsoFormat.date(arguments.string(0)))),
                        "fromordinal",
                                JinjaFunction.of(
                                        "fromordinal",
                                        "ordinal",
                                        (context, arguments) -> checked(() -> new DateValue(
                                                LocalDate.of(1, 1, 1).plusDays(arguments.integer(0) - 1L)))),
                        "min", new DateValue(LocalDate.of(1, 1, 1)),
                        "max", new DateValue(LocalDate.of(9999, 12, 31))));
    }

    private static ModuleType time() {
        return new ModuleType(
                "datetime.time",
                JinjaFunction.of(
                        "time",
                        "hour=0, minute=0, second=0, microsecond=0",
                        (context, arguments) -> checked(() -> new TimeValue(timeOf(arguments, 0)))),
                Map.of());
    }

    private static ModuleType timeDelta() {
        return new ModuleType(
                "datetime.timedelta",
                JinjaFunction.of(
                        "timedelta",
                        "days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0",
                        (context, arguments) -> new TimeDelta(micros(arguments, 0, 86_400_000_000L)
                                + micros(arguments, 1, 1_000_000)
                                + micros(arguments, 2, 1)
                                + micros(arguments, 3, 1_000)
                                + micros(arguments, 4, 60_000_000)
                                + micros(arguments, 5, 3_600_000_000L)
                                + micros(arguments, 6, 604_800_000_000L))),
                Map.of());
    }

    private static long micros(Signature.Arguments arguments, int index, long unit) {
        Object value = arguments.value(index);
        if (value instanceof Long whole) {
            return Math.multiplyExact(whole, unit);
        }
        if (value instanceof Number number) {
            return Math.round(Math.rint(number.doubleValue() * unit));
        }
        throw new PythonError(
                "timedelta() takes numbers, not " + dev.freshet.transform.jinja.PythonValues.typeName(value));
    }

    private static LocalTime timeOf(Signature.Arguments arguments, int first) {
        return LocalTime.of(
                arguments.integer(first),
                arguments.integer(first + 1),
                arguments.integer(first + 2),
                arguments.integer(first + 3) * 1000);
    }

    private static @Nullable TimeZoneValue zone(Signature.Arguments arguments, int index) {
        return arguments.value(index) == None.NONE ? null : TimeZoneValue.require(arguments.value(index));
    }

    private static Instant instant(Object timestamp) {
        if (timestamp instanceof Number number) {
            return Instant.EPOCH.plus(Math.round(number.doubleValue() * 1_000_000), ChronoUnit.MICROS);
        }
        throw new PythonError("fromtimestamp() takes a number");
    }

    static LocalDateTime micros(LocalDateTime time) {
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    /** With Java's complaint about a field out of range as a Python error. */
    static <T> T checked(Supplier<T> made) {
        try {
            return made.get();
        } catch (DateTimeException e) {
            throw new PythonError(String.valueOf(e.getMessage()));
        }
    }
}
