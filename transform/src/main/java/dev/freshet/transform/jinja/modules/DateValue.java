package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Tuple;
import dev.freshet.transform.jinja.Undefined;
import java.time.LocalDate;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code datetime.date}. */
record DateValue(LocalDate date) implements JinjaObject, Comparable<DateValue> {

    private static final Set<String> ATTRIBUTES = Set.of(
            "year",
            "month",
            "day",
            "strftime",
            "isoformat",
            "weekday",
            "isoweekday",
            "isocalendar",
            "toordinal",
            "replace");

    /** A date, or the date of a datetime, which is one too. */
    static DateValue require(Object value) {
        if (value instanceof DateValue date) {
            return date;
        }
        if (value instanceof DateTimeValue dateTime) {
            return new DateValue(dateTime.local().toLocalDate());
        }
        throw new PythonError("a date is required");
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "strftime" ->
                JinjaFunction.of(
                        name,
                        "format",
                        (context, arguments) ->
                                DateFormat.format(new DateTimeValue(date.atStartOfDay(), null), arguments.string(0)));
            case "isoformat" -> JinjaFunction.of(name, "", (context, arguments) -> text());
            case "replace" ->
                JinjaFunction.of(
                        name,
                        "year=None, month=None, day=None",
                        (context, arguments) -> DateTimeModule.checked(() -> new DateValue(replaced(date, arguments))));
            default -> calendarAttribute(date, name);
        };
    }

    /** What date and datetime have in common. */
    static @Nullable Object calendarAttribute(LocalDate date, String name) {
        return switch (name) {
            case "year" -> date.getYear();
            case "month" -> date.getMonthValue();
            case "day" -> date.getDayOfMonth();
            case "weekday" ->
                JinjaFunction.of(
                        name, "", (context, arguments) -> date.getDayOfWeek().getValue() - 1);
            case "isoweekday" ->
                JinjaFunction.of(
                        name, "", (context, arguments) -> date.getDayOfWeek().getValue());
            case "toordinal" ->
                JinjaFunction.of(
                        name, "", (context, arguments) -> ChronoUnit.DAYS.between(LocalDate.of(1, 1, 1), date) + 1);
            case "isocalendar" ->
                JinjaFunction.of(
                        name,
                        "",
                        (context, arguments) -> Tuple.of(
                                (long) date.get(IsoFields.WEEK_BASED_YEAR),
                                (long) date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR),
                                (long) date.get(ChronoField.DAY_OF_WEEK)));
            default -> Undefined.UNDEFINED;
        };
    }

    static LocalDate replaced(LocalDate date, Signature.Arguments arguments) {
        return LocalDate.of(
                arguments.value(0) == None.NONE ? date.getYear() : arguments.integer(0),
                arguments.value(1) == None.NONE ? date.getMonthValue() : arguments.integer(1),
                arguments.value(2) == None.NONE ? date.getDayOfMonth() : arguments.integer(2));
    }

    @Override
    public Set<String> attributeNames() {
        return ATTRIBUTES;
    }

    @Override
    public @Nullable Object operate(String operator, Object other) {
        if (other instanceof TimeDelta delta && (operator.equals("+") || operator.equals("-"))) {
            long days = Math.floorDiv(delta.micros(), 86_400_000_000L);
            return DateTimeModule.checked(
                    () -> new DateValue(operator.equals("+") ? date.plusDays(days) : date.minusDays(days)));
        }
        if (other instanceof DateValue value && operator.equals("-")) {
            return new TimeDelta(ChronoUnit.DAYS.between(value.date, date) * 86_400_000_000L);
        }
        return Undefined.UNDEFINED;
    }

    @Override
    public @Nullable Object operateReflected(String operator, Object other) {
        return operator.equals("+") ? operate(operator, other) : Undefined.UNDEFINED;
    }

    @Override
    public String format(String specification) {
        return specification.isEmpty()
                ? text()
                : DateFormat.format(new DateTimeValue(date.atStartOfDay(), null), specification);
    }

    @Override
    public int compareTo(DateValue other) {
        return date.compareTo(other.date);
    }

    @Override
    public String text() {
        return "%04d-%02d-%02d".formatted(date.getYear(), date.getMonthValue(), date.getDayOfMonth());
    }

    @Override
    public String representation() {
        return "datetime.date(" + date.getYear() + ", " + date.getMonthValue() + ", " + date.getDayOfMonth() + ")";
    }

    @Override
    public String typeName() {
        return "date";
    }
}
