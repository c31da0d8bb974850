package dev.freshet.ingest.postgres;

import dev.freshet.ingest.ChangeSourceFactory.Setup;
import dev.freshet.ingest.SourceProblem;
import dev.freshet.state.FreshetException;
import dev.freshet.state.Takeover;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks for everything that would keep a source from starting, and changes nothing. */
final class CaptureCheck {

    private final Setup setup;
    private final List<SourceProblem> problems = new ArrayList<>();

    CaptureCheck(Setup setup) {
        this.setup = setup;
    }

    private interface Step {
        List<SourceProblem> run();
    }

    List<SourceProblem> problems() {
        Database database = Database.of(setup.connection());
        SourceNames names = SourceNames.of(setup.pipeline(), database.output(), setup.owner());
        try (Connection connection = database.connect()) {
            connection.setReadOnly(true);
            ReplicationSlot slot = new ReplicationSlot(database, names);
            attempt(() -> slot.serverProblems(connection));
            attempt(() -> {
                slot.checkRoom(connection);
                return List.of();
            });
            attempt(() -> new TableCatalog(database, setup.declaredTypes(), TableCatalog.Purpose.CAPTURE)
                    .problems(connection, setup.tables()));
            attempt(() -> new Publication(database, names)
                    .problems(
                            connection,
                            setup.tables(),
                            setup.takeover() == Takeover.ALLOWED
                                    ? Publication.Ownership.TAKE_OVER
                                    : Publication.Ownership.KEEP));
        } catch (FreshetException e) {
            problems.add(SourceProblem.of(e.getMessage()));
        } catch (SQLException e) {
            problems.add(SourceProblem.of(database.failed("checking", e).getMessage()));
        }
        return List.copyOf(problems);
    }

    private void attempt(Step step) {
        try {
            problems.addAll(step.run());
        } catch (FreshetException e) {
            problems.add(SourceProblem.of(e.getMessage()));
        }
    }
}
