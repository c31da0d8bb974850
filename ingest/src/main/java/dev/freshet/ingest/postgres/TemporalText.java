package dev.freshet.ingest.postgres;

import java.time.DateTimeException;
import java.time.LocalDate;

/** Dates and times in ISO style: {@code [0044-03-15] [10:00:00.5][+00:53:28][ BC]}, {@code infinity}, {@code -infinity}. */
final class TemporalText {

    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long MICROS_PER_DAY = 86_400L * MICROS_PER_SECOND;

    private final String text;
    private int at;

    private TemporalText(String text) {
        this.text = text;
    }

    static Object date(String text) {
        if (text.charAt(0) == 'i') {
            return Integer.MAX_VALUE;
        }
        if (text.charAt(0) == '-') {
            return -Integer.MAX_VALUE;
        }
        long days = new TemporalText(text).days();
        if (days >= Integer.MAX_VALUE || days <= -Integer.MAX_VALUE) {
            throw new UnfitValueException("is a date out of range");
        }
        return (int) days;
    }

    static Object time(String text) {
        return new TemporalText(text).micros();
    }

    static Object timestamp(String text) {
        return instant(text);
    }

    static Object timestampWithZone(String text) {
        return instant(text);
    }

    private static Object instant(String text) {
        if (text.charAt(0) == 'i') {
            return Long.MAX_VALUE;
        }
        if (text.charAt(0) == '-') {
            return -Long.MAX_VALUE;
        }
        TemporalText reader = new TemporalText(text);
        try {
            long days = reader.days();
            reader.at++;
            long micros = reader.micros();
            micros -= reader.offsetMicros();
            long value = Math.addExact(Math.multiplyExact(days, MICROS_PER_DAY), micros);
            if (value == Long.MAX_VALUE || value <= -Long.MAX_VALUE) {
                throw new UnfitValueException("is a timestamp out of range");
            }
            return value;
        } catch (ArithmeticException e) {
            throw new UnfitValueException("is a timestamp out of range");
        }
    }

    private long days() {
        long year = number();
        at++;
        int month = (int) number();
        at++;
        int day = (int) number();
        if (text.endsWith(" BC")) {
            year = 1 - year;
        }
        try {
            return LocalDate.of(Math.toIntExact(year), month, day).toEpochDay();
        } catch (DateTimeException e) {
            throw new UnfitValueException("is not a date");
        }
    }

    private long micros() {
        long seconds = number() * 3600;
        at++;
        seconds += number() * 60;
        at++;
        seconds += number();
        long micros = 0;
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            long scale = MICROS_PER_SECOND / 10;
            while (at < text.length() && isDigit(text.charAt(at))) {
                micros += (text.charAt(at++) - '0') * scale;
                scale /= 10;
            }
        }
        return seconds * MICROS_PER_SECOND + micros;
    }

    private long offsetMicros() {
        if (at >= text.length() || (text.charAt(at) != '+' && text.charAt(at) != '-')) {
            return 0;
        }
        long sign = text.charAt(at++) == '-' ? -1 : 1;
        long seconds = number() * 3600;
        if (at < text.length() && text.charAt(at) == ':') {
            at++;
            seconds += number() * 60;
        }
        if (at < text.length() && text.charAt(at) == ':') {
            at++;
            seconds += number();
        }
        return sign * seconds * MICROS_PER_SECOND;
    }

    private long number() {
        long value = 0;
        int from = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            value = value * 10 + (text.charAt(at++) - '0');
        }
        if (from == at) {
            throw new UnfitValueException("is not in ISO style");
        }
        return value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
