package dev.freshet.deploy.run;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A project's {@code on-run-start} and {@code on-run-end}, which a service runs once each: before it starts and after it has drained. */
public final class RunHooks {

    private static final Logger LOG = LoggerFactory.getLogger(RunHooks.class);

    private final NodeExecution execution;

    public RunHooks(ParsedProject project) {
        this.execution = project.execution();
    }

    /** @throws FreshetException when one fails; those before it have run */
    public void start() {
        run("on-run-start", Map.of());
    }

    /** As {@link #start}. A service runs no nodes one by one, so there are no results to be seen. */
    public void end() {
        run("on-run-end", Map.of("results", List.of(), "schemas", List.of(), "database_schemas", List.of()));
    }

    private void run(String key, Map<String, Object> seen) {
        List<NodeExecution.Hook> hooks = execution.hooks(key);
        if (hooks.isEmpty()) {
            return;
        }
        try (Databases live = Databases.live()) {
            for (NodeExecution.Hook hook : hooks) {
                LOG.info("running {}", hook.name());
                try {
                    var unused = execution.run(hook, seen, live);
                } catch (FreshetException e) {
                    throw new FreshetException(
                            e.kind() == ErrorKind.INTERNAL ? ErrorKind.USER : e.kind(),
                            "hook '" + hook.name() + "' failed: " + e.getMessage() + "; correct it in dbt_project.yml",
                            e);
                }
            }
        }
    }
}
