package dev.freshet.benchmarks;

import dev.freshet.state.FreshetException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** {@code benchmarks/run NAME [--option number ...]}. Exit codes: 0 measured, 1 failed, 2 not understood. */
public final class Main {

    private Main() {}

    /** Everything a benchmark writes goes below the directory that the script made for it and removes again. */
    public static void main(String[] words) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"), "work");
        List<Benchmark> known = List.of(
                new CaptureBenchmark(directory),
                new FederatedBenchmark(directory),
                new FreshnessBenchmark(directory),
                new MaintainBenchmark(directory),
                new StartupBenchmark(directory, Path.of(System.getProperty("freshet.launcher"))),
                new TpchBenchmark(directory));
        System.exit(run(known, Arrays.asList(words)));
    }

    private static int run(List<Benchmark> known, List<String> words) {
        String name = words.isEmpty() ? "" : words.get(0);
        Benchmark wanted = known.stream()
                .filter(benchmark -> benchmark.name().equals(name))
                .findFirst()
                .orElse(null);
        if (wanted == null) {
            return notUnderstood(name, known);
        }
        Console console = new Console(System.out);
        try {
            Arguments arguments = Arguments.parse(words.subList(1, words.size()), wanted.options());
            Benchmark.Outcome outcome = wanted.run(arguments, console);
            outcome.failure().ifPresent(reason -> console.line("FAILED: " + reason));
            console.result(wanted.name(), outcome.values());
            return outcome.failure().isPresent() ? 1 : 0;
        } catch (FreshetException e) {
            System.err.println("benchmarks: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (Exception e) {
            e.printStackTrace();
            return 1;
        }
    }

    private static int notUnderstood(String name, List<Benchmark> known) {
        boolean asked = name.equals("--help") || name.equals("-h");
        if (!asked) {
            System.err.println(
                    name.isEmpty() ? "benchmarks: which one?" : "benchmarks: unknown benchmark '" + name + "'");
        }
        System.err.println("Usage: benchmarks/run NAME [--option number ...]");
        for (Benchmark benchmark : known) {
            System.err.printf("  %-10s %s%n", benchmark.name(), benchmark.summary());
            System.err.printf("  %-10s options: %s%n", "", Arguments.known(benchmark.options()));
        }
        return asked ? 0 : 2;
    }
}
