package dev.freshet.transform.project.render;

import dev.freshet.transform.jinja.JinjaObject;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.jinja.Undefined;
import dev.freshet.transform.project.database.Answer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * dbt's adapter response: what the database says about a statement. It prints as its message.
 *
 * @param members {@code _message}, and {@code code} and {@code rows_affected} where they are known
 */
record ResponseObject(Map<String, Object> members) implements JinjaObject {

    static final String MESSAGE = "_message";

    static ResponseObject of(Answer answer) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put(MESSAGE, answer.message());
        answer.code().ifPresent(code -> members.put("code", code));
        answer.rows().ifPresent(rows -> members.put("rows_affected", rows));
        return new ResponseObject(members);
    }

    @Override
    public @Nullable Object attribute(String name) {
        Object value = members.get(name);
        if (value != null) {
            return value;
        }
        return Set.of("code", "rows_affected", "query_id").contains(name) ? None.NONE : Undefined.UNDEFINED;
    }

    @Override
    public @Nullable Object item(Object key) {
        return attribute(String.valueOf(key));
    }

    @Override
    public String text() {
        return String.valueOf(members.getOrDefault(MESSAGE, ""));
    }

    @Override
    public String typeName() {
        return "AdapterResponse";
    }
}
