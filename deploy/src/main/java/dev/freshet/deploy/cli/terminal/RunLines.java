package dev.freshet.deploy.cli.terminal;

import dev.freshet.transform.engine.NodeResult;
import dev.freshet.transform.engine.ProjectRun;
import dev.freshet.transform.engine.RunListener;
import dev.freshet.transform.project.ParsedProject;
import dev.freshet.transform.project.execute.NodeExecution;
import dev.freshet.transform.project.node.Node;
import dev.freshet.transform.project.node.ResourceType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Prints a run as dbt prints it. */
public final class RunLines implements RunListener, ProjectRun.HookListener {

    private final Terminal terminal;
    private final ParsedProject project;

    public RunLines(Terminal terminal, ParsedProject project) {
        this.terminal = terminal;
        this.project = project;
    }

    @Override
    public void started(int number, int total, Node node) {
        if (node.type() == ResourceType.EXPOSURE) {
            return;
        }
        terminal.outcome(number + " of " + total + " START " + title(node), Terminal.Outcome.NEUTRAL, "RUN");
    }

    @Override
    public void ended(int number, int total, NodeResult result) {
        Node node = result.node();
        String place = number + " of " + total + " ";
        String took = String.format(Locale.ROOT, " in %.2fs", result.seconds());
        boolean isTest = isTest(node);
        switch (result.status()) {
            case NO_OP -> terminal.outcome(place + "NO-OP " + title(node), Terminal.Outcome.WARNING, "NO-OP" + took);
            case SUCCESS ->
                terminal.outcome(
                        place + "OK " + done(node) + " " + title(node),
                        Terminal.Outcome.GOOD,
                        result.message().filter(said -> !said.isBlank()).orElse("OK") + took);
            case PARTIAL_SUCCESS ->
                terminal.outcome(
                        place + "PARTIALLY created " + title(node),
                        Terminal.Outcome.WARNING,
                        result.message().orElse("PARTIAL SUCCESS") + took);
            case PASS -> terminal.outcome(place + "PASS " + name(node), Terminal.Outcome.GOOD, "PASS" + took);
            case WARN -> counted(place, "WARN", Terminal.Outcome.WARNING, result, took);
            case FAIL -> counted(place, "FAIL", Terminal.Outcome.BAD, result, took);
            case ERROR ->
                terminal.outcome(
                        place + "ERROR " + (isTest ? name(node) : doing(node) + " " + title(node)),
                        Terminal.Outcome.BAD,
                        "ERROR" + took);
            case SKIPPED ->
                terminal.outcome(
                        place + "SKIP "
                                + (isTest || node.type() == ResourceType.EXPOSURE
                                        ? title(node)
                                        : "relation " + relation(node)),
                        Terminal.Outcome.WARNING,
                        "SKIP");
        }
    }

    @Override
    public void batchStarted(BatchPlace batch) {
        terminal.outcome(place(batch) + "START " + title(batch), Terminal.Outcome.NEUTRAL, "RUN");
    }

    @Override
    public void batchEnded(BatchPlace batch, NodeResult.Status status, String said, Duration took) {
        String spent = String.format(Locale.ROOT, " in %.2fs", took.toNanos() / 1e9);
        switch (status) {
            case ERROR -> {
                terminal.outcome(
                        place(batch) + "ERROR creating " + title(batch), Terminal.Outcome.BAD, "ERROR" + spent);
                terminal.line(terminal.colour(Terminal.Outcome.BAD, said));
            }
            case SKIPPED ->
                terminal.outcome(place(batch) + "SKIP " + title(batch), Terminal.Outcome.WARNING, "SKIPPED" + spent);
            default ->
                terminal.outcome(place(batch) + "OK created " + title(batch), Terminal.Outcome.GOOD, said + spent);
        }
    }

    private static String place(BatchPlace batch) {
        return "Batch " + batch.number() + " of " + batch.total() + " ";
    }

    private static String title(BatchPlace batch) {
        return "batch " + batch.id() + " of " + relation(batch.model());
    }

    private void counted(String place, String word, Terminal.Outcome colour, NodeResult result, String took) {
        String count = word + " " + result.failures().orElse(0);
        terminal.outcome(place + count + " " + name(result.node()), colour, count + took);
    }

    @Override
    public void started(int number, int total, NodeExecution.Hook hook) {
        terminal.outcome(number + " of " + total + " START hook: " + hook.name(), Terminal.Outcome.NEUTRAL, "RUN");
    }

    @Override
    public void ended(int number, int total, NodeExecution.Hook hook, String said, Duration took) {
        boolean isBad = said.equals("ERROR");
        terminal.outcome(
                number + " of " + total + (isBad ? " ERROR hook: " : " OK hook: ") + hook.name(),
                isBad ? Terminal.Outcome.BAD : Terminal.Outcome.GOOD,
                said + String.format(Locale.ROOT, " in %.2fs", took.toNanos() / 1e9));
    }

    private static boolean isTest(Node node) {
        return node.type() == ResourceType.TEST || node.type() == ResourceType.UNIT_TEST;
    }

    /** A unit test is called by its model too, as in dbt. */
    private String name(Node node) {
        return node.type() == ResourceType.UNIT_TEST
                ? project.manifest().section("unit_tests").get(node.uniqueId()).get("model") + "::" + node.name()
                : node.name();
    }

