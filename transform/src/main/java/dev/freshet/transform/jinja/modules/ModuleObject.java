package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Undefined;
import java.util.Map;
import java.util.Set;

/** A module: a name and its members. */
record ModuleObject(String name, Map<String, Object> members) implements JinjaObject {

    @Override
    public Object attribute(String attribute) {
        return members.getOrDefault(attribute, Undefined.UNDEFINED);
    }

    @Override
    public Set<String> attributeNames() {
        return members.keySet();
    }

    @Override
    public String text() {
        return "<module '" + name + "'>";
    }

    @Override
    public String typeName() {
        return "module " + name;
    }
}
