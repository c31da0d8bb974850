package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.modules.TimeZoneModule.TimeZoneValue;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Month;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Python's {@code strftime} and {@code strptime} in the C locale, with GNU's {@code %-d}. */
final class DateFormat {

    private DateFormat() {}

    static String format(DateTimeValue value, String format) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char character = format.charAt(i);
            if (character != '%' || i + 1 == format.length()) {
                out.append(character);
                continue;
            }
            char code = format.charAt(++i);
            if (code == '-' && i + 1 < format.length()) {
                out.append(directive(value, format.charAt(++i)).replaceFirst("^[0 ]+(?=.)", ""));
            } else {
                out.append(directive(value, code));
            }
        }
        return out.toString();
    }

    private static String directive(DateTimeValue value, char code) {
        LocalDateTime time = value.local();
        int hour = time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
        return switch (code) {
            case 'Y' -> Integer.toString(time.getYear());
            case 'm' -> two(time.getMonthValue());
            case 'd' -> two(time.getDayOfMonth());
            case 'e' -> "%2d".formatted(time.getDayOfMonth());
            case 'H' -> two(time.getHour());
            case 'I' -> two(hour);
            case 'M' -> two(time.getMinute());
            case 'S' -> two(time.getSecond());
            case 'f' -> "%06d".formatted(time.getNano() / 1000);
            case 'y' -> two(Math.floorMod(time.getYear(), 100));
            case 'C' -> two(time.getYear() / 100);
            case 'j' -> "%03d".formatted(time.getDayOfYear());
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
            case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
            case 'U' -> two((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7);
            case 'W' -> two((time.getDayOfYear() + 6 - (time.getDayOfWeek().getValue() - 1)) / 7);
            case 'V' -> two(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> Integer.toString(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'F' -> format(value, "%Y-%m-%d");
            case 'T', 'X' -> format(value, "%H:%M:%S");
            case 'D', 'x' -> format(value, "%m/%d/%y");
            case 'R' -> format(value, "%H:%M");
            case 'c' -> format(value, "%a %b %e %H:%M:%S %Y");
            case 's' -> Long.toString(time.toEpochSecond(value.offset()));
            case 'z' -> value.zone() == null ? "" : IsoFormat.offset(value.offset(), "");
            case 'Z' -> value.zone() == null ? "" : zoneName(value, value.zone());
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "%" + code;
        };
    }

    private static String zoneName(DateTimeValue value, TimeZoneValue zone) {
        return zone.name().equals("UTC")
                ? "UTC"
                : DateTimeFormatter.ofPattern("zzz", Locale.ENGLISH).format(ZonedDateTime.of(value.local(), zone.id()));
    }

    private static String two(int number) {
        return "%02d".formatted(number);
    }

    /** What {@code strptime} has read so far. */
    private static final class Fields {
        private int year = 1900;
        private int month = 1;
        private int day = 1;
        private int dayOfYear;
        private int hour;
        private int minute;
        private int second;
        private int micros;
        private boolean afternoon;
        private boolean halfDays;
        private TimeZoneValue zone = new TimeZoneValue("");
    }

    static DateTimeValue parse(String text, String format) {
        List<Character> codes = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern(format, codes), Pattern.CASE_INSENSITIVE)
                .matcher(text);
        if (!matcher.lookingAt()) {
            throw new PythonError("time data '" + text + "' does not match format '" + format + "'");
        }
        if (matcher.end() != text.length()) {
            throw new PythonError("unconverted data remains: " + text.substring(matcher.end()));
        }
        Fields fields = new Fields();
        for (int i = 0; i < codes.size(); i++) {
            read(fields, codes.get(i), matcher.group(i + 1));
        }
        if (fields.halfDays) {
            fields.hour = fields.hour % 12 + (fields.afternoon ? 12 : 0);
        }
        return DateTimeModule.checked(() -> {
            LocalDate date = fields.dayOfYear > 0
                    ? LocalDate.ofYearDay(fields.year, fields.dayOfYear)
                    : LocalDate.of(fields.year, fields.month, fields.day);
            LocalTime time = LocalTime.of(fields.hour, fields.minute, fields.second, fields.micros * 1000);
            return new DateTimeValue(
                    LocalDateTime.of(date, time), fields.zone.name().isEmpty() ? null : fields.zone);
        });
    }

    private static String pattern(String format, List<Character> codes) {
        StringBuilder pattern = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char character = format.charAt(i);
            if (Character.isWhitespace(character)) {
                pattern.append("\\s+");
            } else if (character != '%' || i + 1 == format.length()) {
                pattern.append(Pattern.quote(String.valueOf(character)));
            } else {
                char code = format.charAt(++i);
                switch (code) {
                    case '%' -> pattern.append('%');
                    case 'F' -> pattern.append(pattern("%Y-%m-%d", codes));
                    case 'T', 'X' -> pattern.append(pattern("%H:%M:%S", codes));
                    case 'D', 'x' -> pattern.append(pattern("%m/%d/%y", codes));
                    default -> {
                        pattern.append('(').append(field(code, format)).append(')');
                        codes.add(code);
                    }
                }
            }
        }
        return pattern.toString();
    }

    private static String field(char code, String format) {
        return switch (code) {
            case 'Y' -> "\\d{4}";
            case 'm' -> "1[0-2]|0[1-9]|[1-9]";
            case 'd', 'e' -> "3[01]|[12]\\d|0[1-9]|[1-9]| [1-9]";
            case 'H' -> "2[0-3]|[01]\\d|\\d";
            case 'I' -> "1[0-2]|0[1-9]|[1-9]";
            case 'M', 'S' -> "[0-5]\\d|\\d";
            case 'f' -> "\\d{1,6}";
            case 'y' -> "\\d{2}";
            case 'j' -> "36[0-6]|3[0-5]\\d|[12]\\d{2}|0\\d{2}|\\d{1,2}";
            case 'p' -> "am|pm";
            case 'a' ->
                names(Arrays.stream(DayOfWeek.values()), day -> day.getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'A' ->
                names(Arrays.stream(DayOfWeek.values()), day -> day.getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'b', 'h' ->
                names(Arrays.stream(Month.values()), month -> month.getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'B' ->
                names(Arrays.stream(Month.values()), month -> month.getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'w', 'u' -> "[0-7]";
            case 'z' -> "z|[+-]\\d{2}:?\\d{2}";
            case 'Z' -> "utc|gmt";
            default -> throw new PythonError("'" + code + "' is a bad directive in format '" + format + "'");
        };
    }

    private static <T> String names(Stream<T> values, Function<T, String> name) {
        return values.map(name).collect(Collectors.joining("|"));
    }

    private static void read(Fields fields, char code, String text) {
        switch (code) {
            case 'Y' -> fields.year = Integer.parseInt(text);
            case 'y' -> fields.year = Integer.parseInt(text) + (Integer.parseInt(text) < 69 ? 2000 : 1900);
            case 'm' -> fields.month = Integer.parseInt(text);
            case 'd', 'e' -> fields.day = Integer.parseInt(text.trim());
            case 'j' -> fields.dayOfYear = Integer.parseInt(text);
            case 'H', 'I' -> {
                fields.hour = Integer.parseInt(text);
                fields.halfDays = code == 'I';
            }
            case 'M' -> fields.minute = Integer.parseInt(text);
            case 'S' -> fields.second = Integer.parseInt(text);
            case 'f' -> fields.micros = Integer.parseInt((text + "000000").substring(0, 6));
            case 'p' -> fields.afternoon = text.equalsIgnoreCase("pm");
            case 'b', 'B', 'h' -> fields.month = month(text);
            case 'z' ->
                fields.zone = new TimeZoneValue(
                        text.equalsIgnoreCase("z") || ZoneOffset.of(text).equals(ZoneOffset.UTC) ? "UTC" : text);
            default -> {}
        }
    }

    private static int month(String text) {
        for (Month month : Month.values()) {
            if (month.getDisplayName(TextStyle.SHORT, Locale.ENGLISH).regionMatches(true, 0, text, 0, 3)) {
                return month.getValue();
            }
        }
        throw new PythonError("no month named '" + text + "'");
    }
}
