package dev.freshet.transform.engine;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.engine.unit.RowDifference;
import dev.freshet.transform.project.database.Databases;
import dev.freshet.transform.project.execute.UnitTestExecution;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.render.LiveRendering;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs unit tests: what a model makes of given rows is what is expected, or it fails with the difference. */
final class UnitTestRunner implements NodeRunner {

    private static final String KIND = "actual_or_expected";

    private final UnitTestExecution execution;

    UnitTestRunner(UnitTestExecution execution) {
        this.execution = execution;
    }

    @Override
    public Outcome run(Node node, Databases live, Consumer<String> compiled) {
        String sql = execution.compile(node.uniqueId(), live);
        compiled.accept(sql);
        LiveRendering.Result result = execution.run(node.uniqueId(), sql, live);
        int kind = kind(result.columns());
        List<String> columns = new ArrayList<>(result.columns());
        columns.remove(kind);
        RowDifference difference =
                new RowDifference(columns, rows(result, kind, "expected"), rows(result, kind, "actual"));
        if (difference.isEmpty()) {
            return new Outcome(NodeResult.Status.PASS, result.response(), Optional.empty(), OptionalLong.of(0));
        }
        return new Outcome(
                NodeResult.Status.FAIL,
                result.response(),
                Optional.of("\n\nactual differs from expected:\n\n" + difference.text() + "\n"),
                OptionalLong.of(1));
    }

    private static int kind(List<String> columns) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).toLowerCase(Locale.ROOT).equals(KIND)) {
                return i;
            }
        }
        throw new FreshetException(
                ErrorKind.USER,
                "the result of a unit test must have a column " + KIND + ", not only " + columns
                        + ": look at the project's own macro get_unit_test_sql");
    }

    private static List<List<@Nullable Object>> rows(LiveRendering.Result result, int kind, String wanted) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (List<@Nullable Object> row : result.rows()) {
            if (wanted.equals(row.get(kind))) {
                List<@Nullable Object> values = new ArrayList<>(row);
                values.remove(kind);
                rows.add(values);
            }
        }
        return rows;
    }
}
