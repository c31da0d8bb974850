package dev.freshet.deploy.cli.options;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import dev.freshet.transform.project.Deferral;
import dev.freshet.transform.project.ParsedProject;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** dbt's deferral: reading what another run built. */
public final class DeferralOptions {

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

    /** What another run needs to know to defer like this. */
    public Map<String, Object> remembered(@Nullable Path state) {
        Path directory = deferState != null ? deferState : state;
        if (!Boolean.TRUE.equals(defer) || directory == null) {
            return Map.of();
        }
        return Map.of(
                "defer",
                true,
                "favor_state",
                Boolean.TRUE.equals(favorState),
                "defer_state",
                directory.toAbsolutePath().normalize().toString());
    }

    /** Those of an earlier run. */
    public static DeferralOptions of(Map<String, Object> remembered) {
        DeferralOptions options = new DeferralOptions();
        options.defer = Boolean.TRUE.equals(remembered.get("defer"));
        options.favorState = Boolean.TRUE.equals(remembered.get("favor_state"));
        options.deferState = remembered.get("defer_state") instanceof String directory ? Path.of(directory) : null;
        return options;
    }

    /** {@code clone} needs no {@code --defer}. */
    public void require() {
        defer = true;
    }

    /** @param state {@code --state} */
    public void applyTo(ParsedProject project, @Nullable Path state) {
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
