package dev.freshet.transform.project.render;

import dev.freshet.transform.project.config.Variables;
import java.time.Instant;
import java.util.Map;

/**
 * What is the same for every rendering of one load.
 *
 * @param environment what {@code env_var} sees
 * @param id {@code invocation_id}
 */
public record Invocation(
        String project,
        String profile,
        Variables variables,
        Map<String, String> environment,
        Instant startedAt,
        String id,
        boolean fullRefresh) {

    public Invocation {
        environment = Map.copyOf(environment);
    }
}
