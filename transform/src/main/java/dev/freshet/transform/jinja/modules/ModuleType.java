package dev.freshet.transform.jinja.modules;

import dev.freshet.transform.jinja.CallContext;
import dev.freshet.transform.jinja.JinjaFunction;
import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.Undefined;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A class of a module: a constructor, and what hangs at the class itself. */
record ModuleType(String name, JinjaFunction constructor, Map<String, Object> members)
        implements JinjaObject, JinjaFunction {

    @Override
    public @Nullable Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        return constructor.call(context, arguments, keywords);
    }

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
        return "<class '" + name + "'>";
    }
}
