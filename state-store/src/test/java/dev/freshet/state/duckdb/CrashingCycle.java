package dev.freshet.state.duckdb;

import static dev.freshet.state.duckdb.StagedFiles.batch;
import static dev.freshet.state.duckdb.StoreFixture.schema;

import dev.freshet.state.DataType.Simple;
import dev.freshet.state.StateTransaction;
import dev.freshet.state.TableId;
import dev.freshet.state.TableSchema;
import dev.freshet.state.duckdb.StagedFiles.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A process that runs cycles until it is killed. What cut {@code n} holds follows from {@code n}: rows {@code 0 .. 199}, of which each cycle
 * rewrites a stretch with its own number.
 */
final class CrashingCycle {

    static final TableId SOURCE = new TableId("s", "p", "t");
    static final TableId MODEL = new TableId("dw", "m", "sums");
    static final TableSchema SCHEMA = schema(List.of("id"), "id", Simple.INTEGER, "v", Simple.BIGINT);
    private static final int ROWS = 200;
    private static final int STRETCH = 37;

    private CrashingCycle() {}

    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[0]);
        try (StoreFixture fixture = new StoreFixture(directory)) {
            System.out.println("READY");
            if (arguments[1].equals("hold")) {
                awaitEndOfInput();
                return;
            }
            while (true) {
                long next = fixture.store.cut().number() + 1;
                Path file = fixture.files.write(SCHEMA, events(next));
                try (StateTransaction transaction = fixture.store.begin()) {
                    transaction.reconcile(batch(SOURCE, SCHEMA, next - 1, next, file));
                    transaction.recompute(MODEL, "select v, count(*) as n from \"s.p\".\"t\" group by v", List.of("v"));
                    transaction.commit(Map.of("s", StagedFiles.at(next)), Instant.ofEpochSecond(next));
                }
                System.out.println("CUT " + next);
                if (next % 7 == 0) {
                    fixture.store.prune(next - 3);
                    fixture.store.checkpoint();
                }
            }
        }
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // The parent says nothing; it ends us.
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<Event> events(long cut) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < STRETCH; i++) {
            int id = (int) ((cut * STRETCH + i) % ROWS);
            events.add(Event.of("u", cut, i, id, cut));
        }
        return events;
    }

    /** The number of rows that carry each cut's number. */
    static Map<List<Object>, Long> expected(long cut) {
        long[] values = new long[ROWS];
        for (long n = 1; n <= cut; n++) {
            for (Event event : events(n)) {
                values[(int) event.values()[0]] = n;
            }
        }
        Map<Long, Long> counts = new TreeMap<>();
        for (long value : values) {
            if (value > 0) {
                counts.merge(value, 1L, Long::sum);
            }
        }
        Map<List<Object>, Long> rows = new HashMap<>();
        counts.forEach((value, count) -> rows.put(List.of(value, count), 1L));
        return rows;
    }

    /** Starts this class in a JVM of its own, whose unpacked native library goes with the test's directory. */
    static Process start(Path directory, String mode) throws IOException {
        Path temporary = Files.createDirectories(directory.resolve("jvm"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashingCycle.class.getName(),
                        directory.toString(),
                        mode)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    static void awaitLine(Process process, String start) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !line.startsWith(start)) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IllegalStateException("the child ended before it said " + start);
        }
    }
}
