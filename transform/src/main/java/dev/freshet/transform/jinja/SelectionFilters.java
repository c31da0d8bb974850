package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Filters that apply a filter, an attribute or a test to each item: {@code map}, {@code select}, {@code reject} and their kin. They give generators. */
final class SelectionFilters {

    private SelectionFilters() {}

    static Filters.Table table() {
        return new Filters.Table()
                .addWithContext("map", "*arguments, **keywords", SelectionFilters::map)
                .addWithContext(
                        "select",
                        "*arguments, **keywords",
                        (context, value, arguments) -> chosen(value, () -> predicate(context, arguments)))
                .addWithContext(
                        "reject",
                        "*arguments, **keywords",
                        (context, value, arguments) -> chosen(
                                value, () -> predicate(context, arguments).negate()))
                .addWithContext(
                        "selectattr",
                        "attribute, *arguments, **keywords",
                        (context, value, arguments) -> chosen(value, () -> attributePredicate(context, arguments)))
                .addWithContext(
                        "rejectattr",
                        "attribute, *arguments, **keywords",
                        (context, value, arguments) -> chosen(value, () -> attributePredicate(context, arguments)
                                .negate()));
    }

    private static Object chosen(Object value, Supplier<Predicate<Object>> test) {
        return PythonIterator.generator(() -> new SelectingIterator(items(value), test.get()));
    }

    /** Nothing for anything false, as in Jinja2: none | map is empty. */
    private static Iterator<Object> items(Object value) {
        return PythonValues.isTrue(value)
                ? PythonValues.iterator(value)
                : List.of().iterator();
    }

    private static Predicate<Object> predicate(CallContext context, Signature.Arguments arguments) {
        List<Object> given = arguments.rest();
        if (given.isEmpty()) {
            return PythonValues::isTrue;
        }
        Rendering rendering = (Rendering) context.access();
        String test = PythonValues.text(given.get(0));
        return item -> rendering.test(test, item, given.subList(1, given.size()), arguments.keywords());
    }

    private static Predicate<Object> attributePredicate(CallContext context, Signature.Arguments arguments) {
        UnaryOperator<Object> reader =
                Paths.reader(arguments.value(0), context.env().undefinedPolicy());
        Predicate<Object> test = predicate(context, arguments);
        return item -> test.test(reader.apply(item));
    }

    private static Object map(CallContext context, Object value, Signature.Arguments arguments) {
        return PythonIterator.generator(() -> mapped(items(value), () -> mapped(context, arguments)));
    }

    private static Iterator<Object> mapped(Iterator<Object> items, Supplier<UnaryOperator<Object>> function) {
        if (!items.hasNext()) {
            return items;
        }
        UnaryOperator<Object> applied = function.get();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return items.hasNext();
            }

            @Override
            public Object next() {
                return applied.apply(items.next());
            }
        };
    }

    private static UnaryOperator<Object> mapped(CallContext context, Signature.Arguments arguments) {
        List<Object> given = arguments.rest();
        Map<String, Object> keywords = arguments.keywords();
        if (given.isEmpty() && keywords.containsKey("attribute")) {
            keywords.keySet().stream()
                    .filter(name -> !name.equals("attribute") && !name.equals("default"))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new PythonError("map() got an unexpected keyword argument '" + name + "'");
                    });
            return Paths.reader(
                    keywords.getOrDefault("attribute", None.NONE),
                    keywords.getOrDefault("default", None.NONE),
                    context.env().undefinedPolicy());
        }
        if (given.isEmpty()) {
            throw new PythonError("the filter map takes attribute='…' or the name of a filter");
        }
        Rendering rendering = (Rendering) context.access();
        String filter = PythonValues.text(given.get(0));
        return item -> rendering.filter(filter, item, given.subList(1, given.size()), keywords);
    }
}
