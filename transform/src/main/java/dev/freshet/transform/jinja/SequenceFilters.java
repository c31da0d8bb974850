package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Filters on lists and dictionaries as a whole. */
final class SequenceFilters {

    private SequenceFilters() {}

    static Filters.Table table() {
        return new Filters.Table()
                .add("length", "", (value, arguments) -> PythonValues.length(value))
                .alias("count", "length")
                .add("list", "", (value, arguments) -> PythonValues.list(value))
                .add("first", "", (value, arguments) -> {
                    Iterator<Object> items = PythonValues.iterator(value);
                    return items.hasNext() ? items.next() : Undefined.because("no first item, the sequence was empty");
                })
                .add("last", "", (value, arguments) -> last(value))
                .add("reverse", "", (value, arguments) -> reverse(value))
                .addWithContext("join", "d='', attribute=None", (context, value, arguments) -> {
                    UnaryOperator<Object> reader =
                            Paths.reader(arguments.value(1), context.env().undefinedPolicy());
                    List<String> parts = new ArrayList<>();
                    PythonValues.iterator(value)
                            .forEachRemaining(item -> parts.add(PythonValues.text(reader.apply(item))));
                    return String.join(arguments.text(0), parts);
                })
                .addWithContext(
                        "sort", "reverse=False, case_sensitive=False, attribute=None", (context, value, arguments) -> {
                            UnaryOperator<Object> key = Paths.multipleReader(
                                    arguments.value(2),
                                    Paths.caseRule(arguments.isTrue(1)),
                                    context.env().undefinedPolicy());
                            return Sorting.sorted(PythonValues.list(value), key, direction(arguments.isTrue(0)));
                        })
                .add("dictsort", "case_sensitive=False, by='key', reverse=False", SequenceFilters::dictionarySort)
                .add("items", "", (value, arguments) -> PythonIterator.generator(() -> items(value)))
                .addWithContext("unique", "case_sensitive=False, attribute=None", (context, value, arguments) -> {
                    UnaryOperator<Object> reader =
                            Paths.reader(arguments.value(1), context.env().undefinedPolicy());
                    UnaryOperator<Object> rule = Paths.caseRule(arguments.isTrue(0));
                    PythonSet seen = new PythonSet();
                    return PythonIterator.generator(() -> new SelectingIterator(
                            PythonValues.iterator(value), item -> seen.add(rule.apply(reader.apply(item)))));
                })
                .addWithContext(
                        "min",
                        "case_sensitive=False, attribute=None",
                        (context, value, arguments) -> extreme(context, value, arguments, -1))
                .addWithContext(
                        "max",
                        "case_sensitive=False, attribute=None",
                        (context, value, arguments) -> extreme(context, value, arguments, 1))
                .addWithContext("sum", "attribute=None, start=0", (context, value, arguments) -> {
                    UnaryOperator<Object> reader =
                            Paths.reader(arguments.value(0), context.env().undefinedPolicy());
                    Object sum = arguments.value(1);
                    if (sum instanceof String) {
                        throw new PythonError("sum() can't sum strings; use the filter join");
                    }
                    for (Iterator<Object> items = PythonValues.iterator(value); items.hasNext(); ) {
                        sum = Operators.binary("+", sum, reader.apply(items.next()));
                    }
                    return sum;
                })
                .add(
                        "batch",
                        "linecount, fill_with=None",
                        (value, arguments) -> PythonIterator.generator(() -> batch(value, arguments)))
                .add(
                        "slice",
                        "slices, fill_with=None",
                        (value, arguments) -> PythonIterator.generator(() -> slice(value, arguments)))
                .addWithContext("groupby", "attribute, default=None, case_sensitive=False", SequenceFilters::groupBy)
                .addWithContext("random", "", (context, value, arguments) -> {
                    int size = PythonValues.length(value);
                    if (size == 0) {
                        return Undefined.because("no random item, the sequence was empty");
                    }
                    long index = ((Rendering) context.access()).random().nextInt(size);
                    return Members.item(value, index, context.env().undefinedPolicy());
                });
    }

    private static Iterator<Object> items(Object value) {
        if (value instanceof Undefined) {
            return List.of().iterator();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw new PythonError("the filter items takes a dictionary, not " + PythonValues.typeName(value));
        }
        return new DictionaryView(map, DictionaryView.Part.ITEMS).iterator();
    }

    private static Sorting.Direction direction(boolean reverse) {
        return reverse ? Sorting.Direction.DESCENDING : Sorting.Direction.ASCENDING;
    }

