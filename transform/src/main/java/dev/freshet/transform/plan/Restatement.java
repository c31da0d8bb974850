package dev.freshet.transform.plan;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.Model;
import java.util.List;
import java.util.Set;

/**
 * Models whose stored rows are not those of their texts, with whatever reads them: all of them are to be computed from one cut and to replace what is stored together.
 *
 * @param models parents before children
 * @param reads the tables beside them that they read
 */
public record Restatement(List<Model> models, Set<TableId> reads) {
    public Restatement {
        models = List.copyOf(models);
        reads = Set.copyOf(reads);
    }
}
