package dev.freshet.deploy.cli;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.Deferral;
import dev.freshet.transform.project.ParsedProject;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** dbt's deferral: reading what another run built. */
final class DeferralOptions {

    @Option(
            names = "--defer",
            negatable = true,
            converter = GlobalOptions.Truth.class,
            defaultValue = "${env:DBT_DEFER}",
            description = "Read what is not built here where the run of --state built it.")
    @Nullable
    Boolean defer;

    @Option(
            names = "--favor-state",
            negatable = true,
            converter = GlobalOptions.Truth.class,
            defaultValue = "${env:DBT_FAVOR_STATE}",
            description = "With --defer: read it there also when it is built here, unless it is selected.")
    @Nullable
    Boolean favorState;

    @Option(
            names = "--defer-state",
            paramLabel = "DIR",
            defaultValue = "${env:DBT_DEFER_STATE}",
            description = "The artifacts to defer to, when they are not those of --state.")
    @Nullable
    Path deferState;

    /** @param state {@code --state} */
    void applyTo(ParsedProject project, @Nullable Path state) {
        if (!Boolean.TRUE.equals(defer)) {
            return;
        }
        Path directory = deferState != null ? deferState : state;
        if (directory == null) {
            throw new FreshetException(
                    ErrorKind.USER, "--defer needs the artifacts of another run: name their directory with --state");
        }
        project.defer(Deferral.read(
                directory.toAbsolutePath().normalize(),
                Boolean.TRUE.equals(favorState) ? Deferral.Preference.STATE : Deferral.Preference.OWN));
    }
}
