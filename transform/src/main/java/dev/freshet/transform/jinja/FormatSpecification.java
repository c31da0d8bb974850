package dev.freshet.transform.jinja;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's format specification: {@code [[fill]align][sign][z][#][0][width][grouping][.precision][type]}. */
record FormatSpecification(
        String fill,
        char alignment,
        char sign,
        boolean alternate,
        int width,
        String grouping,
        int precision,
        char type) {

    private static final Pattern SYNTAX =
            Pattern.compile("(?s)(?:(.)?([<>=^]))?([-+ ])?z?(#)?(0)?(\\d+)?([,_])?(?:\\.(\\d+))?([a-zA-Z%])?");
    private static final int MAX_WIDTH = 1_000_000;

    static FormatSpecification parse(String text, Object value) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new PythonError("invalid format specifier '" + text + "' for object of type '"
                    + PythonValues.typeName(value) + "'");
        }
        boolean zero = matcher.group(5) != null;
        String fill =
                matcher.group(1) != null ? matcher.group(1) : zero && matcher.group(2) == null ? "0" : zero ? "0" : " ";
        char alignment =
                matcher.group(2) != null ? matcher.group(2).charAt(0) : zero && !(value instanceof String) ? '=' : 0;
        return new FormatSpecification(
                fill,
                alignment,
                matcher.group(3) == null ? '-' : matcher.group(3).charAt(0),
                matcher.group(4) != null,
                number(matcher.group(6), 0),
                matcher.group(7) == null ? "" : matcher.group(7),
                number(matcher.group(8), -1),
                matcher.group(9) == null ? 0 : matcher.group(9).charAt(0));
    }

    private static int number(@org.jspecify.annotations.Nullable String digits, int otherwise) {
        if (digits == null) {
            return otherwise;
        }
        if (digits.length() > 7 || Integer.parseInt(digits) > MAX_WIDTH) {
            throw new PythonError("a width or precision in a format is larger than " + MAX_WIDTH);
        }
        return Integer.parseInt(digits);
    }

    /** {@code format(value, specification)}. */
    static String format(Object value, String text) {
        if (value instanceof JinjaObject object) {
            return object.format(text);
        }
        if (text.isEmpty()) {
            return PythonValues.text(value);
        }
        FormatSpecification specification = parse(text, value);
        if (value instanceof String string) {
            return specification.string(string);
        }
        if (value instanceof Boolean && specification.type == 0) {
            return specification.integer(Numbers.plus(value));
        }
        if (Numbers.isInteger(value)) {
            return "eEfFgG%".indexOf(specification.type) >= 0 && specification.type != 0
                    ? specification.real(Numbers.toDouble(value))
                    : specification.integer(value);
        }
        if (value instanceof Double number) {
            return specification.real(number);
        }
        if (value instanceof BigDecimal decimal) {
            return specification.decimal(decimal);
        }
        throw new PythonError("unsupported format string passed to " + PythonValues.typeName(value) + ".__format__");
    }

    private PythonError unknownType(String valueType) {
        return new PythonError("unknown format code '" + type + "' for object of type '" + valueType + "'");
    }

    private String string(String value) {
        if (type != 0 && type != 's') {
            throw unknownType("str");
        }
        if (alignment == '=') {
            throw new PythonError("'=' alignment not allowed in string format specifier");
        }
        String text = precision >= 0 && precision < CodePoints.length(value)
                ? CodePoints.substring(value, 0, precision)
                : value;
        return StringMethods.justify(text, width, fill, alignment == 0 ? '<' : alignment);
    }

    private String integer(Object value) {
        if (type != 0 && "dnboxXc".indexOf(type) < 0) {
            throw unknownType("int");
        }
        if (precision >= 0) {
            throw new PythonError("precision not allowed in integer format specifier");
        }
        if (type == 'c') {
            return StringMethods.justify(
                    Character.toString(Numbers.toIndex(value)), width, fill, alignment == 0 ? '<' : alignment);
        }
        boolean negative = Numbers.compare(value, 0L) < 0;
        String digits = NumberFormat.integer(Numbers.toBigInteger(value).abs(), type, false);
        String prefix = alternate && "boxX".indexOf(type) >= 0 && type != 0 ? "0" + type : "";
        return number(
                negative,
                prefix,
                grouping.isEmpty()
                        ? digits
                        : NumberFormat.grouped(digits, grouping, "boxX".indexOf(type) >= 0 && type != 0 ? 4 : 3));
    }

    private String real(double value) {
        if (type != 0 && "eEfFgGn%".indexOf(type) < 0) {
            throw unknownType("float");
        }
        double magnitude = Math.abs(value);
        String digits;
        if (type == 0 && precision < 0) {
            digits = Numbers.text(magnitude);
        } else if (type == 0) {
            digits = NumberFormat.real(magnitude, 'g', precision, alternate);
            if (!digits.contains(".") && !digits.contains("e") && !Double.isInfinite(value) && !Double.isNaN(value)) {
                digits = generalWithPoint(magnitude, digits);
            }
        } else {
            digits = NumberFormat.real(magnitude, type == 'n' ? 'g' : type, precision < 0 ? 6 : precision, alternate);
        }
        boolean negative = value < 0 || (value == 0 && 1 / value < 0);
        return number(negative, "", grouping.isEmpty() ? digits : NumberFormat.grouped(digits, grouping, 3));
    }

    /** Without a type a float keeps one digit past the point, and switches to an exponent one digit earlier. */
    private String generalWithPoint(double magnitude, String digits) {
        return digits.length() >= Math.max(precision, 1) && magnitude >= 1
                ? NumberFormat.real(magnitude, 'e', Math.max(0, significant(digits) - 1), alternate)
                : digits + ".0";
    }

    private static int significant(String digits) {
        return Math.max(1, digits.replaceAll("0+$", "").length());
    }

    private String decimal(BigDecimal value) {
        BigDecimal magnitude = value.abs();
        String digits =
                switch (type) {
                    case 'f', 'F' ->
                        (precision < 0 ? magnitude : magnitude.setScale(precision, java.math.RoundingMode.HALF_EVEN))
                                .toPlainString();
                    case '%' ->
                        magnitude
                                        .movePointRight(2)
                                        .setScale(
                                                precision < 0 ? Math.max(0, magnitude.scale() - 2) : precision,
                                                java.math.RoundingMode.HALF_EVEN)
                                        .toPlainString()
                                + "%";
                    case 0 ->
                        precision < 0
                                ? magnitude.toString()
                                : NumberFormat.real(magnitude.doubleValue(), 'g', precision, alternate);
                    default ->
                        NumberFormat.real(magnitude.doubleValue(), type, precision < 0 ? 6 : precision, alternate);
                };
        return number(value.signum() < 0, "", grouping.isEmpty() ? digits : NumberFormat.grouped(digits, grouping, 3));
    }

    private String number(boolean negative, String prefix, String digits) {
        String mark = (negative ? "-" : sign == '-' ? "" : String.valueOf(sign)) + prefix;
        if (alignment == '=') {
            int room = width - mark.length();
            if (fill.equals("0") && !grouping.isEmpty()) {
                return mark + zeroFilledGroups(digits, room);
            }
            return mark + StringMethods.justify(digits, room, fill, '>');
        }
        return StringMethods.justify(mark + digits, width, fill, alignment == 0 ? '>' : alignment);
    }

    private String zeroFilledGroups(String digits, int room) {
        String plain = digits.replace(grouping, "");
        String filled = digits;
        while (filled.length() < room) {
            plain = "0" + plain;
            filled = NumberFormat.grouped(plain, grouping, 3);
        }
        return filled;
    }
}
