package dev.freshet.transform.jinja;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Jinja2's {@code namespace()}: the one object whose attributes a template can set, across scopes. */
final class Namespace implements JinjaObject {

    private final Map<Object, Object> attributes = new LinkedHashMap<>();

    Namespace(Map<Object, Object> attributes) {
        this.attributes.putAll(attributes);
    }

    void set(String name, Object value) {
        attributes.put(name, value);
    }

    @Override
    public Object attribute(String name) {
        return attributes.getOrDefault(name, Undefined.UNDEFINED);
    }

    @Override
    public String text() {
        return "<Namespace " + PythonValues.repr(attributes) + ">";
    }

    @Override
    public Set<String> attributeNames() {
        Set<String> names = new java.util.TreeSet<>();
        attributes.keySet().forEach(key -> names.add(key.toString()));
        return names;
    }
}