    private String title(Node node) {
        return switch (node.type()) {
            case MODEL -> "sql " + kindOfModel(node) + " model " + relation(node);
            case SEED -> "seed file " + relation(node);
            case SNAPSHOT -> "snapshot " + relation(node);
            case UNIT_TEST -> "unit_test " + name(node);
            case EXPOSURE -> "exposure " + node.name();
            default -> "test " + node.name();
        };
    }

    private static String kindOfModel(Node node) {
        boolean isMicrobatch = node.materialized().equals("incremental")
                && "microbatch".equals(node.config().get("incremental_strategy"));
        return isMicrobatch ? "microbatch" : node.materialized();
    }

    private static String relation(Node node) {
        return node.relation().map(table -> table.schema() + "." + table.name()).orElse(node.name());
    }

    private static String done(Node node) {
        return switch (node.type()) {
            case SEED -> "loaded";
            case SNAPSHOT -> "snapshotted";
            default -> "created";
        };
    }

    private static String doing(Node node) {
        return switch (node.type()) {
            case SEED -> "loading";
            case SNAPSHOT -> "snapshotting";
            default -> "creating";
        };
    }

    /** The last lines and the exit code. */
    public int summary(ProjectRun.Report report) {
        List<NodeResult> results = report.results();
        Map<String, Integer> kinds = new TreeMap<>();
        results.forEach(result -> kinds.merge(kind(result.node()), 1, Integer::sum));
        List<String> parts = kinds.entrySet().stream()
                .map(entry -> Headline.count(entry.getValue(), entry.getKey()))
                .toList();
        terminal.line("");
        terminal.line("Finished running " + String.join(", ", parts) + " in " + spoken(report.took()) + ".");
        terminal.line("");
        Map<NodeResult.Status, Long> counts = new LinkedHashMap<>();
        results.forEach(result -> counts.merge(result.status(), 1L, Long::sum));
        long partly = count(counts, NodeResult.Status.PARTIAL_SUCCESS);
        long bad = count(counts, NodeResult.Status.ERROR) + count(counts, NodeResult.Status.FAIL);
        long warned = count(counts, NodeResult.Status.WARN);
        if (report.isGood()) {
            terminal.line(
                    warned == 0
                            ? terminal.colour(Terminal.Outcome.GOOD, "Completed successfully")
                            : terminal.colour(
                                    Terminal.Outcome.WARNING,
                                    "Completed with " + Headline.count(warned, "warning") + ":"));
        } else {
            terminal.line(terminal.colour(
                    Terminal.Outcome.BAD,
                    "Completed with "
                            + Headline.count(bad + (report.hookFailure().isPresent() ? 1 : 0), "error")
                            + ", " + partly + (partly == 1 ? " partial success" : " partial successes") + ", and "
                            + Headline.count(warned, "warning") + ":"));
        }
        report.hookFailure().ifPresent(failure -> terminal.line("\n" + failure));
        results.forEach(this::explain);
        terminal.line("");
        terminal.line("Done. PASS="
                + (count(counts, NodeResult.Status.SUCCESS) + count(counts, NodeResult.Status.PASS))
                + " WARN=" + warned + " ERROR=" + (bad + partly) + " SKIP=" + count(counts, NodeResult.Status.SKIPPED)
                + " NO-OP=" + count(counts, NodeResult.Status.NO_OP) + " TOTAL=" + results.size());
        return report.isGood() ? 0 : 1;
    }

    private void explain(NodeResult result) {
        Node node = result.node();
        switch (result.status()) {
            case ERROR -> {
                if (result.batches().isPresent()) {
                    terminal.line("\n"
                            + terminal.colour(
                                    Terminal.Outcome.BAD,
                                    "Failure in model " + node.name() + " (" + node.file() + ")"));
                }
                terminal.line("\n"
                        + terminal.colour(Terminal.Outcome.BAD, result.message().orElse("ERROR")));
            }
            case PARTIAL_SUCCESS -> {
                terminal.line("\n"
                        + terminal.colour(
                                Terminal.Outcome.WARNING,
                                "Partial success in model " + node.name() + " (" + node.file() + ")"));
                terminal.line("  " + result.message().orElse(""));
            }
            case FAIL, WARN -> {
                boolean isWarning = result.status() == NodeResult.Status.WARN;
                terminal.line("\n"
                        + terminal.colour(
                                isWarning ? Terminal.Outcome.WARNING : Terminal.Outcome.BAD,
                                (isWarning ? "Warning" : "Failure") + " in "
                                        + node.type().id() + " " + node.name() + " (" + node.file() + ")"));
                terminal.line("  " + result.message().orElse("").replace("\n", "\n  "));
                if (result.compiledCode().isPresent() && node.type() != ResourceType.UNIT_TEST) {
                    terminal.line("\n  compiled code at " + project.compiledFile(node));
                }
            }
            default -> {
                // nothing to explain
            }
        }
    }

    private static String kind(Node node) {
        return switch (node.type()) {
            case MODEL -> node.materialized() + " model";
            case TEST -> "data test";
            case UNIT_TEST -> "unit test";
            default -> node.type().id();
        };
    }

    private static long count(Map<NodeResult.Status, Long> counts, NodeResult.Status status) {
        return counts.getOrDefault(status, 0L);
    }

    private static String spoken(Duration took) {
        double seconds = took.toNanos() / 1e9;
        return String.format(
                Locale.ROOT,
                "%d hours %d minutes and %.2f seconds (%.2fs)",
                took.toHours(),
                took.toMinutesPart(),
                seconds - took.toMinutes() * 60,
                seconds);
    }
}
