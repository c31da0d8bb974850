package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Undefined;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code datetime.time}, without a time zone. */
record TimeValue(LocalTime time) implements JinjaObject, Comparable<TimeValue> {

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "hour" -> time.getHour();
            case "minute" -> time.getMinute();
            case "second" -> time.getSecond();
            case "microsecond" -> time.getNano() / 1000;
            case "isoformat" -> JinjaFunction.of(name, "", (context, arguments) -> text());
            case "strftime" ->
                JinjaFunction.of(
                        name,
                        "format",
                        (context, arguments) -> DateFormat.format(
                                new DateTimeValue(LocalDate.of(1900, 1, 1).atTime(time), null), arguments.string(0)));
            default -> Undefined.UNDEFINED;
        };
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of("hour", "minute", "second", "microsecond", "isoformat", "strftime");
    }

    @Override
    public int compareTo(TimeValue other) {
        return time.compareTo(other.time);
    }

    @Override
    public String text() {
        return IsoFormat.text(time);
    }

    @Override
    public String representation() {
        return "datetime.time(" + IsoFormat.fields(time) + ")";
    }

    @Override
    public String typeName() {
        return "time";
    }
}
