package dev.freshet.transform.project.render;

import dev.freshet.state.Connection;
import dev.freshet.transform.project.config.Variables;
import java.time.Instant;
import java.util.Map;

/**
 * What is the same for every rendering of one load.
 *
 * @param variables by package, the project's among them
 * @param environment what {@code env_var} sees
 * @param outputs of the profile, empty before it is read
 * @param command {@code flags.WHICH}: {@code run}, {@code compile}
 * @param id {@code invocation_id}
 * @param flags what the command was told beside its project
 */
public record Invocation(
        String project,
        String profile,
        Map<String, Variables> variables,
        Map<String, Connection> outputs,
        Map<String, String> environment,
        Instant startedAt,
        String id,
        String command,
        boolean fullRefresh,
        CommandFlags flags) {

    public Invocation {
        outputs = Map.copyOf(outputs);
        variables = Map.copyOf(variables);
        environment = Map.copyOf(environment);
    }

    /** What {@code var} sees in a package's templates. */
    Variables variables(String packageName) {
        Variables own = variables.get(packageName);
        return own != null ? own : variables.getOrDefault(project, new Variables(Map.of()));
    }
}
