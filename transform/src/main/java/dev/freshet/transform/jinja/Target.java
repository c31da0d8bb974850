package dev.freshet.transform.jinja;

import java.util.Iterator;
import java.util.List;

/** What can stand left of an assignment. */
sealed interface Target {

    void assign(Frame frame, Object value);

    record NameTarget(String name) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            frame.scope().set(name, value);
        }
    }

    /** {@code namespace.attribute}. */
    record AttributeTarget(String namespace, String attribute, int line) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            frame.at(line);
            Object object = frame.lookup(namespace);
            if (!(object instanceof Namespace holder)) {
                PythonValues.requireDefined(object);
                throw new PythonError(
                        "cannot assign attribute '" + attribute + "': '" + namespace + "' is no namespace()");
            }
            holder.set(attribute, value);
        }
    }

    record TupleTarget(List<Target> targets, int line) implements Target {
        @Override
        public void assign(Frame frame, Object value) {
            if (!PythonValues.isIterable(value)) {
                frame.at(line);
                throw new PythonError("cannot unpack non-iterable " + PythonValues.typeName(value) + " object");
            }
            Iterator<Object> values = PythonValues.iterator(value);
            Object[] unpacked = new Object[targets.size()];
            for (int i = 0; i < unpacked.length; i++) {
                if (!values.hasNext()) {
                    frame.at(line);
                    throw new PythonError(
                            "not enough values to unpack (expected " + targets.size() + ", got " + i + ")");
                }
                unpacked[i] = values.next();
            }
            if (values.hasNext()) {
                frame.at(line);
                throw new PythonError("too many values to unpack (expected " + targets.size() + ")");
            }
            for (int i = 0; i < unpacked.length; i++) {
                targets.get(i).assign(frame, unpacked[i]);
            }
        }
    }
}
