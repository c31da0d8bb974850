package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The methods of list and tuple. */
final class ListMethods {

    static final Methods.Table<List<Object>> TABLE = new Methods.Table<List<Object>>()
            .add("append", "object", (list, arguments) -> {
                list.add(arguments.value(0));
                return None.NONE;
            })
            .add("extend", "iterable", (list, arguments) -> {
                list.addAll(PythonValues.list(arguments.value(0)));
                return None.NONE;
            })
            .add("insert", "index, object", (list, arguments) -> {
                int index = arguments.integer(0);
                long at = index < 0 ? Math.max(0, (long) index + list.size()) : Math.min(index, list.size());
                list.add((int) at, arguments.value(1));
                return None.NONE;
            })
            .add("pop", "index=-1", (list, arguments) -> pop(list, arguments.integer(0)))
            .add("remove", "value", (list, arguments) -> {
                int index = position(list, arguments.value(0), 0, list.size());
                if (index < 0) {
                    throw new PythonError("list.remove(x): x not in list");
                }
                list.remove(index);
                return None.NONE;
            })
            .add("clear", "", (list, arguments) -> {
                list.clear();
                return None.NONE;
            })
            .add("index", "value, start=0, stop=None", (list, arguments) -> indexOf(list, arguments, "list"))
            .add("count", "value", (list, arguments) -> count(list, arguments.value(0)))
            .add("sort", "key=None, reverse=False", (list, arguments) -> {
                if (!arguments.isNone(0)) {
                    throw new PythonError(
                            "sort() takes no key function in a template; use the filter sort(attribute='…')");
                }
                List<Object> sorted = Sorting.sorted(
                        list,
                        item -> item,
                        arguments.isTrue(1) ? Sorting.Direction.DESCENDING : Sorting.Direction.ASCENDING);
                Collections.copy(list, sorted);
                return None.NONE;
            })
            .add("reverse", "", (list, arguments) -> {
                Collections.reverse(list);
                return None.NONE;
            })
            .add("copy", "", (list, arguments) -> new ArrayList<>(list));

    static final Methods.Table<Tuple> TUPLE_TABLE = new Methods.Table<Tuple>()
            .add("index", "value, start=0, stop=None", (tuple, arguments) -> indexOf(tuple.items(), arguments, "tuple"))
            .add("count", "value", (tuple, arguments) -> count(tuple.items(), arguments.value(0)));

    private ListMethods() {}

    private static Object pop(List<Object> list, int index) {
        if (list.isEmpty()) {
            throw new PythonError("pop from empty list");
        }
        int at = index < 0 ? index + list.size() : index;
        if (at < 0 || at >= list.size()) {
            throw new PythonError("pop index out of range");
        }
        return PythonValues.fromHost(list.remove(at));
    }

    private static int indexOf(List<Object> list, Signature.Arguments arguments, String type) {
        int start = bounded(arguments.integer(1), list.size());
        int stop = arguments.isNone(2) ? list.size() : bounded(arguments.integer(2), list.size());
        int index = position(list, arguments.value(0), start, stop);
        if (index < 0) {
            throw new PythonError(PythonValues.repr(arguments.value(0)) + " is not in " + type);
        }
        return index;
    }

    private static int bounded(int index, int size) {
        return index < 0 ? (int) Math.max(0, (long) index + size) : Math.min(index, size);
    }

    private static int position(List<Object> list, Object wanted, int start, int stop) {
        for (int i = start; i < stop; i++) {
            if (Operators.equal(PythonValues.fromHost(list.get(i)), wanted)) {
                return i;
            }
        }
        return -1;
    }

    private static long count(List<Object> list, Object wanted) {
        return list.stream()
                .filter(item -> Operators.equal(PythonValues.fromHost(item), wanted))
                .count();
    }
}
