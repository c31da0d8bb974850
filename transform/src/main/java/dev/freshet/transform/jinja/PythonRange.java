package dev.freshet.transform.jinja;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** Python's {@code range}, limited as in dbt's sandbox. */
record PythonRange(long start, long stop, long step) implements Iterable<Object> {

    private static final long MAX_SIZE = 100_000;

    PythonRange {
        if (step == 0) {
            throw new PythonError("range() arg 3 must not be zero");
        }
        BigInteger distance = BigInteger.valueOf(stop)
                .subtract(BigInteger.valueOf(start))
                .multiply(BigInteger.valueOf(Long.signum(step)));
        BigInteger width = BigInteger.valueOf(step).abs();
        if (distance.signum() > 0
                && distance.add(width).subtract(BigInteger.ONE).divide(width).compareTo(BigInteger.valueOf(MAX_SIZE))
                        > 0) {
            throw new PythonError("range() is limited to " + MAX_SIZE + " items");
        }
    }

    int size() {
        long distance = step > 0 ? stop - start : start - stop;
        long width = Math.abs(step);
        return distance <= 0 ? 0 : (int) ((distance + width - 1) / width);
    }

    long get(int index) {
        return start + index * step;
    }

    boolean contains(Object wanted) {
        for (int i = 0; i < size(); i++) {
            if (Operators.equal(get(i), wanted)) {
                return true;
            }
        }
        return false;
    }

    /** The part that a slice of the range selects. */
    PythonRange slice(int from, int to, int by) {
        return new PythonRange(start + from * step, start + to * step, step * by);
    }

    @Override
    public Iterator<Object> iterator() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < size();
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return get(next++);
            }
        };
    }

    @Override
    public String toString() {
        return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
    }
}
