package dev.freshet.ingest.postgres;

import dev.freshet.state.IntervalValue;
import java.util.StringTokenizer;

/** Intervals in style postgres: {@code -1 years +2 mons 3 days -04:05:06.789}. */
final class IntervalText {

    private static final long MICROS_PER_SECOND = 1_000_000L;

    private IntervalText() {}

    static Object read(String text) {
        if (text.endsWith("infinity")) {
            throw new UnfitValueException("is an infinite interval");
        }
        long months = 0;
        long days = 0;
        long micros = 0;
        try {
            StringTokenizer parts = new StringTokenizer(text, " ");
            while (parts.hasMoreTokens()) {
                String part = parts.nextToken();
                if (part.indexOf(':') >= 0) {
                    micros = time(part);
                    continue;
                }
                long number = Long.parseLong(part);
                String unit = parts.nextToken();
                if (unit.startsWith("year")) {
                    months += number * 12;
                } else if (unit.startsWith("mon")) {
                    months += number;
                } else {
                    days += number;
                }
            }
            return new IntervalValue(Math.toIntExact(months), Math.toIntExact(days), micros);
        } catch (ArithmeticException | IllegalArgumentException e) {
            throw new UnfitValueException("is not an interval in range");
        }
    }

    private static long time(String text) {
        boolean negative = text.charAt(0) == '-';
        int from = negative || text.charAt(0) == '+' ? 1 : 0;
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        int point = text.indexOf('.');
        int end = point < 0 ? text.length() : point;
        // Negated from the start: the smallest value has no positive counterpart.
        long micros = Math.multiplyExact(
                -(Long.parseLong(text, from, first, 10) * 3600
                        + Long.parseLong(text, first + 1, second, 10) * 60
                        + Long.parseLong(text, second + 1, end, 10)),
                MICROS_PER_SECOND);
        long scale = MICROS_PER_SECOND / 10;
        for (int i = end + 1; i < text.length(); i++) {
            micros = Math.subtractExact(micros, (text.charAt(i) - '0') * scale);
            scale /= 10;
        }
        return negative ? micros : Math.negateExact(micros);
    }
}
