package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code sequence[start:stop:step]}. */
final class Slices {

    private Slices() {}

    static Object slice(Object sequence, Object start, Object stop, Object step, UndefinedPolicy policy) {
        if (sequence instanceof Undefined) {
            return Members.missing(sequence, "slice", policy);
        }
        boolean sliceable = sequence instanceof String
                || sequence instanceof List<?>
                || sequence instanceof Tuple
                || sequence instanceof PythonRange;
        if (!sliceable) {
            throw new PythonError("'" + PythonValues.typeName(sequence) + "' object cannot be sliced");
        }
        int by = step == None.NONE ? 1 : index(step);
        if (by == 0) {
            throw new PythonError("slice step cannot be zero");
        }
        int length = PythonValues.length(sequence);
        int from = start == None.NONE ? (by > 0 ? 0 : length - 1) : bounded(index(start), length, by);
        int to = stop == None.NONE ? (by > 0 ? length : -1) : bounded(index(stop), length, by);
        if (sequence instanceof PythonRange range) {
            return range.slice(from, to, by);
        }
        if (sequence instanceof String text) {
            if (by == 1) {
                return from < to ? CodePoints.substring(text, from, to) : "";
            }
            StringBuilder out = new StringBuilder();
            picked(CodePoints.list(text), from, to, by).forEach(out::append);
            return out.toString();
        }
        List<Object> picked = picked(PythonValues.list(sequence), from, to, by);
        return sequence instanceof Tuple ? new Tuple(picked) : picked;
    }

    private static int index(Object value) {
        PythonValues.requireDefined(value);
        if (!Numbers.isInteger(value)) {
            throw new PythonError("slice indices must be integers or None, not " + PythonValues.typeName(value));
        }
        return Numbers.toIndex(value);
    }

    private static int bounded(int index, int length, int step) {
        int lowest = step > 0 ? 0 : -1;
        int highest = step > 0 ? length : length - 1;
        long shifted = index < 0 ? (long) index + length : index;
        return (int) Math.max(lowest, Math.min(highest, shifted));
    }

    private static List<Object> picked(List<Object> items, int from, int to, int by) {
        List<Object> picked = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            picked.add(items.get((int) i));
        }
        return picked;
    }
}
