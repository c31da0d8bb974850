package dev.freshet.testkit.tpch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The 22 queries as models of a dbt project, {@code q01} to {@code q22}, over a source {@code tpch}. */
public final class TpchProject {

    private TpchProject() {}

    /** Writes the project's files into a directory, over what is there. */
    public static void copyTo(Path directory) {
        List<String> files = new ArrayList<>(List.of("dbt_project.yml", "profiles.yml", "models/sources.yml"));
        IntStream.rangeClosed(1, 22).forEach(i -> files.add("models/q%02d.sql".formatted(i)));
        try {
            Files.createDirectories(directory.resolve("models"));
            for (String file : files) {
                try (InputStream content = TpchProject.class.getResourceAsStream(file)) {
                    if (content == null) {
                        throw new IllegalStateException("the testkit lacks '" + file + "'");
                    }
                    Files.write(directory.resolve(file), content.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the project can't be written to '" + directory + "'", e);
        }
    }
}
