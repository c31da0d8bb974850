package dev.freshet.transform.project.event;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A span of event times, in UTC.
 *
 * @param start included
 * @param end not included
 */
public record EventWindow(Instant start, Instant end) {

    /** As Python prints a time in UTC: {@code 2024-01-31 00:00:00+00:00}. */
    private static final DateTimeFormatter TEXT = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd HH:mm:ss")
            .optionalStart()
            .appendFraction(ChronoField.MICRO_OF_SECOND, 6, 6, true)
            .optionalEnd()
            .appendLiteral("+00:00")
            .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter WHOLE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'+00:00'", Locale.ROOT);

    /**
     * A window that ends at a time.
     *
     * @param length {@code 3 days}
     * @throws FreshetException USER when it is no such length
     */
    public static EventWindow before(Instant end, String length) {
        List<String> words = Arrays.asList(length.strip().split(" ", -1));
        if (words.size() != 2) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "Cannot load SAMPLE_WINDOW from '" + length + "'. Must be of form 'DAYS_INT GRAIN_SIZE'.");
        }
        long count;
        try {
            count = Long.parseLong(words.get(0));
        } catch (NumberFormatException e) {
            throw new FreshetException(ErrorKind.USER, "Unable to convert '" + words.get(0) + "' to an integer.", e);
        }
        OffsetDateTime to = end.atOffset(ZoneOffset.UTC);
        return new EventWindow(
                BatchSize.named(words.get(1).toLowerCase(Locale.ROOT).replaceFirst("s$", ""))
                        .orElseThrow(() -> new FreshetException(
                                ErrorKind.USER,
                                "Invalid grain size '" + words.get(1)
                                        + "'. Must be one of hour, day, month, year, hours, days, months, years."))
                        .before(to, count)
                        .toInstant(),
                end);
    }

    /**
     * A time as it is written in options and configurations, in UTC unless it says otherwise.
     *
     * @throws FreshetException USER when it is none
     */
    public static Instant time(String written) {
        String text = written.strip().replace(' ', 'T');
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new FreshetException(
                    ErrorKind.USER, "'" + written + "' is no time: write 2024-01-31 or 2024-01-31T12:00:00", e);
        }
    }

    public String startText() {
        return text(start);
    }

    public String endText() {
        return text(end);
    }

    static String text(Instant time) {
        OffsetDateTime utc = time.atOffset(ZoneOffset.UTC);
        return utc.getNano() / 1000 == 0 ? WHOLE.format(utc) : TEXT.format(utc);
    }

    /** What both have in common; empty when that is nothing. */
    public Optional<EventWindow> within(EventWindow other) {
        Instant from = start.isAfter(other.start) ? start : other.start;
        Instant to = end.isBefore(other.end) ? end : other.end;
        return from.isBefore(to) ? Optional.of(new EventWindow(from, to)) : Optional.empty();
    }
}
