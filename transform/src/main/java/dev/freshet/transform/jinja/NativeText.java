package dev.freshet.transform.jinja;

/** Text that {@code as_native}, {@code as_bool} or {@code as_number} marked to be read as a literal when a YAML value is rendered. Everywhere else it is its text. */
record NativeText(String text, Wanted wanted) implements JinjaObject {

    enum Wanted {
        ANY,
        BOOLEAN,
        NUMBER
    }

    static Object resolve(Object value) {
        if (!(value instanceof NativeText marked)) {
            return value;
        }
        Object result = Literals.parse(marked.text());
        if (marked.wanted == Wanted.BOOLEAN && !(result instanceof Boolean)) {
            throw new PythonError("could not convert value '" + marked.text() + "' into type 'bool'");
        }
        if (marked.wanted == Wanted.NUMBER && !(result instanceof Number)) {
            throw new PythonError("could not convert value '" + marked.text() + "' into type 'number'");
        }
        return result;
    }

    @Override
    public Object attribute(String name) {
        return Members.attribute(text, name, UndefinedPolicy.RENDER);
    }

    @Override
    public String representation() {
        return PythonValues.repr(text);
    }

    @Override
    public String typeName() {
        return "str";
    }
}
