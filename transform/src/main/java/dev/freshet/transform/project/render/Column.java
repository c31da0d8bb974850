package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.Undefined;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A column as templates handle it, dbt's {@code api.Column}. */
record Column(String name, String type, OptionalInt length, OptionalInt precision, OptionalInt scale)
        implements JinjaObject {

    private static final Set<String> TEXTS = Set.of("text", "character varying", "character", "varchar");
    private static final Set<String> INTEGERS = Set.of(
            "smallint",
            "integer",
            "bigint",
            "smallserial",
            "serial",
            "bigserial",
            "int2",
            "int4",
            "int8",
            "serial2",
            "serial4",
            "serial8");
    private static final Set<String> FLOATS = Set.of("real", "float4", "float", "double precision", "float8", "double");
    private static final Set<String> NUMERICS = Set.of("numeric", "decimal");
    private static final int DEFAULT_LENGTH = 256;

    static String stringType(String size) {
        return "character varying(" + size + ")";
    }

    static String numericType(String type, Optional<String> precision, Optional<String> scale) {
        return precision.isEmpty() || scale.isEmpty() ? type : type + "(" + precision.get() + "," + scale.get() + ")";
    }

    @Override
    public @Nullable Object attribute(String attribute) {
        return switch (attribute) {
            case "name", "column" -> name;
            case "quoted" -> '"' + name + '"';
            case "dtype" -> type;
            case "data_type" -> dataType();
            case "char_size" -> ApiObject.orNone(length);
            case "numeric_precision" -> ApiObject.orNone(precision);
            case "numeric_scale" -> ApiObject.orNone(scale);
            case "is_string" -> answer(is(TEXTS));
            case "is_integer" -> answer(is(INTEGERS));
            case "is_float" -> answer(is(FLOATS));
            case "is_numeric" -> answer(is(NUMERICS));
            case "is_number" -> answer(is(INTEGERS) || is(FLOATS) || is(NUMERICS));
            case "can_expand_to" ->
                JinjaFunction.of(
                        "can_expand_to",
                        "other_column",
                        (context, arguments) -> arguments.value(0) instanceof Column other && canExpandTo(other));
            case "string_size" -> (JinjaFunction) (context, arguments, keywords) -> stringSize();
            default -> Undefined.UNDEFINED;
        };
    }

    private static JinjaFunction answer(boolean value) {
        return (context, arguments, keywords) -> value;
    }

    private boolean is(Set<String> types) {
        return types.contains(type.toLowerCase(Locale.ROOT));
    }

    /** Whether a longer text type holds what this one holds. */
    boolean canExpandTo(Column other) {
        return is(TEXTS) && other.is(TEXTS) && other.stringSize() > stringSize();
    }

    private int stringSize() {
        if (!is(TEXTS)) {
            throw new PythonError("string_size() is for text columns, '" + name + "' is " + type);
        }
        return type.equals("text") ? DEFAULT_LENGTH : length.orElse(DEFAULT_LENGTH);
    }

    String dataType() {
        String folded = type.toLowerCase(Locale.ROOT);
        if (folded.equals("text") || folded.equals("character varying") && length.isEmpty()) {
            // With a length, values would be cut to it.
            return type;
        }
        if (is(TEXTS)) {
            return stringType(String.valueOf(stringSize()));
        }
        return is(NUMERICS) ? numericType(type, written(precision), written(scale)) : type;
    }

    private static Optional<String> written(OptionalInt value) {
        return value.isPresent() ? Optional.of(String.valueOf(value.getAsInt())) : Optional.empty();
    }

    @Override
    public String text() {
        return "<Column " + name + " (" + dataType() + ")>";
    }

    @Override
    public String typeName() {
        return "Column";
    }

    @Override
    public Set<String> attributeNames() {
        return Set.of(
                "name",
                "column",
                "quoted",
                "dtype",
                "data_type",
                "char_size",
                "numeric_precision",
                "numeric_scale",
                "is_string",
                "is_integer",
                "is_float",
                "is_numeric",
                "is_number",
                "can_expand_to",
                "string_size");
    }
}
