package dev.freshet.transform.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Python's numbers: integers without limit, floats, and the decimals that query results hold. Booleans count as 0 and 1. */
final class Numbers {

    /** Larger results are refused: nobody renders a number of a hundred thousand digits on purpose. */
    private static final int MAX_BITS = 400_000;

    private Numbers() {}

    static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
    }

    static Object normalized(BigInteger value) {
        if (value.bitLength() > MAX_BITS) {
            throw new PythonError("the result is an integer of more than " + MAX_BITS + " bits");
        }
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    static BigInteger toBigInteger(Object value) {
        if (value instanceof BigInteger big) {
            return big;
        }
        if (value instanceof Boolean flag) {
            return flag ? BigInteger.ONE : BigInteger.ZERO;
        }
        return BigInteger.valueOf(((Number) value).longValue());
    }

    static double toDouble(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        return ((Number) value).doubleValue();
    }

    private static BigDecimal toDecimal(Object value) {
        return value instanceof BigDecimal decimal ? decimal : new BigDecimal(toBigInteger(value));
    }

    static int compare(Object left, Object right) {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        if (left instanceof Double || right instanceof Double) {
            double a = toDouble(left);
            double b = toDouble(right);
            if (Double.isNaN(a) || Double.isNaN(b) || Double.isInfinite(a) || Double.isInfinite(b)) {
                return a < b ? -1 : a == b ? 0 : 1;
            }
            return exact(left).compareTo(exact(right));
        }
        return toDecimal(left).compareTo(toDecimal(right));
    }

    private static BigDecimal exact(Object value) {
        return value instanceof Double number ? new BigDecimal(number) : toDecimal(value);
    }

    static Object negate(Object value) {
        if (value instanceof Double number) {
            return -number;
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.negate();
        }
        return normalized(toBigInteger(value).negate());
    }

    static Object plus(Object value) {
        return value instanceof Boolean ? normalized(toBigInteger(value)) : value;
    }

    static Object absolute(Object value) {
        return compare(value, 0L) < 0 || (value instanceof Double number && 1 / number < 0)
                ? negate(value)
                : plus(value);
    }

    static Object arithmetic(String operator, Object left, Object right) {
        if (left instanceof Double || right instanceof Double) {
            if (left instanceof BigDecimal || right instanceof BigDecimal) {
                throw Operators.unsupported(operator, left, right);
            }
            return floats(operator, toDouble(left), toDouble(right));
        }
        if (left instanceof BigDecimal || right instanceof BigDecimal) {
            return decimals(operator, toDecimal(left), toDecimal(right));
        }
        return integers(operator, left, right);
    }

    private static Object integers(String operator, Object left, Object right) {
        if (left instanceof Long a && right instanceof Long b && a == a.intValue() && b == b.intValue()) {
            switch (operator) {
                case "+":
                    return a + b;
                case "-":
                    return a - b;
                case "*":
                    return a * b;
                default:
                    break;
            }
        }
        BigInteger a = toBigInteger(left);
        BigInteger b = toBigInteger(right);
        return switch (operator) {
            case "+" -> normalized(a.add(b));
            case "-" -> normalized(a.subtract(b));
            case "*" -> normalized(a.multiply(b));
            case "/" -> {
                requireNonZero(b.signum() == 0, "division by zero");
                yield a.bitLength() < 53 && b.bitLength() < 53
                        ? a.doubleValue() / b.doubleValue()
                        : new BigDecimal(a)
                                .divide(new BigDecimal(b), new MathContext(40))
                                .doubleValue();
            }
            case "//" -> {
                requireNonZero(b.signum() == 0, "integer division or modulo by zero");
                yield normalized(floorDivide(a, b));
            }
            case "%" -> {
                requireNonZero(b.signum() == 0, "integer modulo by zero");
                yield normalized(a.subtract(floorDivide(a, b).multiply(b)));
            }
            case "**" -> power(a, b);
            default -> throw Operators.unsupported(operator, left, right);
        };
    }

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        return parts[1].signum() != 0 && parts[1].signum() != b.signum() ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Object power(BigInteger a, BigInteger b) {
        if (b.signum() < 0) {
            requireNonZero(a.signum() == 0, "0.0 cannot be raised to a negative power");
            return Math.pow(a.doubleValue(), b.doubleValue());
        }
        if (a.bitLength() > 1 && (b.bitLength() > 31 || (long) a.bitLength() * b.intValue() > MAX_BITS)) {
            throw new PythonError("the result is an integer of more than " + MAX_BITS + " bits");
        }
        if (a.bitLength() <= 1 && b.bitLength() > 31) {
            return normalized(b.testBit(0) ? a : a.multiply(a));
        }
        return normalized(a.pow(b.intValue()));
    }

    private static Object floats(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> {
                requireNonZero(b == 0, "float division by zero");
                yield a / b;
            }
            case "//" -> {
                requireNonZero(b == 0, "float floor division by zero");
                double quotient = (a - floorModulo(a, b)) / b;
                double floor = Math.floor(quotient);
                yield quotient - floor > 0.5 ? floor + 1 : floor;
            }
            case "%" -> {
                requireNonZero(b == 0, "float modulo");
                yield floorModulo(a, b);
            }
            case "**" -> {
                requireNonZero(a == 0 && b < 0, "0.0 cannot be raised to a negative power");
                double result = Math.pow(a, b);
                if (Double.isInfinite(result) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
                    throw new PythonError("the result is too large for a float");
                }
                yield result;
            }
            default -> throw Operators.unsupported(operator, a, b);
        };
    }

    private static double floorModulo(double a, double b) {
        double remainder = a % b;
        if (remainder == 0) {
            return Math.copySign(0.0, b);
        }
        return (remainder < 0) == (b < 0) ? remainder : remainder + b;
    }

    private static Object decimals(String operator, BigDecimal a, BigDecimal b) {
        MathContext context = new MathContext(28, RoundingMode.HALF_EVEN);
        if (b.signum() == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new PythonError("division by zero");
        }
        return switch (operator) {
            case "+" -> a.add(b, context);
            case "-" -> a.subtract(b, context);
            case "*" -> a.multiply(b, context);
            case "/" -> a.divide(b, context);
            case "//" -> a.divideToIntegralValue(b, context);
            case "%" -> a.remainder(b, context);
            case "**" -> a.pow(b.intValueExact(), context);
            default -> throw Operators.unsupported(operator, a, b);
        };
    }

    private static void requireNonZero(boolean isZero, String message) {
        if (isZero) {
            throw new PythonError(message);
        }
    }

    /** The shortest digits that read back as the same float, in Python's layout. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal exact = new BigDecimal(value);
        BigDecimal shortest = exact;
        for (int digits = Math.abs(value) < Double.MIN_NORMAL ? 1 : 15; digits <= 17; digits++) {
            shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (shortest.doubleValue() == value) {
                break;
            }
        }
        shortest = shortest.stripTrailingZeros();
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            String power = Integer.toString(Math.abs(exponent));
            return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                    + (power.length() < 2 ? "0" : "") + power;
        }
        String plain = shortest.abs().toPlainString();
        return sign + (plain.contains(".") ? plain : plain + ".0");
    }

    /** {@code int(value)} of a number: towards zero. */
    static Object truncate(Object value) {
        if (value instanceof Double number) {
            if (number.isNaN() || number.isInfinite()) {
                throw new PythonError("cannot convert float " + (number.isNaN() ? "NaN" : "infinity") + " to integer");
            }
            return normalized(new BigDecimal(number).toBigInteger());
        }
        if (value instanceof BigDecimal decimal) {
            return normalized(decimal.toBigInteger());
        }
        return normalized(toBigInteger(value));
    }

    /** An index or count that has to fit an int. */
    static int toIndex(Object value) {
        if (!isInteger(value)) {
            throw new PythonError("'" + PythonValues.typeName(value) + "' object cannot be interpreted as an integer");
        }
        BigInteger big = toBigInteger(value);
        if (big.bitLength() > 31) {
            return big.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
        }
        return big.intValue();
    }
}
