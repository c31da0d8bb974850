package dev.freshet.transform.plan;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import dev.freshet.transform.plan.query.ColumnLineage;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Which columns changed in this cycle. The store is asked once for each set of columns, and not where the counts of rows tell already. */
final class ChangedColumns {

    private record Question(TableId table, Set<String> columns) {}

    private final Map<Question, Boolean> answers = new HashMap<>();

    void begin() {
        answers.clear();
    }

    /** Whether only columns changed that the model does not need. */
    boolean areUntouched(RowMaintenance state, TableDelta delta, ColumnLineage lineage) {
        if (delta.inserted() != delta.deleted() || !state.changed(delta.table())) {
            return false;
        }
        Set<String> needed = lineage.needed(delta.table());
        return needed.size() < delta.schema().columns().size()
                && !answers.computeIfAbsent(
                        new Question(delta.table(), needed), asked -> state.changed(asked.table(), asked.columns()));
    }
}
