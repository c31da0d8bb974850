package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code value | name(arguments)}. */
@FunctionalInterface
public interface JinjaFilter {

    @Nullable
    Object apply(CallContext context, Object value, List<Object> arguments, Map<String, Object> keywords);
}
