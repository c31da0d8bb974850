package dev.freshet.deploy.observe;

import dev.freshet.deploy.pipeline.PipelineListener;
import dev.freshet.deploy.pipeline.Step;
import dev.freshet.publisher.Delivery;
import dev.freshet.publisher.Receipt;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import dev.freshet.state.TableId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a pipeline does as metrics in Prometheus' text form. Counters and timers count while it happens, on the pipeline's threads; gauges are taken
 * from a {@link StatusReport} when somebody scrapes. Labels are names of the project only, so their number is bounded by it.
 */
public final class PipelineMetrics implements PipelineListener, AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<String, MultiGauge> gauges = new TreeMap<>();

    public PipelineMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    @Override
    public void staged(StagedBatch batch) {
        counter("freshet.staged.rows", "Rows made durable in staging.", "source", batch.source())
                .increment(batch.rows());
    }

    @Override
    public void cycled(
            Cut cut, List<StagedBatch> staged, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {
        for (TableDelta delta : changed) {
            counter(
                            "freshet.reconciled.rows",
                            "Rows that really changed in the mirror of a source table.",
                            "source",
                            delta.table().connection(),
                            "table",
                            name(delta.table()))
                    .increment(delta.rows());
        }
        for (TableDelta delta : maintained) {
            counter(
                            "freshet.maintained.rows",
                            "Rows that left or entered a model.",
                            "target",
                            delta.table().connection(),
                            "model",
                            name(delta.table()))
                    .increment(delta.rows());
        }
        timer("freshet.cycle", "One cycle, from taking what is staged to the committed cut.")
                .record(took);
    }

    @Override
    public void reconciled(Reconciliation reconciliation) {
        String[] labels = {"source", reconciliation.table().connection(), "table", name(reconciliation.table())};
        counter("freshet.skipped.rows", "Changed rows that came out as they were.", labels)
                .increment(reconciliation.noOps());
        counter("freshet.filled.rows", "Changes whose unchanged large values were filled from earlier images.", labels)
                .increment(reconciliation.filled());
    }

    @Override
    public void checkpointed(Duration took) {
        timer("freshet.checkpoint", "Moving the state store's log into its file; cycles wait meanwhile.")
                .record(took);
    }

    @Override
    public void delivered(Delivery delivery) {
        for (Receipt.TableReceipt table : delivery.receipt().tables()) {
            String[] labels = {"target", delivery.output(), "model", name(table.table())};
            counter("freshet.delivered.rows", "Rows deleted from and inserted into a target's table.", labels)
                    .increment(table.deleted() + table.inserted());
            counter(
                            "freshet.quarantined.rows",
                            "Rows left out because the target can't hold one of their values.",
                            labels)
                    .increment(table.quarantined());
        }
    }

    @Override
    public void timed(Step step, String subject, Duration took) {
        String name = step.name().toLowerCase(Locale.ROOT);
        switch (step) {
            case WRITTEN ->
                timer("freshet.writing", "Writing one batch's files, after which a cycle may begin.", "source", subject)
                        .record(took);
            case STAGED ->
                timer("freshet.staging", "Writing one batch and committing it to staging.", "source", subject)
                        .record(took);
            case PUBLISHED ->
                timer("freshet.delivery", "One delivery, from reading the ledger to the commit.", "target", subject)
                        .record(took);
            default ->
                timer("freshet.cycle.step", "A step of the cycle.", "step", name)
                        .record(took);
        }
    }

    @Override
    public void failed(Leg leg, String subject, ErrorKind kind) {
        // Every time series of a name needs the same labels.
        counter(
                        "freshet.errors",
                        "What went wrong and was tried again.",
                        "leg",
                        leg.name().toLowerCase(Locale.ROOT),
                        "kind",
                        kind.name().toLowerCase(Locale.ROOT),
                        "source",
                        leg == Leg.CAPTURE ? subject : "",
                        "model",
                        leg == Leg.MODEL ? subject : "",
                        "target",
                        leg == Leg.DELIVERY ? subject : "")
                .increment();
    }

    /** Everything in Prometheus' text form, with the gauges as the report has them. */
    public synchronized String scrape(StatusReport report) {
        gauge(
                "freshet.slot.lag.bytes",
                "How far a source's log is ahead of what it may forget.",
                rows(
                        report.sources().stream()
                                .filter(source -> source.slotLagBytes() >= 0)
                                .toList(),
                        source -> row(source.slotLagBytes(), "source", source.name())));
        gauge(
                "freshet.slot.safe.bytes",
                "How much more log may be written before the source gives up what it keeps; absent where it has no limit.",
                rows(
                        report.sources().stream()
                                .filter(source -> source.safeWalBytes() >= 0)
                                .toList(),
                        source -> row(source.safeWalBytes(), "source", source.name())));
        gauge(
                "freshet.slot.wal.status",
                "1, with what the source says of the log that it keeps: reserved, extended, unreserved, lost.",
                rows(
                        report.sources().stream()
                                .filter(source -> !source.walStatus().isEmpty())
                                .toList(),
                        source -> row(1, "source", source.name(), "status", source.walStatus())));
        gauge(
                "freshet.source.connected",
                "1 while the source's changes are streaming.",
                rows(report.sources(), source -> row(source.connected() ? 1 : 0, "source", source.name())));
        gauge(
                "freshet.queue.batches",
                "Staged batches that the cycle has not taken.",
                rows(report.sources(), source -> row(source.waitingBatches(), "source", source.name())));
        gauge(
                "freshet.loading.tables",
                "Source tables whose load is not complete.",
                rows(
                        report.sources(),
                        source -> row(
                                source.tables().stream()
                                        .filter(StatusReport.Table::loading)
                                        .count(),
                                "source",
                                source.name())));
        gauge(
                "freshet.poison.rows",
                "Source rows that models are computed without, since one of their values can't be held.",
                report.sources().stream()
                        .flatMap(source -> source.tables().stream())
                        .<MultiGauge.Row<?>>map(table ->
                                row(table.poison(), "source", table.table().connection(), "table", name(table.table())))
                        .toList());
        gauge(
                "freshet.staged.lag.seconds",
                "From a source's commit to staging.",
                rows(report.sources(), source -> row(seconds(source.lag()), "source", source.name())));
        gauge(
                "freshet.maintained.lag.seconds",
                "From a source's commit to the cut.",
                rows(report.sources(), source -> row(seconds(source.maintainedLag()), "source", source.name())));
        gauge(
                "freshet.delivered.lag.seconds",
                "From a source's commit to the target's.",
                rows(report.targets(), target -> row(seconds(target.lag()), "target", target.name())));
        gauge(
                "freshet.delivered.cut",
                "The number of the cut that a target shows.",
                rows(report.targets(), target -> row(target.deliveredCut(), "target", target.name())));
        gauge("freshet.cut", "The number of the newest cut.", List.of(row(report.cut())));
        gauge(
                "freshet.model.plan",
                "1, with the way in which each model is kept.",
                rows(
                        report.models(),
                        model -> row(
                                1,
                                "target",
                                model.relation().connection(),
                                "model",
                                name(model.relation()),
                                "plan",
                                model.plan())));
        gauge(
                "freshet.model.state",
                "1, with what each model does: fresh, loading, restating, failed, paused, held, undelivered.",
                rows(
                        report.models(),
                        model -> row(
                                1,
                                "target",
                                model.relation().connection(),
                                "model",
                                name(model.relation()),
                                "state",
                                model.state().name().toLowerCase(Locale.ROOT))));
        gauge(
                "freshet.target.held",
                "1 while a gate test lets nothing through to a target.",
                rows(report.targets(), target -> row(target.state().equals("held") ? 1 : 0, "target", target.name())));
        gauge(
                "freshet.test.state",
                "1, with what each data test found last: pass, warn, fail, error, waiting.",
                rows(report.tests(), test -> row(1, "test", test.name(), "mode", test.mode(), "state", test.state())));
        gauge(
                "freshet.test.failures",
                "The rows that fail each data test.",
                rows(report.tests(), test -> row(test.failures(), "test", test.name())));
        gauge(
                "freshet.staging.files",
                "Live data files in staging.",
                List.of(row(report.staging().files())));
        gauge(
                "freshet.staging.bytes",
                "Their size.",
                List.of(row(report.staging().bytes())));
        gauge(
                "freshet.state.bytes",
                "The state store's file and its log.",
                List.of(row(report.staging().stateBytes())));
        return registry.scrape();
    }

    private void gauge(String name, String description, List<MultiGauge.Row<?>> rows) {
        gauges.computeIfAbsent(
                        name,
                        key -> MultiGauge.builder(key).description(description).register(registry))
                .register(rows, true);
    }

    private static <T> List<MultiGauge.Row<?>> rows(List<T> parts, Function<T, MultiGauge.Row<?>> row) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        parts.forEach(part -> rows.add(row.apply(part)));
        return rows;
    }

    private static MultiGauge.Row<?> row(double value, String... labels) {
        return MultiGauge.Row.of(Tags.of(labels), value);
    }

    private Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tags(labels).register(registry);
    }

    private Timer timer(String name, String description, String... labels) {
        return Timer.builder(name).description(description).tags(labels).register(registry);
    }

    private static String name(TableId table) {
        return table.schema() + "." + table.name();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    @Override
    public void close() {
        registry.close();
    }
}
