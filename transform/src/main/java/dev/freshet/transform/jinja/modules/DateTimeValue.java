package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.jinja.modules.TimeZoneModule.TimeZoneValue;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code datetime.datetime}.
 *
 * @param zone null for a datetime without a time zone
 */
record DateTimeValue(LocalDateTime local, @Nullable TimeZoneValue zone)
        implements JinjaObject, Comparable<DateTimeValue> {

    private static final Set<String> ATTRIBUTES = Set.of(
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "microsecond",
            "tzinfo",
            "strftime",
            "isoformat",
            "date",
            "time",
            "timestamp",
            "replace",
            "astimezone",
            "utcoffset",
            "weekday",
            "isoweekday",
            "isocalendar",
            "toordinal");

    static DateTimeValue require(Object value) {
        if (value instanceof DateTimeValue dateTime) {
            return dateTime;
        }
        throw new PythonError("a datetime is required");
    }

    static DateTimeValue at(Instant instant, TimeZoneValue zone) {
        return new DateTimeValue(DateTimeModule.micros(LocalDateTime.ofInstant(instant, zone.id())), zone);
    }

    /** The same moment in another zone; one without a zone is taken to be in UTC, where servers run. */
    DateTimeValue in(TimeZoneValue other) {
        return at(instant(), other);
    }

    private Instant instant() {
        return local.toInstant(offset());
    }

    ZoneOffset offset() {
        return zone == null
                ? ZoneOffset.UTC
                : ZonedDateTime.of(local, zone.id()).getOffset();
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "hour" -> local.getHour();
            case "minute" -> local.getMinute();
            case "second" -> local.getSecond();
            case "microsecond" -> local.getNano() / 1000;
            case "tzinfo" -> zone == null ? None.NONE : zone;
            case "strftime" ->
                JinjaFunction.of(name, "format", (context, arguments) -> DateFormat.format(this, arguments.string(0)));
            case "isoformat" ->
                JinjaFunction.of(
                        name,
                        "sep='T', timespec='auto'",
                        (context, arguments) -> IsoFormat.text(this, arguments.string(0), arguments.string(1)));
            case "date" -> JinjaFunction.of(name, "", (context, arguments) -> new DateValue(local.toLocalDate()));
            case "time" -> JinjaFunction.of(name, "", (context, arguments) -> new TimeValue(local.toLocalTime()));
            case "timestamp" ->
                JinjaFunction.of(
                        name, "", (context, arguments) -> ChronoUnit.MICROS.between(Instant.EPOCH, instant()) / 1e6);
            case "astimezone" ->
                JinjaFunction.of(name, "tz", (context, arguments) -> in(TimeZoneValue.require(arguments.value(0))));
            case "utcoffset" ->
                JinjaFunction.of(
                        name,
                        "",
                        (context, arguments) ->
                                zone == null ? None.NONE : new TimeDelta(offset().getTotalSeconds() * 1_000_000L));
            case "replace" ->
                JinjaFunction.of(
                        name,
                        "year=None, month=None, day=None, hour=None, minute=None, second=None, microsecond=None, tzinfo=False",
                        (context, arguments) -> DateTimeModule.checked(() -> replaced(arguments)));
            default -> DateValue.calendarAttribute(local.toLocalDate(), name);
        };
    }

    private DateTimeValue replaced(Signature.Arguments arguments) {
        LocalDate date = DateValue.replaced(local.toLocalDate(), arguments);
        LocalTime time = LocalTime.of(
                arguments.isNone(3) ? local.getHour() : arguments.integer(3),
                arguments.isNone(4) ? local.getMinute() : arguments.integer(4),
                arguments.isNone(5) ? local.getSecond() : arguments.integer(5),
                arguments.isNone(6) ? local.getNano() : arguments.integer(6) * 1000);
        Object wanted = arguments.value(7);
        // False stands for an argument that was left out: None takes the zone away.
        TimeZoneValue newZone =
                wanted.equals(false) ? zone : arguments.isNone(7) ? null : TimeZoneValue.require(wanted);
        return new DateTimeValue(LocalDateTime.of(date, time), newZone);
    }

    @Override
    public Set<String> attributeNames() {
        return ATTRIBUTES;
    }

    @Override
    public @Nullable Object operate(String operator, Object other) {
        if (other instanceof TimeDelta delta && (operator.equals("+") || operator.equals("-"))) {
            return DateTimeModule.checked(() -> new DateTimeValue(
                    local.plus(operator.equals("+") ? delta.micros() : -delta.micros(), ChronoUnit.MICROS), zone));
        }
        if (other instanceof DateTimeValue value && operator.equals("-")) {
            requireAlike(value, "subtract");
            return new TimeDelta(ChronoUnit.MICROS.between(value.instant(), instant()));
        }
        return Undefined.UNDEFINED;
    }

    @Override
    public @Nullable Object operateReflected(String operator, Object other) {
        return operator.equals("+") ? operate(operator, other) : Undefined.UNDEFINED;
    }

    private void requireAlike(DateTimeValue other, String action) {
        if ((zone == null) != (other.zone == null)) {
            throw new PythonError("can't " + action + " offset-naive and offset-aware datetimes");
        }
    }

    @Override
    public String format(String specification) {
        return specification.isEmpty() ? text() : DateFormat.format(this, specification);
    }

    @Override
    public int compareTo(DateTimeValue other) {
        requireAlike(other, "compare");
        return instant().compareTo(other.instant());
    }

    /** Moments with a zone are equal when they are the same moment, whatever their zones. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof DateTimeValue value) || (zone == null) != (value.zone == null)) {
            return false;
        }
        return zone == null ? local.equals(value.local) : instant().equals(value.instant());
    }

    @Override
    public int hashCode() {
        return zone == null ? local.hashCode() : instant().hashCode();
    }

    @Override
    public String text() {
        return IsoFormat.text(this, " ", "auto");
    }

    @Override
    public String representation() {
        String fields = local.getYear() + ", " + local.getMonthValue() + ", " + local.getDayOfMonth() + ", "
                + IsoFormat.fields(local.toLocalTime());
        return "datetime.datetime(" + fields + (zone == null ? "" : ", tzinfo=" + zone.representation()) + ")";
    }

    @Override
    public String typeName() {
        return "datetime";
    }
}
