package dev.freshet.transform.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Filters on single values: numbers, defaults, attributes, JSON, and dbt's type markers. */
final class ValueFilters {

    private static final Pattern DECIMAL = Pattern.compile("[+-]?\\d+(_\\d+)*");
    private static final Pattern REAL =
            Pattern.compile("[+-]?(\\d+(_\\d+)*(\\.(\\d+(_\\d+)*)?)?|\\.\\d+(_\\d+)*)([eE][+-]?\\d+(_\\d+)*)?");

    private ValueFilters() {}

    static Filters.Table table() {
        return new Filters.Table()
                .add("abs", "", (value, arguments) -> Numbers.absolute(number(value, "abs")))
                .add("round", "precision=0, method='common'", ValueFilters::round)
                .add(
                        "int",
                        "default=0, base=10",
                        (value, arguments) -> integer(value, arguments.value(0), arguments.integer(1)))
                .add("float", "default=0.0", (value, arguments) -> {
                    PythonValues.requireDefined(value);
                    Optional<Double> number = real(value);
                    return number.isPresent() ? number.get() : arguments.value(0);
                })
                .add(
                        "default",
                        "default_value='', boolean=False",
                        (value, arguments) ->
                                value instanceof Undefined || (arguments.isTrue(1) && !PythonValues.isTrue(value))
                                        ? arguments.value(0)
                                        : value)
                .alias("d", "default")
                .add("attr", "name", (value, arguments) -> {
                    Object found = Members.ownAttribute(value, arguments.text(0));
                    return found != null ? found : Undefined.memberOf(value, arguments.text(0));
                })
                .add(
                        "tojson",
                        "indent=None",
                        (value, arguments) -> JsonText.forHtml(
                                value, arguments.isNone(0) ? -1 : StringMethods.requireWidth(arguments.integer(0))))
                .add("pprint", "", (value, arguments) -> PrettyText.format(value))
                .add("as_text", "", (value, arguments) -> value)
                .add("as_native", "", (value, arguments) -> marked(value, NativeText.Wanted.ANY))
                .add("as_bool", "", (value, arguments) -> marked(value, NativeText.Wanted.BOOLEAN))
                .add("as_number", "", (value, arguments) -> marked(value, NativeText.Wanted.NUMBER));
    }

    private static Object marked(Object value, NativeText.Wanted wanted) {
        return new NativeText(PythonValues.text(value), wanted);
    }

    private static Object number(Object value, String filter) {
        PythonValues.requireDefined(value);
        if (!Numbers.isNumber(value)) {
            throw new PythonError("bad operand type for " + filter + "(): '" + PythonValues.typeName(value) + "'");
        }
        return value;
    }

    private static Object round(Object value, Signature.Arguments arguments) {
        Object number = Numbers.plus(number(value, "round"));
        int precision = arguments.integer(0);
        String method = arguments.text(1);
        if (method.equals("common")) {
            if (Numbers.isInteger(number)) {
                return precision >= 0
                        ? number
                        : Numbers.normalized(new BigDecimal(Numbers.toBigInteger(number))
                                .setScale(precision, RoundingMode.HALF_EVEN)
                                .toBigInteger());
            }
            if (number instanceof BigDecimal decimal) {
                return decimal.setScale(precision, RoundingMode.HALF_EVEN);
            }
            double real = Numbers.toDouble(number);
            return Double.isNaN(real) || Double.isInfinite(real)
                    ? real
                    : signed(
                            new BigDecimal(real)
                                    .setScale(precision, RoundingMode.HALF_EVEN)
                                    .doubleValue(),
                            real);
        }
        if (!method.equals("ceil") && !method.equals("floor")) {
            throw new PythonError("round: the method must be common, ceil or floor, not " + PythonValues.repr(method));
        }
        double factor = Math.pow(10, precision);
        Object scaled = Operators.binary(
                "*", number, precision >= 0 ? Operators.binary("**", 10L, (long) precision) : (Object) factor);
        double whole =
                method.equals("ceil") ? Math.ceil(Numbers.toDouble(scaled)) : Math.floor(Numbers.toDouble(scaled));
        // Python's ceil gives an integer, which has no negative zero.
        return (whole == 0 ? 0.0 : whole) / factor;
    }

    private static double signed(double rounded, double original) {
        return rounded == 0 ? Math.copySign(rounded, original) : rounded;
    }

    private static Object integer(Object value, Object otherwise, int base) {
        PythonValues.requireDefined(value);
        if (value instanceof String text) {
            Optional<Object> parsed = parseInteger(StringMethods.strip(text, CodePoints::isSpace, true, true), base);
            if (parsed.isPresent()) {
                return parsed.get();
            }
        }
        Optional<Double> real = Numbers.isNumber(value) && !(value instanceof Double) ? Optional.empty() : real(value);
        if (real.isPresent()) {
            return real.get().isNaN() || real.get().isInfinite() ? otherwise : Numbers.truncate(real.get());
        }
        return Numbers.isNumber(value) ? Numbers.truncate(value) : otherwise;
    }

    /** Python's {@code int(text, base)}. */
    private static Optional<Object> parseInteger(String text, int base) {
        if (base == 10) {
            return DECIMAL.matcher(text).matches()
                    ? Optional.of(Numbers.normalized(new BigInteger(plain(text))))
                    : Optional.empty();
        }
        String digits = text.toLowerCase(Locale.ROOT);
        String sign = digits.startsWith("-") ? "-" : "";
        digits = digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
        String prefix = digits.length() > 2 ? digits.substring(0, 2) : "";
        int prefixBase =
                switch (prefix) {
                    case "0x" -> 16;
                    case "0o" -> 8;
                    case "0b" -> 2;
                    default -> 0;
                };
        if (prefixBase != 0 && (base == 0 || base == prefixBase)) {
            digits = digits.substring(2);
        }
        int radix = base != 0 ? base : prefixBase != 0 ? prefixBase : 10;
        if (digits.isEmpty()
                || radix < 2
                || radix > 36
                || !digits.chars().allMatch(digit -> digit == '_' || Character.digit(digit, radix) >= 0)) {
            return Optional.empty();
        }
        return Optional.of(Numbers.normalized(new BigInteger(sign + plain(digits), radix)));
    }

    private static String plain(String digits) {
        String without = digits.replace("_", "");
        return without.startsWith("+") ? without.substring(1) : without;
    }

    /** Python's {@code float(value)}; empty where it would refuse. */
    static Optional<Double> real(Object value) {
        if (Numbers.isNumber(value)) {
            return Optional.of(Numbers.toDouble(value));
        }
        if (!(value instanceof String string)) {
            return Optional.empty();
        }
        String text = StringMethods.strip(string, CodePoints::isSpace, true, true);
        String name = text.toLowerCase(Locale.ROOT).replaceFirst("^[+-]", "");
        if (name.equals("nan")) {
            return Optional.of(Double.NaN);
        }
        if (name.equals("inf") || name.equals("infinity")) {
            return Optional.of(text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return REAL.matcher(text).matches() ? Optional.of(Double.valueOf(text.replace("_", ""))) : Optional.empty();
    }
}
