package dev.freshet.transform.project.parse;

import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.event.BatchSize;
import dev.freshet.transform.project.event.EventWindow;
import dev.freshet.transform.project.node.Model;
import dev.freshet.transform.project.node.ParsedNode;
import java.util.Set;

/** What dbt asks of a model whose incremental strategy is microbatch. */
final class MicrobatchRules {

    private MicrobatchRules() {}

    /** @throws FreshetException USER at the model's configuration */
    static void check(ParsedNode node) {
        boolean isMicrobatch = node.isModel()
                && node.materialization() == Model.Materialization.INCREMENTAL
                && node.config().text("incremental_strategy").orElse("").equals("microbatch");
        if (!isMicrobatch) {
            return;
        }
        String start = "Microbatch model '" + node.source().name() + "' must provide ";
        if (node.config().text("event_time").isEmpty()) {
            throw node.configured()
                    .mistake(start
                            + "an 'event_time' (string) config that indicates the name of the event time column.");
        }
        Object begin = node.config().values().get("begin");
        if (begin == null) {
            throw node.configured()
                    .mistake(start + "a 'begin' (datetime) config that indicates the earliest timestamp the microbatch"
                            + " model should be built from.");
        }
        if (!(begin instanceof java.util.Date)) {
            try {
                EventWindow.time(begin.toString());
            } catch (FreshetException e) {
                throw node.configured().mistake(start + "a 'begin' config of valid datetime: " + e.getMessage());
            }
        }
        String size = node.config().text("batch_size").orElse("");
        if (BatchSize.named(size).isEmpty()) {
            throw node.configured()
                    .mistake(start + "a 'batch_size' config that is one of ['hour', 'day', 'month', 'year'], but got '"
                            + size + "'.");
        }
        Object lookback = node.config().values().getOrDefault("lookback", 1);
        if (lookback != null && !(Set.of(Integer.class, Long.class).contains(lookback.getClass()))) {
            throw node.configured()
                    .mistake(start + "the optional 'lookback' config as type int, but got '" + lookback + "'.");
        }
        Object concurrent = node.config().values().get("concurrent_batches");
        if (concurrent != null && !(concurrent instanceof Boolean)) {
            throw node.configured()
                    .mistake(start + "the optional 'concurrent_batches' config as type bool, but got '" + concurrent
                            + "'.");
        }
    }
}
