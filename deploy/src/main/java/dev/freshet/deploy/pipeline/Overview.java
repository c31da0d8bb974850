package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.config.ServiceSettings;
import dev.freshet.deploy.verdict.Tests;
import dev.freshet.ingest.StagingArea;
import dev.freshet.publisher.Publisher;
import dev.freshet.state.StateStore;
import dev.freshet.state.TableId;
import java.io.File;
import java.util.Map;
import java.util.stream.Collectors;

/** Asks the parts of a pipeline where they stand. Any thread may. */
record Overview(
        ServiceSettings settings,
        StagingArea staging,
        StateStore store,
        Map<String, SourceWorker> sources,
        Map<String, Backlog> backlogs,
        CycleWorker cycle,
        Map<String, Publisher> publishers,
        FailingModels failing,
        Foldable foldable,
        Tests tests) {

    /** @param held what the newest cycle left out */
    PipelineStatus status(Map<TableId, String> held, Pauses pauses) {
        return new PipelineStatus(
                store.cut(),
                sources.values().stream().map(this::status).toList(),
                publishers.values().stream().map(Overview::status).toList(),
                failing.messages(),
                held,
                cycle.problem(),
                sources.values().stream()
                        .flatMap(source -> source.tables().stream())
                        .filter(table -> !store.isReady(table))
                        .collect(Collectors.toUnmodifiableSet()),
                store.poisonRows(),
                pauses,
                staging.status(),
                foldable.keptFor(),
                settings.stateFile().toFile().length() + stateLog(settings).length(),
                tests.results());
    }

    /** What the state store's commits have logged since its last checkpoint. */
    static File stateLog(ServiceSettings settings) {
        return new File(settings.stateFile() + ".wal");
    }

    PipelineStatus.Source status(SourceWorker source) {
        Backlog backlog = backlogs.get(source.name());
        return source.status(backlog == null ? 0 : backlog.depth());
    }

    private static PipelineStatus.Target status(Publisher publisher) {
        Publisher.Status status = publisher.status();
        return new PipelineStatus.Target(
                status.output(),
                status.lastCut(),
                status.deliveredRows(),
                status.state().name(),
                status.withheld().map(Publisher.Withheld::reason).or(() -> status.problem()
                        .map(Publisher.Problem::message)),
                status.tables());
    }
}
