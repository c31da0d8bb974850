package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code run_started_at}: a Python datetime in UTC. */
final class RunStart implements JinjaObject {

    private static final Signature STRFTIME = Signature.of("strftime", "format");
    private static final Signature ISOFORMAT = Signature.of("isoformat", "sep='T'");

    private final OffsetDateTime time;

    RunStart(Instant instant) {
        time = instant.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "year" -> time.getYear();
            case "month" -> time.getMonthValue();
            case "day" -> time.getDayOfMonth();
            case "hour" -> time.getHour();
            case "minute" -> time.getMinute();
            case "second" -> time.getSecond();
            case "microsecond" -> time.getNano() / 1000;
            case "strftime" ->
                (JinjaFunction) (context, arguments, keywords) ->
                        format(STRFTIME.bind(arguments, keywords).string(0));
            case "isoformat" ->
                (JinjaFunction) (context, arguments, keywords) ->
                        iso(ISOFORMAT.bind(arguments, keywords).string(0));
            case "date" ->
                (JinjaFunction)
                        (context, arguments, keywords) -> time.toLocalDate().toString();
            case "timestamp" ->
                (JinjaFunction) (context, arguments, keywords) -> time.toEpochSecond() + time.getNano() / 1e9;
            default -> Undefined.UNDEFINED;
        };
    }

    private String iso(String separator) {
        String fraction = time.getNano() == 0 ? "" : "." + pattern("SSSSSS");
        return pattern("yyyy-MM-dd") + separator + pattern("HH:mm:ss") + fraction + "+00:00";
    }

    /** {@code '{:%Y}'.format(run_started_at)}, the same directives as strftime. */
    @Override
    public String format(String format) {
        if (format.isEmpty()) {
            return text();
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
            } else {
                i++;
                text.append(directive(format.charAt(i)));
            }
        }
        return text.toString();
    }

    private String directive(char letter) {
        return switch (letter) {
            case 'Y' -> pattern("yyyy");
            case 'y' -> pattern("yy");
            case 'm' -> pattern("MM");
            case 'd' -> pattern("dd");
            case 'H' -> pattern("HH");
            case 'I' -> pattern("hh");
            case 'M' -> pattern("mm");
            case 'S' -> pattern("ss");
            case 'f' -> pattern("SSSSSS");
            case 'j' -> pattern("DDD");
            case 'p' -> pattern("a");
            case 'a' -> pattern("EEE");
            case 'A' -> pattern("EEEE");
            case 'b' -> pattern("MMM");
            case 'B' -> pattern("MMMM");
            case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
            case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
            case 's' -> String.valueOf(time.toEpochSecond());
            case 'F' -> pattern("yyyy-MM-dd");
            case 'T' -> pattern("HH:mm:ss");
            case 'z' -> "+0000";
            case 'Z' -> "UTC";
            case '%' -> "%";
            default -> "%" + letter;
        };
    }

    private String pattern(String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
    }

    @Override
    public String text() {
        return iso(" ");
    }

    @Override
    public String typeName() {
        return "datetime";
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of(
                "year",
                "month",
                "day",
                "hour",
                "minute",
                "second",
                "microsecond",
                "strftime",
                "isoformat",
                "date",
                "timestamp");
    }
}
