package dev.freshet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How fast row changes get from the log into staging, beside plain Debezium on the same log. Each round commits a backlog while nobody reads; then
 * both drain it, one after the other, in turns as to who is first. Rounds that do not count come before: the code of a commit is compiled late.
 */
final class CaptureBenchmark implements Benchmark {

    private static final int WARM_UP_ROUNDS = 2;
    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 15;

    private final Path directory;

    CaptureBenchmark(Path directory) {
        this.directory = directory;
    }

    @Override
    public String name() {
        return "capture";
    }

    @Override
    public String summary() {
        return "row changes a second from PostgreSQL's log into staging, and plain Debezium into nothing beside it";
    }

    @Override
    public Map<String, Long> options() {
        Map<String, Long> options = new LinkedHashMap<>();
        options.put("rows", 300_000L);
        options.put("seconds", 60L);
        options.put("load-rows", 1_000_000L);
        return options;
    }

    @Override
    public Outcome run(Arguments arguments, Console console) throws InterruptedException, IOException {
        long rows = arguments.get("rows");
        long loadRows = arguments.get("load-rows");
        Files.createDirectories(directory);
        console.line("Starting PostgreSQL (fsync on) and filling its tables");
        try (SourceDatabase database = SourceDatabase.start(loadRows);
                PlainDebezium debezium = new PlainDebezium(database, directory);
                StagedCapture freshet =
                        new StagedCapture(database, "capture", SourceDatabase.CHANGING, directory.resolve("capture"))) {
            console.line("Making a replication slot for each");
            debezium.prepare();
            Drain base = freshet.load();
            console.line(
                    "First load of the changing tables, as a warm-up: %,d rows, %,.0f rows/s",
                    base.rows(), base.rowsPerSecond());

            for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                long made = database.change(rows);
                console.line("Warming up with %,d row changes", made);
                measured(console, debezium, made);
                measured(console, freshet, made);
            }

            List<Drain> ours = new ArrayList<>();
            List<Drain> theirs = new ArrayList<>();
            long end = System.nanoTime() + arguments.get("seconds") * 1_000_000_000L;
            for (int round = 0; round < LEAST_ROUNDS || (System.nanoTime() < end && round < MOST_ROUNDS); round++) {
                long made = database.change(rows);
                console.line("Round %d: a backlog of %,d row changes", round + 1, made);
                if (round % 2 == 0) {
                    ours.add(measured(console, freshet, made));
                    theirs.add(measured(console, debezium, made));
                } else {
                    theirs.add(measured(console, debezium, made));
                    ours.add(measured(console, freshet, made));
                }
            }
            double load = load(console, database, loadRows);
            return new Outcome(values(ours, theirs, rows, load), Optional.empty());
        }
    }

    private static Drain measured(Console console, Contestant contestant, long rows) throws InterruptedException {
        // What the other one left on the heap is not this one's to clear.
        System.gc();
        Drain drain = contestant.drain(rows);
        tell(console, contestant, drain);
        return drain;
    }

    private static void tell(Console console, Contestant contestant, Drain drain) {
        console.line(
                "  %-8s %,10.0f rows/s  (%.1f s, with its start %.1f s; %.0f us CPU a row)",
                contestant.name(),
                drain.rowsPerSecond(),
                drain.streamSeconds(),
                drain.wholeSeconds(),
                drain.cpuMicrosPerRow());
    }

    /** Rows a second over the whole of a first load, its start and end included. */
    private double load(Console console, SourceDatabase database, long rows) throws InterruptedException {
        try (StagedCapture freshet =
                new StagedCapture(database, "load", List.of(SourceDatabase.LOADED), directory.resolve("load"))) {
            System.gc();
            Drain drain = freshet.load();
            if (drain.rows() != rows) {
                throw new IllegalStateException("loaded " + drain.rows() + " rows of " + rows);
            }
            console.line(
                    "First load of %,d rows in %.1f s, %.1f us CPU a row",
                    rows, drain.wholeSeconds(), drain.cpuMicrosPerRow());
            return rows / drain.wholeSeconds();
        }
    }

    private static Map<String, String> values(List<Drain> ours, List<Drain> theirs, long rows, double load) {
        double freshet = Median.of(ours.stream().map(Drain::rowsPerSecond).toList());
        double debezium = Median.of(theirs.stream().map(Drain::rowsPerSecond).toList());
        Map<String, String> values = new LinkedHashMap<>();
        values.put("events_per_s", whole(freshet));
        values.put("debezium_events_per_s", whole(debezium));
        values.put("ratio", String.format(Locale.ROOT, "%.2f", freshet / debezium));
        values.put("rows", Long.toString(rows));
        values.put("rounds", Integer.toString(ours.size()));
        values.put("load_rows_per_s", whole(load));
        return values;
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
