package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code groupby} yields: a pair whose parts also have names. */
record GroupTuple(Object grouper, List<Object> list) implements JinjaObject, Iterable<Object> {

    private Tuple pair() {
        return Tuple.of(grouper, list);
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "grouper" -> grouper;
            case "list" -> list;
            default -> Undefined.UNDEFINED;
        };
    }

    @Override
    public Object item(Object key) {
        return Members.item(pair(), key, UndefinedPolicy.RENDER) instanceof Undefined
                ? Undefined.UNDEFINED
                : Members.item(pair(), key, UndefinedPolicy.RENDER);
    }

    @Override
    public Iterator<Object> iterator() {
        return pair().iterator();
    }

    @Override
    public String text() {
        return PythonValues.repr(pair());
    }

    @Override
    public String typeName() {
        return "tuple";
    }
}
