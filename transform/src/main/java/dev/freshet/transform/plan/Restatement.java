package dev.freshet.transform.plan;

import dev.freshet.state.RowMaintenance;
import dev.freshet.state.Shadow;
import dev.freshet.state.TableId;
import dev.freshet.transform.project.node.Model;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Models whose stored rows are not those of their texts, with whatever reads them: all of them are to be computed from one cut and to replace what is stored together.
 *
 * @param models parents before children
 * @param reads the tables beside them that they read
 * @param totals the counts and sums that are kept beside some of them, as far as that is known before
 */
public record Restatement(List<Model> models, Set<TableId> reads, Map<TableId, RowMaintenance.Totals> totals) {
    public Restatement {
        models = List.copyOf(models);
        reads = Set.copyOf(reads);
        totals = Map.copyOf(totals);
    }

    /** What a shadow is to compute. */
    public List<Shadow.Query> queries() {
        return models.stream()
                .map(model -> new Shadow.Query(
                        model.relation(), model.sql(), Optional.ofNullable(totals.get(model.relation()))))
                .toList();
    }
}
