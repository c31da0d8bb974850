package dev.freshet.transform.jinja;

import java.util.List;

/** The methods of set. */
final class SetMethods {

    static final Methods.Table<PythonSet> TABLE = new Methods.Table<PythonSet>()
            .add("add", "item", (set, arguments) -> {
                set.add(arguments.value(0));
                return None.NONE;
            })
            .add("discard", "item", (set, arguments) -> {
                set.remove(arguments.value(0));
                return None.NONE;
            })
            .add("remove", "item", (set, arguments) -> {
                if (!set.remove(arguments.value(0))) {
                    throw new PythonError("remove(): the set has no item " + PythonValues.repr(arguments.value(0)));
                }
                return None.NONE;
            })
            .add("clear", "", (set, arguments) -> {
                set.clear();
                return None.NONE;
            })
            .add("update", "*others", (set, arguments) -> {
                arguments.rest().forEach(other -> set.addAll(PythonValues.list(other)));
                return None.NONE;
            })
            .add("copy", "", (set, arguments) -> new PythonSet(set))
            .add("union", "*others", (set, arguments) -> {
                PythonSet all = new PythonSet(set);
                arguments.rest().forEach(other -> all.addAll(PythonValues.list(other)));
                return all;
            })
            .add("intersection", "*others", (set, arguments) -> {
                PythonSet common = new PythonSet(set);
                arguments.rest().forEach(other -> {
                    PythonSet kept = new PythonSet(PythonValues.list(other));
                    common.removeIf(item -> !kept.contains(item));
                });
                return common;
            })
            .add("difference", "*others", (set, arguments) -> {
                PythonSet rest = new PythonSet(set);
                arguments.rest().forEach(other -> PythonValues.list(other).forEach(rest::remove));
                return rest;
            })
            .add("symmetric_difference", "other", (set, arguments) -> {
                PythonSet rest = new PythonSet(set);
                for (Object item : new PythonSet(PythonValues.list(arguments.value(0)))) {
                    if (!rest.remove(item)) {
                        rest.add(item);
                    }
                }
                return rest;
            })
            .add("issubset", "other", (set, arguments) -> new PythonSet(PythonValues.list(arguments.value(0)))
                    .containsAll(set))
            .add("issuperset", "other", (set, arguments) -> set.containsAll(PythonValues.list(arguments.value(0))))
            .add("isdisjoint", "other", (set, arguments) -> {
                List<Object> other = PythonValues.list(arguments.value(0));
                return other.stream().noneMatch(set::contains);
            });

    private SetMethods() {}
}
