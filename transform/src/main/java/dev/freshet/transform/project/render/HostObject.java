package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Undefined;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A named bundle of functions and values, such as {@code exceptions}. */
record HostObject(String typeName, Map<String, Object> members) implements JinjaObject {

    HostObject {
        members = Map.copyOf(members);
    }

    @Override
    public @Nullable Object attribute(String name) {
        return members.getOrDefault(name, Undefined.UNDEFINED);
    }

    @Override
    public String text() {
        return "<" + typeName + ">";
    }

    @Override
    public Set<String> attributeNames() {
        return members.keySet();
    }
}
