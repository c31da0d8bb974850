package dev.freshet.deploy.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.transform.plan.PlannedModel;
import dev.freshet.transform.plan.query.ColumnLineage;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Plans as {@code GET /api/v1/plan} and {@code freshet plan --json} give them. Every key is always there. */
public final class PlanJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private PlanJson() {}

    public static ObjectNode of(List<PlannedModel> models) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode list = answer.putArray("models");
        for (PlannedModel model : models) {
            ObjectNode entry = list.addObject()
                    .put("name", model.plan().model().name())
                    .put("relation", model.plan().model().relation().toString())
                    .put("plan", model.plan().title())
                    .put("reason", model.plan().reason());
            put(entry, "all_rows_ms", model.full());
            put(entry, "affected_rows_ms", model.affected());
            ObjectNode last = entry.putObject("last");
            last.put("plan", model.last().map(PlannedModel.Done::how).orElse(null));
            last.put("keys", model.last().map(PlannedModel.Done::keys).orElse(null));
            put(last, "estimated_ms", model.last().flatMap(PlannedModel.Done::estimated));
            put(last, "took_ms", model.last().map(PlannedModel.Done::took));
            model.lineage().ifPresentOrElse(lineage -> put(entry, lineage), () -> entry.putNull("lineage"));
        }
        return answer;
    }

    private static void put(ObjectNode model, ColumnLineage lineage) {
        ObjectNode node = model.putObject("lineage");
        ArrayNode columns = node.putArray("columns");
        lineage.columns().forEach((name, origins) -> {
            ObjectNode column = columns.addObject().put("name", name);
            put(column.putArray("from"), origins);
        });
        put(node.putArray("rows_from"), lineage.rows());
    }

    private static void put(ArrayNode list, Collection<ColumnLineage.Origin> origins) {
        origins.forEach(origin ->
                list.addObject().put("relation", origin.table().toString()).put("column", origin.column()));
    }

    private static void put(ObjectNode node, String name, Optional<Duration> time) {
        node.put(name, time.map(value -> value.toNanos() / 1_000 / 1e3).orElse(null));
    }
}
