package dev.freshet.transform.engine;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.render.LiveRendering;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs data tests: counts the rows that fail and judges them by severity and thresholds. */
final class TestRunner implements NodeRunner {

    private final NodeExecution execution;

    TestRunner(NodeExecution execution) {
        this.execution = execution;
    }

    @Override
    public Outcome run(Node node, Databases live, Consumer<String> compiled) {
        String sql = execution.compile(node.uniqueId(), live);
        compiled.accept(sql);
        LiveRendering.Result result = execution.materialize(node.uniqueId(), sql, live);
        if (result.rows().size() != 1 || result.rows().get(0).size() != 3) {
            throw new FreshetException(
                    ErrorKind.USER,
                    "dbt internal_test result must be one row of failures, should_warn and should_error, not "
                            + result.rows().size() + " rows of " + result.columns());
        }
        List<@Nullable Object> row = result.rows().get(0);
        return judged(node, result, count(row.get(0)), isTrue(row.get(1)), isTrue(row.get(2)));
    }

    private static Outcome judged(
            Node node, LiveRendering.Result result, long failures, boolean shouldWarn, boolean shouldError) {
        String severity = text(node, "severity", "ERROR").toUpperCase(Locale.ROOT);
        String got = "Got " + failures + " " + (failures == 1 ? "result" : "results") + ", configured to ";
        if (severity.equals("ERROR") && shouldError) {
            return new Outcome(
                    NodeResult.Status.FAIL,
                    result.response(),
                    Optional.of(got + "fail if " + text(node, "error_if", "!= 0")),
                    OptionalLong.of(failures));
        }
        if (shouldWarn) {
            return new Outcome(
                    NodeResult.Status.WARN,
                    result.response(),
                    Optional.of(got + "warn if " + text(node, "warn_if", "!= 0")),
                    OptionalLong.of(failures));
        }
        return new Outcome(NodeResult.Status.PASS, result.response(), Optional.empty(), OptionalLong.of(0));
    }

    private static String text(Node node, String key, String fallback) {
        Object value = node.config().get(key);
        return value == null ? fallback : value.toString();
    }

    private static long count(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    private static boolean isTrue(@Nullable Object value) {
        return value instanceof Boolean flag
                ? flag
                : value instanceof Number number
                        ? number.doubleValue() != 0
                        : "true".equalsIgnoreCase(String.valueOf(value));
    }
}
