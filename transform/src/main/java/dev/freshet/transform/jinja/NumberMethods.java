package dev.freshet.transform.jinja;

import org.jspecify.annotations.Nullable;

/** The few members of int and float that templates use. */
final class NumberMethods {

    private static final Methods.Table<Object> INTEGER = new Methods.Table<Object>()
            .add("bit_length", "", (self, arguments) -> Numbers.toBigInteger(self)
                    .bitLength())
            .add("conjugate", "", (self, arguments) -> Numbers.plus(self));

    private static final Methods.Table<Object> FLOAT = new Methods.Table<Object>()
            .add("is_integer", "", (self, arguments) -> Numbers.toDouble(self) == Math.rint(Numbers.toDouble(self)))
            .add("conjugate", "", (self, arguments) -> self);

    private NumberMethods() {}

    static @Nullable Object find(Object number, String name) {
        if (Numbers.isInteger(number)) {
            return switch (name) {
                case "real", "numerator" -> Numbers.plus(number);
                case "imag" -> 0L;
                case "denominator" -> 1L;
                default -> INTEGER.bind(number, name);
            };
        }
        return switch (name) {
            case "real" -> number;
            case "imag" -> 0.0;
            default -> FLOAT.bind(number, name);
        };
    }
}
