package dev.freshet.transform.plan;

import dev.freshet.state.TableId;
import dev.freshet.transform.project.Project;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.SourceTable;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The tables that a model's compiled SQL really reads: ephemeral parents are looked through. */
final class ModelInputs {

    private final Map<String, Model> models = new HashMap<>();
    private final Map<String, TableId> sources = new HashMap<>();

    ModelInputs(Project project) {
        for (Model model : project.models()) {
            models.put(model.uniqueId(), model);
        }
        for (SourceTable source : project.sources()) {
            sources.put(source.uniqueId(), source.table());
        }
    }

    Set<TableId> of(Model model) {
        Set<TableId> inputs = new LinkedHashSet<>();
        collect(model, inputs);
        return inputs;
    }

    private void collect(Model model, Set<TableId> inputs) {
        for (String id : model.dependsOn()) {
            Model parent = models.get(id);
            if (parent == null) {
                TableId source = sources.get(id);
                if (source != null) {
                    inputs.add(source);
                }
            } else if (parent.materialization() == Model.Materialization.EPHEMERAL) {
                collect(parent, inputs);
            } else {
                inputs.add(parent.relation());
            }
        }
    }
}
