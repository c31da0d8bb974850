package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;

/** A macro defined while rendering, which sees the scope it was defined in. */
record Macro(MacroDefinition definition, Scope closure) implements JinjaFunction, JinjaObject {

    @Override
    public Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        return ((Rendering) context.access()).invoke(definition, closure, arguments, keywords);
    }

    @Override
    public Object attribute(String name) {
        return definition.attribute(name);
    }

    @Override
    public String text() {
        return definition.text();
    }

    @Override
    public String typeName() {
        return "Macro";
    }
}
