package dev.freshet.deploy.observe;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.freshet.state.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@link StatusReport} as JSON, every key always present, null when empty. Its schema is in the API's OpenAPI document. */
public final class StatusJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private StatusJson() {}

    public static ObjectNode of(StatusReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.put("pipeline", report.pipeline());
        root.put("version", report.version());
        root.put("at", report.at().toString());
        root.put("started_at", report.startedAt().toString());
        root.put("state", lower(report.state()));
        text(root, "problem", report.problem());
        root.put("cut", report.cut());
        ObjectNode staging = root.putObject("staging")
                .put("files", report.staging().files())
                .put("bytes", report.staging().bytes())
                .put("rows", report.staging().rows())
                .put("state_bytes", report.staging().stateBytes());
        ids(staging.putArray("kept_for"), report.staging().keptFor());
        ArrayNode sources = root.putArray("sources");
        report.sources().forEach(source -> source(sources.addObject(), source));
        ArrayNode models = root.putArray("models");
        report.models().forEach(model -> model(models.addObject(), model));
        ArrayNode targets = root.putArray("targets");
        report.targets().forEach(target -> target(targets.addObject(), target));
        ArrayNode tests = root.putArray("tests");
        report.tests().forEach(test -> test(tests.addObject(), test));
        return root;
    }

    private static void source(ObjectNode node, StatusReport.Source source) {
        node.put("name", source.name());
        node.put("type", source.type());
        node.put("connected", source.connected());
        ArrayNode problems = node.putArray("problems");
        source.problems().forEach(problems::add);
        flow(node, source.flow());
        node.put("lag_seconds", seconds(source.lag()));
        node.put("maintained_lag_seconds", seconds(source.maintainedLag()));
        if (source.slotLagBytes() < 0) {
            node.putNull("slot_lag_bytes");
        } else {
            node.put("slot_lag_bytes", source.slotLagBytes());
        }
        node.put("wal_status", source.walStatus());
        if (source.safeWalBytes() < 0) {
            node.putNull("safe_wal_bytes");
        } else {
            node.put("safe_wal_bytes", source.safeWalBytes());
        }
        node.put("waiting_batches", source.waitingBatches());
        ArrayNode tables = node.putArray("tables");
        source.tables().forEach(table -> {
            ObjectNode one = tables.addObject();
            one.put("id", table.table().toString());
            one.put("schema", table.table().schema());
            one.put("name", table.table().name());
            one.put("loading", table.loading());
            one.put("poison_rows", table.poison());
            flow(one, table.flow());
        });
    }

    private static void model(ObjectNode node, StatusReport.Model model) {
        node.put("id", model.relation().toString());
        node.put("name", model.name());
        node.put("schema", model.relation().schema());
        node.put("target", model.relation().connection());
        node.put("materialization", model.materialization());
        node.put("plan", model.plan());
        node.put("plan_reason", model.planReason());
        ids(node.putArray("parents"), model.parents());
        node.put("state", lower(model.state()));
        text(node, "reason", model.reason());
        text(node, "since", model.since().map(Instant::toString));
        flow(node, model.flow());
        node.put("quarantined_rows", model.quarantined());
        text(node, "ran_at", model.ran().map(Instant::toString));
    }

    private static void target(ObjectNode node, StatusReport.Target target) {
        node.put("name", target.name());
        node.put("type", target.type());
        node.put("state", target.state());
        text(node, "problem", target.problem());
        node.put("delivered_cut", target.deliveredCut());
        flow(node, target.flow());
        node.put("lag_seconds", seconds(target.lag()));
    }

    private static void test(ObjectNode node, StatusReport.Test test) {
        node.put("name", test.name());
        node.put("mode", test.mode());
        node.put("state", test.state());
        node.put("failures", test.failures());
        text(node, "message", test.message());
        text(node, "since", test.since().map(Instant::toString));
        text(node, "judged_at", test.judgedAt().map(Instant::toString));
        ids(node.putArray("reads"), test.reads());
        ArrayNode holds = node.putArray("holds");
        test.holds().forEach(holds::add);
    }

    private static void flow(ObjectNode node, Activity.Flow flow) {
        node.put("rows", flow.rows());
        node.put("rows_per_second", Math.round(flow.rowsPerSecond() * 10) / 10.0);
        if (flow.last().isEmpty()) {
            node.putNull("last_delta");
        } else {
            Activity.Change last = flow.last().get();
            node.putObject("last_delta")
                    .put("deleted", last.deleted())
                    .put("inserted", last.inserted())
                    .put("at", last.at().toString());
        }
    }

    private static void ids(ArrayNode array, List<TableId> ids) {
        ids.forEach(id -> array.add(id.toString()));
    }

    private static void text(ObjectNode node, String name, Optional<String> value) {
        value.ifPresentOrElse(text -> node.put(name, text), () -> node.putNull(name));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