    private static Object last(Object value) {
        if (value instanceof PythonIterator || value instanceof PythonSet) {
            throw new PythonError(
                    "'" + PythonValues.typeName(value) + "' object is not reversible; use '| list | last'");
        }
        List<Object> items = PythonValues.list(value);
        return items.isEmpty()
                ? Undefined.because("no last item, the sequence was empty")
                : items.get(items.size() - 1);
    }

    private static Object reverse(Object value) {
        if (value instanceof String text) {
            return CodePoints.reversed(text);
        }
        List<Object> items = PythonValues.list(value);
        Collections.reverse(items);
        return value instanceof PythonIterator || value instanceof PythonSet
                ? items
                : new PythonIterator(PythonValues.typeName(value) + "_reverseiterator", items.iterator());
    }

    private static Object dictionarySort(Object value, Signature.Arguments arguments) {
        if (!(PythonValues.requireDefined(value) instanceof Map<?, ?> map)) {
            throw new PythonError("the filter dictsort takes a dictionary, not " + PythonValues.typeName(value));
        }
        String by = arguments.text(1);
        if (!by.equals("key") && !by.equals("value")) {
            throw new PythonError("dictsort sorts by either \"key\" or \"value\", not " + PythonValues.repr(by));
        }
        int position = by.equals("key") ? 0 : 1;
        UnaryOperator<Object> rule = Paths.caseRule(arguments.isTrue(0));
        return Sorting.sorted(
                new DictionaryView(map, DictionaryView.Part.ITEMS),
                item -> rule.apply(((Tuple) item).get(position)),
                direction(arguments.isTrue(2)));
    }

    private static Object extreme(CallContext context, Object value, Signature.Arguments arguments, int wanted) {
        UnaryOperator<Object> reader =
                Paths.reader(arguments.value(1), context.env().undefinedPolicy());
        UnaryOperator<Object> rule = Paths.caseRule(arguments.isTrue(0));
        Iterator<Object> items = PythonValues.iterator(value);
        if (!items.hasNext()) {
            return Undefined.because("no aggregated item, the sequence was empty");
        }
        Object best = items.next();
        Object bestKey = rule.apply(reader.apply(best));
        while (items.hasNext()) {
            Object item = items.next();
            Object key = rule.apply(reader.apply(item));
            if (Integer.signum(Operators.order(key, bestKey)) == wanted) {
                best = item;
                bestKey = key;
            }
        }
        return best;
    }

    private static Iterator<Object> batch(Object value, Signature.Arguments arguments) {
        int size = StringMethods.requireWidth(arguments.integer(0));
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Iterator<Object> items = PythonValues.iterator(value); items.hasNext(); ) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(items.next());
        }
        if (!batch.isEmpty()) {
            while (!arguments.isNone(1) && batch.size() < size) {
                batch.add(arguments.value(1));
            }
            batches.add(batch);
        }
        return batches.iterator();
    }

    private static Iterator<Object> slice(Object value, Signature.Arguments arguments) {
        List<Object> items = PythonValues.list(value);
        int slices = StringMethods.requireWidth(arguments.integer(0));
        if (slices <= 0) {
            throw new PythonError("slice: the number of slices must be positive, not " + slices);
        }
        int each = items.size() / slices;
        int withExtra = items.size() % slices;
        List<Object> sliced = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < slices; i++) {
            int end = start + each + (i < withExtra ? 1 : 0);
            List<Object> part = new ArrayList<>(items.subList(start, end));
            if (!arguments.isNone(1) && i >= withExtra) {
                part.add(arguments.value(1));
            }
            sliced.add(part);
            start = end;
        }
        return sliced.iterator();
    }

    private static Object groupBy(CallContext context, Object value, Signature.Arguments arguments) {
        UnaryOperator<Object> reader = Paths.reader(
                arguments.value(0), arguments.value(1), context.env().undefinedPolicy());
        UnaryOperator<Object> rule = Paths.caseRule(arguments.isTrue(2));
        List<Object> groups = new ArrayList<>();
        Object currentKey = None.NONE;
        List<Object> current = new ArrayList<>();
        for (Object item : Sorting.sorted(
                PythonValues.list(value), key -> rule.apply(reader.apply(key)), Sorting.Direction.ASCENDING)) {
            Object key = rule.apply(reader.apply(item));
            if (current.isEmpty() || !Operators.equal(key, currentKey)) {
                current = new ArrayList<>();
                currentKey = key;
                groups.add(new GroupTuple(reader.apply(item), current));
            }
            current.add(item);
        }
        return groups;
    }
}
