package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.modules.TimeZoneModule.TimeZoneValue;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code isoformat} and {@code fromisoformat}. */
final class IsoFormat {

    private static final Pattern DATE_TIME = Pattern.compile(
            "(\\d{4})-?(\\d{2})-?(\\d{2})(?:.(\\d{2})(?::?(\\d{2})(?::?(\\d{2})(?:[.,](\\d{1,9}))?)?)?(Z|[+-]\\d{2}:?\\d{2})?)?");

    private IsoFormat() {}

    static String text(LocalTime time) {
        int micros = time.getNano() / 1000;
        return "%02d:%02d:%02d".formatted(time.getHour(), time.getMinute(), time.getSecond())
                + (micros == 0 ? "" : ".%06d".formatted(micros));
    }

    /** The constructor's arguments, without trailing zeros. */
    static String fields(LocalTime time) {
        int micros = time.getNano() / 1000;
        return time.getHour() + ", " + time.getMinute()
                + (time.getSecond() == 0 && micros == 0 ? "" : ", " + time.getSecond())
                + (micros == 0 ? "" : ", " + micros);
    }

    static String text(DateTimeValue value, String separator, String precision) {
        LocalTime time = value.local().toLocalTime();
        String text =
                switch (precision) {
                    case "auto" -> text(time);
                    case "hours" -> "%02d".formatted(time.getHour());
                    case "minutes" -> "%02d:%02d".formatted(time.getHour(), time.getMinute());
                    case "seconds" -> text(time.withNano(0));
                    case "milliseconds" -> text(time.withNano(0)) + ".%03d".formatted(time.getNano() / 1_000_000);
                    case "microseconds" -> text(time.withNano(0)) + ".%06d".formatted(time.getNano() / 1000);
                    default -> throw new PythonError("unknown timespec value '" + precision + "'");
                };
        return new DateValue(value.local().toLocalDate()).text()
                + separator
                + text
                + (value.zone() == null ? "" : offset(value.offset(), ":"));
    }

    static String offset(ZoneOffset offset, String separator) {
        int minutes = Math.abs(offset.getTotalSeconds()) / 60;
        return (offset.getTotalSeconds() < 0 ? "-" : "+")
                + "%02d".formatted(minutes / 60)
                + separator
                + "%02d".formatted(minutes % 60);
    }

    static LocalDate date(String text) {
        Matcher matcher = matched(text);
        if (matcher.group(4) != null) {
            throw invalid(text);
        }
        return date(matcher, text);
    }

    static DateTimeValue dateTime(String text) {
        Matcher matcher = matched(text);
        LocalTime time = LocalTime.MIDNIGHT;
        try {
            if (matcher.group(4) != null) {
                String fraction = matcher.group(7) == null ? "" : matcher.group(7);
                int micros = Integer.parseInt((fraction + "000000").substring(0, 6));
                time = LocalTime.of(
                        number(matcher.group(4)), number(matcher.group(5)), number(matcher.group(6)), micros * 1000);
            }
            String zone = matcher.group(8);
            TimeZoneValue named = zone == null
                    ? null
                    : new TimeZoneValue(
                            zone.equals("Z") ? "UTC" : ZoneOffset.of(zone).equals(ZoneOffset.UTC) ? "UTC" : zone);
            return new DateTimeValue(LocalDateTime.of(date(matcher, text), time), named);
        } catch (DateTimeException e) {
            throw invalid(text);
        }
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private static LocalDate date(Matcher matcher, String text) {
        try {
            return LocalDate.of(
                    Integer.parseInt(matcher.group(1)),
                    Integer.parseInt(matcher.group(2)),
                    Integer.parseInt(matcher.group(3)));
        } catch (DateTimeException e) {
            throw invalid(text);
        }
    }

    private static Matcher matched(String text) {
        Matcher matcher = DATE_TIME.matcher(text);
        if (!matcher.matches()) {
            throw invalid(text);
        }
        return matcher;
    }

    private static PythonError invalid(String text) {
        return new PythonError("invalid isoformat string: '" + text + "'");
    }
}
