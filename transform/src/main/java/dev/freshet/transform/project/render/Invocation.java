package dev.freshet.transform.project.render;

import dev.freshet.transform.project.config.Variables;
import java.time.Instant;
import java.util.Map;

/**
 * What is the same for every rendering of one load.
 *
 * @param variables by package, the project's among them
 * @param environment what {@code env_var} sees
 * @param id {@code invocation_id}
 */
public record Invocation(
        String project,
        String profile,
        Map<String, Variables> variables,
        Map<String, String> environment,
        Instant startedAt,
        String id,
        boolean fullRefresh) {

    public Invocation {
        variables = Map.copyOf(variables);
        environment = Map.copyOf(environment);
    }

    /** What {@code var} sees in a package's templates. */
    Variables variables(String packageName) {
        Variables own = variables.get(packageName);
        return own != null ? own : variables.getOrDefault(project, new Variables(Map.of()));
    }
}
