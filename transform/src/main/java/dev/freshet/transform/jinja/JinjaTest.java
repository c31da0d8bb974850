package dev.freshet.transform.jinja;

import java.util.List;
import java.util.Map;

/** {@code value is name(arguments)}. */
@FunctionalInterface
public interface JinjaTest {

    boolean holds(CallContext context, Object value, List<Object> arguments, Map<String, Object> keywords);
}
