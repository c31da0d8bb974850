package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.PythonError;
import dev.freshet.transform.jinja.PythonIterator;
import dev.freshet.transform.jinja.PythonValues;
import dev.freshet.transform.jinja.Signature;
import dev.freshet.transform.jinja.Tuple;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code modules.itertools}: what is finite of it. Results are limited in size. */
final class IterationModule {

    private static final int MAX_RESULTS = 1_000_000;

    private IterationModule() {}

    /** A function's results, all of them. */
    private interface Results {
        List<Object> make(CallContext context, Signature.Arguments arguments);
    }

    static JinjaObject create() {
        Map<String, Object> members = new LinkedHashMap<>();
        JinjaFunction chain = function("chain", "*iterables", (context, arguments) -> chained(arguments.rest()));
        JinjaFunction fromIterable = function(
                "from_iterable", "iterable", (context, arguments) -> chained(PythonValues.list(arguments.value(0))));
        members.put("chain", new ModuleType("itertools.chain", chain, Map.of("from_iterable", fromIterable)));
        add(members, "product", "*iterables, repeat=1", (context, arguments) -> product(arguments));
        add(members, "permutations", "iterable, r=None", (context, arguments) -> {
            List<Object> items = PythonValues.list(arguments.value(0));
            int size = arguments.isNone(1) ? items.size() : arguments.integer(1);
            List<Object> results = new ArrayList<>();
            choose(items, size, Choice.PERMUTATIONS, new ArrayList<>(), results);
            return results;
        });
        add(members, "combinations", "iterable, r", (context, arguments) -> chosen(arguments, Choice.COMBINATIONS));
        add(
                members,
                "combinations_with_replacement",
                "iterable, r",
                (context, arguments) -> chosen(arguments, Choice.WITH_REPLACEMENT));
        add(members, "islice", "iterable, *bounds", (context, arguments) -> slice(arguments));
        add(members, "repeat", "object, times", (context, arguments) -> {
            List<Object> results = new ArrayList<>();
            for (int i = 0; i < arguments.integer(1); i++) {
                addTo(results, arguments.value(0));
            }
            return results;
        });
        add(members, "zip_longest", "*iterables, fillvalue=None", (context, arguments) -> zipLongest(arguments));
        add(members, "groupby", "iterable, key=None", IterationModule::groupBy);
        add(members, "starmap", "function, iterable", (context, arguments) -> {
            List<Object> results = new ArrayList<>();
            PythonValues.list(arguments.value(1))
                    .forEach(item ->
                            addTo(results, context.call(arguments.value(0), PythonValues.list(item), Map.of())));
            return results;
        });
        return new ModuleObject("itertools", members);
    }

    private static JinjaFunction function(String name, String parameters, Results results) {
        return JinjaFunction.of(
                name,
                parameters,
                (context, arguments) -> new PythonIterator(
                        "itertools." + name, results.make(context, arguments).iterator()));
    }

    private static void add(Map<String, Object> members, String name, String parameters, Results results) {
        members.put(name, function(name, parameters, results));
    }

    private static void addTo(List<Object> results, Object result) {
        if (results.size() >= MAX_RESULTS) {
            throw new PythonError("itertools gives more than " + MAX_RESULTS + " results here");
        }
        results.add(result);
    }

    private static List<Object> chained(List<Object> iterables) {
        List<Object> all = new ArrayList<>();
        iterables.forEach(iterable -> PythonValues.iterator(iterable).forEachRemaining(item -> addTo(all, item)));
        return all;
    }

    private static List<Object> product(Signature.Arguments arguments) {
        List<List<Object>> pools = new ArrayList<>();
        for (int i = 0; i < arguments.integer(0); i++) {
            arguments.rest().forEach(iterable -> pools.add(PythonValues.list(iterable)));
        }
        List<Object> results = new ArrayList<>(List.of(new Tuple(List.of())));
        for (List<Object> pool : pools) {
            List<Object> longer = new ArrayList<>();
            for (Object begun : results) {
                for (Object item : pool) {
                    List<Object> tuple = new ArrayList<>(((Tuple) begun).items());
                    tuple.add(item);
                    addTo(longer, new Tuple(tuple));
                }
            }
            results = longer;
        }
        return results;
    }

