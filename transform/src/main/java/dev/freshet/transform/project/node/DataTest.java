package dev.freshet.transform.project.node;

import dev.freshet.state.TableId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A data test that can be judged on the state store's own tables, since all that it reads is kept or captured there.
 *
 * @param name as dbt prints it
 * @param mode what the test says of itself; empty for the project's default
 * @param inputs the tables that its SQL reads, ephemeral models looked through
 * @param guarded the maintained models whose rows it vouches for: those it reads and, where it reads a source, those made from that source
 * @param sql compiled for the state store; each row is a failure
 */
public record DataTest(
        String uniqueId,
        String name,
        String file,
        Optional<Mode> mode,
        Set<TableId> inputs,
        List<TableId> guarded,
        String sql,
        Terms terms) {

    public DataTest {
        inputs = Set.copyOf(inputs);
        guarded = List.copyOf(guarded);
    }

    /** What the service makes of a test. */
    public enum Mode {
        /** Nothing. */
        OFF,
        /** It is judged now and then and told about. */
        MONITOR,
        /** It is judged at each cut that it concerns; one at which it fails is not delivered. */
        GATE
    }

    /**
     * dbt's settings of a test.
     *
     * @param isError whether its severity is {@code error}
     * @param failures the expression over its rows that counts failures
     * @param warnIf the condition, without the left side, under which the count is worth a warning
     * @param errorIf the same for a failure
     * @param limit how many rows are looked at
     */
    public record Terms(boolean isError, String failures, String warnIf, String errorIf, OptionalLong limit) {}

    /** The outputs that it holds while it fails, if it is a gate: those with a model that it vouches for. */
    public List<String> heldOutputs() {
        return guarded.stream().map(TableId::connection).distinct().sorted().toList();
    }

    /** One row: the number of failures, whether they are worth a warning and whether they are too many. As dbt's own wrapper asks. */
    public String verdictQuery() {
        return "select coalesce((" + terms.failures() + ")::BIGINT, 0) as failures, coalesce((" + terms.failures() + " "
                + terms.warnIf() + ")::BOOLEAN, false) as should_warn, coalesce((" + terms.failures() + " "
                + terms.errorIf() + ")::BOOLEAN, false) as should_error from (\n" + sql + "\n"
                + (terms.limit().isPresent() ? "limit " + terms.limit().getAsLong() + "\n" : "")
                + ") dbt_internal_test";
    }

    /** The rows that fail, at most this many, their values as the state store spells them. */
    public String failuresQuery(long atMost) {
        return "select columns(*)::VARCHAR from (\n" + sql + "\n) dbt_internal_test limit " + atMost;
    }
}
