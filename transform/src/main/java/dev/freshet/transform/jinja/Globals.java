package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Jinja2's own functions, and dbt's {@code return}. */
final class Globals {

    static final Map<String, Object> BUILTIN = Map.of(
            "range", JinjaFunction.of("range", "*bounds", (context, arguments) -> range(arguments)),
            "dict",
                    JinjaFunction.of(
                            "dict",
                            "*sources, **entries",
                            (context, arguments) ->
                                    DictionaryMethods.dictionary("dict", arguments.rest(), arguments.keywords())),
            "namespace",
                    JinjaFunction.of(
                            "namespace",
                            "*sources, **entries",
                            (context, arguments) -> new Namespace(
                                    DictionaryMethods.dictionary("namespace", arguments.rest(), arguments.keywords()))),
            "cycler", JinjaFunction.of("cycler", "*items", (context, arguments) -> new Cycler(arguments.rest())),
            "joiner", JinjaFunction.of("joiner", "sep=', '", (context, arguments) -> joiner(arguments.value(0))),
            "return",
                    JinjaFunction.of("return", "data=None", (context, arguments) -> {
                        throw new ReturnSignal(arguments.value(0));
                    }));

    private Globals() {}

    private static Object range(Signature.Arguments arguments) {
        List<Object> bounds = arguments.rest();
        bounds.forEach(bound -> Numbers.toIndex(PythonValues.requireDefined(bound)));
        return switch (bounds.size()) {
            case 1 -> new PythonRange(0, Numbers.toIndex(bounds.get(0)), 1);
            case 2 -> new PythonRange(Numbers.toIndex(bounds.get(0)), Numbers.toIndex(bounds.get(1)), 1);
            case 3 ->
                new PythonRange(
                        Numbers.toIndex(bounds.get(0)), Numbers.toIndex(bounds.get(1)), Numbers.toIndex(bounds.get(2)));
            default -> throw new PythonError("range() takes 1 to 3 arguments (" + bounds.size() + " given)");
        };
    }

    private static JinjaFunction joiner(Object separator) {
        return new JinjaFunction() {
            private boolean used;

            @Override
            public Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
                Object text = used ? separator : "";
                used = true;
                return text;
            }
        };
    }

    /** Hands out its items in turn. */
    private static final class Cycler implements JinjaObject {
        private final List<Object> items;
        private int position;

        Cycler(List<Object> items) {
            if (items.isEmpty()) {
                throw new PythonError("cycler() needs at least one item");
            }
            this.items = items;
        }

        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "current" -> items.get(position);
                case "items" -> new Tuple(items);
                case "pos" -> position;
                case "next" ->
                    (JinjaFunction) (context, arguments, keywords) -> {
                        Object item = items.get(position);
                        position = (position + 1) % items.size();
                        return item;
                    };
                case "reset" ->
                    (JinjaFunction) (context, arguments, keywords) -> {
                        position = 0;
                        return None.NONE;
                    };
                default -> Undefined.UNDEFINED;
            };
        }

        @Override
        public Set<String> attributeNames() {
            return Set.of("current", "next", "reset", "items", "pos");
        }

        @Override
        public String text() {
            return "<Cycler>";
        }
    }
}
