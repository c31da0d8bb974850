package dev.freshet.transform.project.render;

import dev.freshet.state.Connection;
import dev.freshet.transform.jinja.None;
import dev.freshet.transform.project.config.OutputDefaults;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code target}: an output without its secrets. */
final class TargetValues {

    private static final Set<String> NUMBERS =
            Set.of("port", "threads", "connect_timeout", "retries", "keepalives_idle", "priority");
    private static final Set<String> SECRETS =
            Set.of("pass", "token", "secret", "private_key", "credential", "keyfile", "api_key", "access_key");
    private static final Pattern DIGITS = Pattern.compile("\\d{1,9}");

    private TargetValues() {}

    static Map<String, Object> of(String profile, Connection output) {
        Map<String, Object> values = new LinkedHashMap<>();
        output.settings().forEach((key, value) -> {
            if (SECRETS.stream().noneMatch(key.toLowerCase(Locale.ROOT)::contains)) {
                values.put(key, NUMBERS.contains(key) && DIGITS.matcher(value).matches() ? Long.valueOf(value) : value);
            }
        });
        Optional<String> schema = OutputDefaults.schema(output);
        values.put("profile_name", profile);
        values.put("name", output.name());
        values.put("target_name", output.name());
        values.put("type", output.type());
        values.put("schema", schema.isPresent() ? schema.get() : None.NONE);
        values.put("database", OutputDefaults.database(output));
        values.put("dbname", OutputDefaults.database(output));
        values.putIfAbsent("threads", 1L);
        return values;
    }
}
