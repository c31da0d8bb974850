package dev.freshet.benchmarks;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * How long a person waits for {@code freshet parse}: from the start of the launcher's process to its end, on generated projects. Cold is without
 * anything of an earlier parse in the project, warm is the next parse of the same files. And for {@code freshet build} of a small shop on DuckDB.
 */
final class StartupBenchmark implements Benchmark {

    private static final int SMALL = 13;
    private static final int PER_PROPERTIES_FILE = 10;
    private static final long SLOWEST_SECONDS = 300;

    private final Path directory;
    private final Path launcher;

    /** @param launcher {@code ./freshet} */
    StartupBenchmark(Path directory, Path launcher) {
        this.directory = directory;
        this.launcher = launcher;
    }

    @Override
    public String name() {
        return "startup";
    }

    @Override
    public String summary() {
        return "the whole process of 'freshet parse', cold and warm, on 13 and on many generated models; and of 'freshet build'";
    }

    @Override
    public Map<String, Long> options() {
        return Map.of("models", 1000L, "rounds", 5L);
    }

    @Override
    public Outcome run(Arguments arguments, Console console) throws Exception {
        int many = Math.toIntExact(arguments.get("models"));
        long rounds = arguments.get("rounds");
        // The first use of a checkout builds it; that is not what is measured.
        run(List.of("--version"));
        Map<String, String> values = new LinkedHashMap<>();
        for (int models : List.of(SMALL, many)) {
            Path project = directory.resolve("models-" + models);
            write(project, models);
            List<String> command = List.of("parse", "--project-dir", project.toString());
            run(command);
            List<Double> cold = new ArrayList<>();
            List<Double> warm = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                delete(project.resolve("target"));
                cold.add(run(command));
                warm.add(run(command));
            }
            console.line("%,d models: cold %.2f s, warm %.2f s", models, Median.of(cold), Median.of(warm));
            values.put("cold_" + models + "_seconds", seconds(Median.of(cold)));
            values.put("warm_" + models + "_seconds", seconds(Median.of(warm)));
        }
        Path shop = directory.resolve("shop");
        SmallShop.write(shop);
        List<String> build = List.of("build", "--project-dir", shop.toString());
        run(build);
        List<Double> builds = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            builds.add(run(build));
        }
        console.line("build of a small shop (28 nodes) on DuckDB: %.2f s", Median.of(builds));
        values.put("build_seconds", seconds(Median.of(builds)));
        return new Outcome(values, Optional.empty());
    }

    private static String seconds(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private double run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(arguments);
        Path output = Files.createTempFile("startup", ".log");
        long started = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(SLOWEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new FreshetException(ErrorKind.USER, command + " took longer than " + SLOWEST_SECONDS + " s");
        }
        double took = (System.nanoTime() - started) / 1e9;
        if (process.exitValue() != 0) {
            throw new FreshetException(
                    ErrorKind.USER, command + " ended with " + process.exitValue() + ":\n" + Files.readString(output));
        }
        Files.delete(output);
        return took;
    }

    /** A chain of staging, intermediate and mart models over sources, with macros, tests and descriptions, as projects are. */
    private static void write(Path project, int models) throws IOException {
        Files.createDirectories(project.resolve("models"));
        Files.createDirectories(project.resolve("macros"));
        Files.writeString(
                project.resolve("dbt_project.yml"),
                "name: generated\nprofile: generated\nmodels: {generated: {+materialized: view}}\n");
        Files.writeString(
                project.resolve("profiles.yml"),
                "generated: {target: dev, outputs: {dev: {type: duckdb, path: generated.duckdb, schema: main}}}\n");
        Files.writeString(
                project.resolve("macros/cents.sql"),
                "{% macro cents(column) %}round({{ column }} / 100.0, 2){% endmacro %}\n");
        StringBuilder properties = new StringBuilder("sources: [{name: shop, tables: [{name: orders}]}]\nmodels:\n");
        for (int i = 0; i < models; i++) {
            Files.writeString(project.resolve("models/model_" + i + ".sql"), model(i));
            properties
                    .append("  - name: model_")
                    .append(i)
                    .append("\n    description: Model number ")
                    .append(i)
                    .append("\n    columns: [{name: id, tests: [unique, not_null]}]\n");
            if (i % PER_PROPERTIES_FILE == PER_PROPERTIES_FILE - 1 || i == models - 1) {
                Files.writeString(project.resolve("models/properties_" + i + ".yml"), properties.toString());
                properties = new StringBuilder("models:\n");
            }
        }
    }

    private static String model(int number) {
        String from = number < 3 ? "source('shop', 'orders')" : "ref('model_" + number / 3 + "')";
        return "{{ config(tags=['nightly']) }}\n"
                + "{% set kinds = ['web', 'store', 'phone'] %}\n"
                + "select id,\n{% for kind in kinds %}\n    {{ cents(kind ~ '_amount') }} as {{ kind }}_amount{{ ',' if not loop.last }}\n{% endfor %}\n"
                + "from {{ " + from + " }}\n"
                + "{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}\n";
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
