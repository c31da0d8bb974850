package dev.freshet.deploy.verdict;

import dev.freshet.state.RowCursor;
import dev.freshet.transform.project.node.DataTest;
import java.util.function.Function;

/**
 * What a test found.
 *
 * @param failures rows, or whatever its {@code fail_calc} counts
 * @param message why, for people; empty for a test that passes
 */
public record Verdict(State state, long failures, String message) {

    /** As dbt names them. */
    public enum State {
        PASS,
        WARN,
        FAIL,
        /** It could not be run. */
        ERROR;

        /** Whether a gate lets nothing through. */
        public boolean holds() {
            return this == FAIL || this == ERROR;
        }
    }

    static Verdict error(String message) {
        return new Verdict(State.ERROR, 0, message);
    }

    /** @throws dev.freshet.state.FreshetException as the query does */
    static Verdict of(DataTest test, Function<String, RowCursor> query) {
        try (RowCursor row = query.apply(test.verdictQuery())) {
            boolean unused = row.next();
            long failures = row.value(0) instanceof Number number ? number.longValue() : 0;
            boolean shouldWarn = Boolean.TRUE.equals(row.value(1));
            boolean shouldError = Boolean.TRUE.equals(row.value(2));
            String got = "got " + failures + (failures == 1 ? " result" : " results") + ", configured to ";
            if (test.terms().isError() && shouldError) {
                return new Verdict(
                        State.FAIL, failures, got + "fail if " + test.terms().errorIf());
            }
            if (shouldWarn) {
                return new Verdict(
                        State.WARN, failures, got + "warn if " + test.terms().warnIf());
            }
            return new Verdict(State.PASS, failures, "");
        }
    }
}
