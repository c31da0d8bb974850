package dev.freshet.transform.project;

import dev.freshet.transform.project.partial.PartialParsing;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A process that parses a project with what another process kept, and prints what it rendered. */
public final class PartialParsingProbe {

    private PartialParsingProbe() {}

    public static void main(String[] arguments) {
        Path project = Path.of(arguments[0]);
        ProjectLoader.Options options = new ProjectLoader.Options(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of("cutoff", Map.of("only", 1L)),
                Map.of("REGION", "eu", "OTHER", "x"),
                project.resolve("home"),
                false,
                false,
                Instant.EPOCH);
        System.out.println("rendered "
                + ProjectLoader.parse(project, options, "run", PartialParsing.ON)
                        .renderings());
    }
}
