package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code datetime.timedelta}. */
record TimeDelta(long micros) implements JinjaObject, Comparable<TimeDelta> {

    private static final long DAY = 86_400_000_000L;
    private static final long SECOND = 1_000_000L;

    private long days() {
        return Math.floorDiv(micros, DAY);
    }

    private long seconds() {
        return Math.floorMod(micros, DAY) / SECOND;
    }

    private long microseconds() {
        return Math.floorMod(micros, SECOND);
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "days" -> days();
            case "seconds" -> seconds();
            case "microseconds" -> microseconds();
            case "total_seconds" -> JinjaFunction.of(name, "", (context, arguments) -> micros / 1e6);
            default -> Undefined.UNDEFINED;
        };
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of("days", "seconds", "microseconds", "total_seconds");
    }

    @Override
    public @Nullable Object operate(String operator, Object other) {
        if (other instanceof TimeDelta delta) {
            return switch (operator) {
                case "+" -> new TimeDelta(micros + delta.micros);
                case "-" -> new TimeDelta(micros - delta.micros);
                case "/" -> (double) micros / nonZero(delta.micros);
                case "//" -> Math.floorDiv(micros, nonZero(delta.micros));
                case "%" -> new TimeDelta(Math.floorMod(micros, nonZero(delta.micros)));
                default -> Undefined.UNDEFINED;
            };
        }
        if (other instanceof Long number) {
            return switch (operator) {
                case "*" -> new TimeDelta(Math.multiplyExact(micros, number));
                case "/" -> new TimeDelta(Math.round(Math.rint((double) micros / nonZero(number))));
                case "//" -> new TimeDelta(Math.floorDiv(micros, nonZero(number)));
                default -> Undefined.UNDEFINED;
            };
        }
        if (other instanceof Double number && operator.equals("*")) {
            return new TimeDelta(Math.round(Math.rint(micros * number)));
        }
        return Undefined.UNDEFINED;
    }

    @Override
    public @Nullable Object operateReflected(String operator, Object other) {
        return operator.equals("*") ? operate(operator, other) : Undefined.UNDEFINED;
    }

    private static long nonZero(long divisor) {
        if (divisor == 0) {
            throw new PythonError("integer division or modulo by zero");
        }
        return divisor;
    }

    @Override
    public boolean isTrue() {
        return micros != 0;
    }

    @Override
    public int compareTo(TimeDelta other) {
        return Long.compare(micros, other.micros);
    }

    @Override
    public String text() {
        long seconds = seconds();
        String days = days() == 0 ? "" : days() + (Math.abs(days()) == 1 ? " day, " : " days, ");
        String fraction = microseconds() == 0 ? "" : ".%06d".formatted(microseconds());
        return days + "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60) + fraction;
    }

    @Override
    public String representation() {
        List<String> parts = new ArrayList<>();
        if (days() != 0) {
            parts.add("days=" + days());
        }
        if (seconds() != 0) {
            parts.add("seconds=" + seconds());
        }
        if (microseconds() != 0) {
            parts.add("microseconds=" + microseconds());
        }
        return "datetime.timedelta(" + (parts.isEmpty() ? "0" : String.join(", ", parts)) + ")";
    }

    @Override
    public String typeName() {
        return "timedelta";
    }
}
