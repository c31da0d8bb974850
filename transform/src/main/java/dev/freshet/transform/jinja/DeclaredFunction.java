package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A host function that declared its parameters. */
record DeclaredFunction(String name, Signature signature, JinjaFunction.Body body) implements JinjaFunction {

    @Override
    public @Nullable Object call(CallContext context, List<Object> arguments, Map<String, Object> keywords) {
        return body.apply(context, signature.bind(arguments, keywords));
    }

    @Override
    public String toString() {
        return "<function " + name + ">";
    }
}
