package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.project.compile.CommonTableExpressions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** {@code api}: {@code api.Relation} and {@code api.Column}, with which templates make relations and columns of their own. */
final class ApiObject {

    private ApiObject() {}

    /** @param connection the output that made relations live on */
    static JinjaObject of(String connection, RelationStyle style) {
        return new HostObject("api", Map.of("Relation", relation(connection, style), "Column", new ColumnType()));
    }

    private static HostObject relation(String connection, RelationStyle style) {
        JinjaFunction create = JinjaFunction.of(
                "Relation.create",
                "database=None, schema=None, identifier=None, type=None, **ignored",
                (context, arguments) -> Relation.named(
                        connection,
                        text(arguments, 0),
                        text(arguments, 1),
                        text(arguments, 2),
                        text(arguments, 3),
                        style));
        JinjaFunction prefix = JinjaFunction.of(
                "Relation.add_ephemeral_prefix",
                "name",
                (context, arguments) -> CommonTableExpressions.name(arguments.string(0)));
        return new HostObject(
                "Relation",
                Map.of(
                        "create", create,
                        "add_ephemeral_prefix", prefix,
                        "Table", "table",
                        "View", "view",
                        "CTE", "cte",
                        "External", "external"));
    }

    private static String text(Signature.Arguments arguments, int index) {
        return arguments.isNone(index) ? "" : arguments.text(index);
    }

    /** The class {@code api.Column}: callable, with its own functions. */
    private static final class ColumnType implements JinjaObject, JinjaFunction {

        private static final Map<String, String> LABELS = Map.of(
                "STRING", "TEXT",
                "TIMESTAMP", "TIMESTAMP",
                "FLOAT", "FLOAT",
                "INTEGER", "INT",
                "BOOLEAN", "BOOLEAN");
        private static final Signature NEW =
                Signature.of("Column", "column, dtype, char_size=None, numeric_precision=None, numeric_scale=None");

        @Override
        public Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
            Signature.Arguments bound = NEW.bind(arguments, keywords);
            return new Column(bound.text(0), bound.text(1), size(bound, 2), size(bound, 3), size(bound, 4));
        }

        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "create" ->
                    JinjaFunction.of(
                            "Column.create",
                            "name, label_or_dtype",
                            (context, arguments) -> new Column(
                                    arguments.text(0),
                                    label(arguments.text(1)),
                                    OptionalInt.empty(),
                                    OptionalInt.empty(),
                                    OptionalInt.empty()));
                case "translate_type" ->
                    JinjaFunction.of(
                            "Column.translate_type", "dtype", (context, arguments) -> label(arguments.text(0)));
                case "string_type" ->
                    JinjaFunction.of(
                            "Column.string_type", "size", (context, arguments) -> Column.stringType(arguments.text(0)));
                case "numeric_type" ->
                    JinjaFunction.of(
                            "Column.numeric_type",
                            "dtype, precision, scale",
                            (context, arguments) -> Column.numericType(
                                    arguments.text(0),
                                    arguments.isNone(1) ? Optional.empty() : Optional.of(arguments.text(1)),
                                    arguments.isNone(2) ? Optional.empty() : Optional.of(arguments.text(2))));
                default -> Undefined.UNDEFINED;
            };
        }

        private static String label(String type) {
            return LABELS.getOrDefault(type.toUpperCase(Locale.ROOT), type);
        }

        private static OptionalInt size(Signature.Arguments arguments, int index) {
            return arguments.value(index) instanceof Number number
                    ? OptionalInt.of(number.intValue())
                    : OptionalInt.empty();
        }

        @Override
        public String text() {
            return "<class Column>";
        }

        @Override
        public String typeName() {
            return "type";
        }
    }

    static Object orNone(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : None.NONE;
    }
}
