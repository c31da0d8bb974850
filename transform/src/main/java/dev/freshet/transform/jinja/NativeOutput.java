package dev.freshet.transform.jinja;

import java.util.ArrayList;
import java.util.List;

/** Rendering as a value, as dbt renders its YAML files: a single expression keeps its type, anything else becomes text. */
final class NativeOutput implements Output {

    private final List<Object> parts = new ArrayList<>();

    @Override
    public void text(String text) {
        parts.add(text);
    }

    @Override
    public void value(Object value) {
        parts.add(value);
    }

    Object result() {
        if (parts.size() == 1) {
            return NativeText.resolve(parts.get(0));
        }
        StringBuilder text = new StringBuilder();
        parts.forEach(part -> text.append(PythonValues.text(part instanceof NativeText marked ? marked.text() : part)));
        return text.toString();
    }
}
