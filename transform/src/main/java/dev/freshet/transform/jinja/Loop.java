package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code loop} variable. It peeks at the next item only when asked to. */
final class Loop implements JinjaObject, JinjaFunction {

    /** Renders the loop's body over nested items. */
    @FunctionalInterface
    interface Recursion {
        String render(Object items);
    }

    private static final Set<String> ATTRIBUTES = Set.of(
            "index",
            "index0",
            "revindex",
            "revindex0",
            "first",
            "last",
            "length",
            "depth",
            "depth0",
            "previtem",
            "nextitem",
            "cycle",
            "changed");

    private Iterator<Object> items;
    private final @Nullable Object sized;
    private final int depth;
    private final @Nullable Recursion recursion;
    private int index0 = -1;
    private int counted = -1;
    private @Nullable Object previous;
    private @Nullable Object current;
    private @Nullable Object peeked;
    private @Nullable List<Object> lastChanged;

    /** @param sized what the length is asked of, null if the items have to be counted */
    Loop(Iterator<Object> items, @Nullable Object sized, int depth, @Nullable Recursion recursion) {
        this.items = items;
        this.sized = sized;
        this.depth = depth;
        this.recursion = recursion;
    }

    boolean hasNext() {
        return peeked != null || items.hasNext();
    }

    Object next() {
        Object item = peeked != null ? peeked : items.next();
        peeked = null;
        previous = current;
        current = item;
        index0++;
        return item;
    }

    private @Nullable Object peek() {
        if (peeked == null && items.hasNext()) {
            peeked = items.next();
        }
        return peeked;
    }

    private int length() {
        if (sized != null) {
            return PythonValues.length(sized);
        }
        if (counted < 0) {
            List<Object> rest = new ArrayList<>();
            items.forEachRemaining(rest::add);
            items = rest.iterator();
            counted = rest.size() + index0 + 1 + (peeked != null ? 1 : 0);
        }
        return counted;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> index0 + 1;
            case "index0" -> index0;
            case "revindex" -> length() - index0;
            case "revindex0" -> length() - index0 - 1;
            case "first" -> index0 == 0;
            case "last" -> peek() == null;
            case "length" -> length();
            case "depth" -> depth + 1;
            case "depth0" -> depth;
            case "previtem" -> previous != null ? previous : Undefined.because("there is no previous item");
            case "nextitem" -> {
                Object next = peek();
                yield next != null ? next : Undefined.because("there is no next item");
            }
            case "cycle" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    if (arguments.isEmpty()) {
                        throw new PythonError("loop.cycle() needs at least one value");
                    }
                    return arguments.get(index0 % arguments.size());
                };
            case "changed" ->
                (JinjaFunction) (context, arguments, keywords) -> {
                    boolean changed = lastChanged == null || !Operators.equal(lastChanged, arguments);
                    lastChanged = arguments;
                    return changed;
                };
            default -> Undefined.UNDEFINED;
        };
    }

    @Override
    public Set<String> attributeNames() {
        return ATTRIBUTES;
    }

    @Override
    public Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        if (recursion == null) {
            throw new PythonError("the loop must have the 'recursive' marker to be called recursively");
        }
        if (arguments.size() != 1) {
            throw new PythonError("loop() takes exactly one argument (" + arguments.size() + " given)");
        }
        return recursion.render(arguments.get(0));
    }

    @Override
    public String text() {
        return "<LoopContext " + (index0 + 1) + "/" + length() + ">";
    }

    @Override
    public String typeName() {
        return "LoopContext";
    }
}