    private enum Choice {
        PERMUTATIONS,
        COMBINATIONS,
        WITH_REPLACEMENT
    }

    private static List<Object> chosen(Signature.Arguments arguments, Choice choice) {
        List<Object> results = new ArrayList<>();
        choose(PythonValues.list(arguments.value(0)), arguments.integer(1), choice, new ArrayList<>(), results);
        return results;
    }

    private static void choose(
            List<Object> items, int size, Choice choice, List<Integer> indexes, List<Object> results) {
        if (indexes.size() == size) {
            addTo(results, new Tuple(indexes.stream().map(items::get).toList()));
            return;
        }
        int last = indexes.isEmpty() ? 0 : indexes.get(indexes.size() - 1);
        int start =
                switch (choice) {
                    case PERMUTATIONS -> 0;
                    case COMBINATIONS -> indexes.isEmpty() ? 0 : last + 1;
                    case WITH_REPLACEMENT -> last;
                };
        for (int i = start; i < items.size(); i++) {
            if (choice != Choice.PERMUTATIONS || !indexes.contains(i)) {
                indexes.add(i);
                choose(items, size, choice, indexes, results);
                indexes.remove(indexes.size() - 1);
            }
        }
    }

    private static List<Object> slice(Signature.Arguments arguments) {
        List<Object> bounds = arguments.rest();
        if (bounds.isEmpty() || bounds.size() > 3) {
            throw new PythonError("islice() takes an iterable and one to three bounds");
        }
        int start = bounds.size() == 1 ? 0 : bound(bounds.get(0), 0);
        int stop = bound(bounds.get(bounds.size() == 1 ? 0 : 1), Integer.MAX_VALUE);
        int step = bounds.size() < 3 ? 1 : Math.max(1, bound(bounds.get(2), 1));
        List<Object> results = new ArrayList<>();
        Iterator<Object> items = PythonValues.iterator(arguments.value(0));
        for (int i = 0; i < stop && items.hasNext(); i++) {
            Object item = items.next();
            if (i >= start && (i - start) % step == 0) {
                addTo(results, item);
            }
        }
        return results;
    }

    private static int bound(Object value, int otherwise) {
        if (value == None.NONE) {
            return otherwise;
        }
        if (value instanceof Long number && number >= 0) {
            return (int) Math.min(number, Integer.MAX_VALUE);
        }
        throw new PythonError("the bounds of islice() must be None or an integer of at least 0");
    }

    private static List<Object> zipLongest(Signature.Arguments arguments) {
        List<List<Object>> columns =
                arguments.rest().stream().map(PythonValues::list).toList();
        int length = columns.stream().mapToInt(List::size).max().orElse(0);
        List<Object> rows = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            int row = i;
            addTo(
                    rows,
                    new Tuple(columns.stream()
                            .map(column -> row < column.size() ? column.get(row) : arguments.value(0))
                            .toList()));
        }
        return rows;
    }

    /** Groups of neighbours, as Python's: the iterable is to be sorted before. */
    private static List<Object> groupBy(CallContext context, Signature.Arguments arguments) {
        List<Object> groups = new ArrayList<>();
        List<Object> current = new ArrayList<>();
        Object currentKey = None.NONE;
        for (Object item : PythonValues.list(arguments.value(0))) {
            Object key = arguments.isNone(1) ? item : context.call(arguments.value(1), List.of(item), Map.of());
            if (current.isEmpty() || !PythonValues.equal(key, currentKey)) {
                current = new ArrayList<>();
                currentKey = key;
                addTo(groups, Tuple.of(key, current));
            }
            current.add(item);
        }
        return groups;
    }
}
