package dev.freshet.transform.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;

/** The digits of numbers in Python's presentation types. Signs are the caller's: the numbers here are not negative. */
final class NumberFormat {

    private NumberFormat() {}

    /** {@code e f g %} and their upper-case forms, for a finite value or not. */
    static String real(double value, char type, int precision, boolean alternate) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            String text = Double.isNaN(value) ? "nan" : "inf";
            return (Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text) + (type == '%' ? "%" : "");
        }
        String text =
                switch (Character.toLowerCase(type)) {
                    case 'e' -> scientific(value, precision, alternate);
                    case 'g' -> general(value, precision, alternate);
                    case '%' -> fixed(value * 100, precision, alternate) + "%";
                    default -> fixed(value, precision, alternate);
                };
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String fixed(double value, int precision, boolean alternate) {
        String text = new BigDecimal(value)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
        return precision == 0 && alternate ? text + "." : text;
    }

    private static String scientific(double value, int precision, boolean alternate) {
        BigDecimal exact = new BigDecimal(value);
        BigDecimal rounded = exact.signum() == 0
                ? exact
                : exact.round(new java.math.MathContext(precision + 1, RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().toString();
        int exponent = rounded.signum() == 0 ? 0 : digits.length() - 1 - rounded.scale();
        String padded = rounded.signum() == 0
                ? "0".repeat(precision + 1)
                : digits + "0".repeat(Math.max(0, precision + 1 - digits.length()));
        String fraction = precision == 0 ? (alternate ? "." : "") : "." + padded.substring(1, precision + 1);
        return padded.charAt(0) + fraction + exponent(exponent);
    }

    private static String exponent(int exponent) {
        String digits = Integer.toString(Math.abs(exponent));
        return "e" + (exponent < 0 ? "-" : "+") + (digits.length() < 2 ? "0" : "") + digits;
    }

    private static String general(double value, int wanted, boolean alternate) {
        int precision = wanted == 0 ? 1 : wanted;
        String scientific = scientific(value, precision - 1, false);
        int exponent = Integer.parseInt(scientific.substring(scientific.indexOf('e') + 1));
        if (exponent < -4 || exponent >= precision) {
            int mark = scientific.indexOf('e');
            return alternate
                    ? scientific
                    : withoutTrailingZeros(scientific.substring(0, mark)) + scientific.substring(mark);
        }
        String fixed = fixed(value, precision - 1 - exponent, false);
        return alternate ? fixed : withoutTrailingZeros(fixed);
    }

    private static String withoutTrailingZeros(String text) {
        if (!text.contains(".")) {
            return text;
        }
        String stripped = text.replaceAll("0+$", "");
        return stripped.endsWith(".") ? stripped.substring(0, stripped.length() - 1) : stripped;
    }

    /** {@code d b o x X c}. */
    static String integer(BigInteger value, char type, boolean alternate) {
        return switch (type) {
            case 'b' -> (alternate ? "0b" : "") + value.toString(2);
            case 'o' -> (alternate ? "0o" : "") + value.toString(8);
            case 'x' -> (alternate ? "0x" : "") + value.toString(16);
            case 'X' -> (alternate ? "0X" : "") + value.toString(16).toUpperCase(Locale.ROOT);
            default -> value.toString();
        };
    }

    /** Separates the digits before the point in groups. */
    static String grouped(String digits, String separator, int size) {
        int end = 0;
        while (end < digits.length() && Character.digit(digits.charAt(end), 16) >= 0) {
            end++;
        }
        StringBuilder out = new StringBuilder(digits);
        for (int at = end - size; at > 0; at -= size) {
            out.insert(at, separator);
        }
        return out.toString();
    }
}
