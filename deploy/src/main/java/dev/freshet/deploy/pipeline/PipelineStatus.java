package dev.freshet.deploy.pipeline;

import dev.freshet.deploy.verdict.TestResults;
import dev.freshet.ingest.ChangeSource;
import dev.freshet.ingest.StagingArea;
import dev.freshet.publisher.Publisher;
import dev.freshet.state.Cut;
import dev.freshet.state.PoisonRows;
import dev.freshet.state.TableId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a pipeline stands at one moment.
 *
 * @param failing the models that failed, with the reason
 * @param held the models that the newest cycle left out, failing ones and what reads them among others, with the reason
 * @param problem why the cycle can't go on, if it can't
 * @param unready source tables whose first load, or load anew, is not complete: models that read them wait
 * @param poison source rows that models are computed without
 * @param stagingKeptFor captured snapshots that do not come on, for which staging keeps every change
 */
public record PipelineStatus(
        Cut cut,
        List<Source> sources,
        List<Target> targets,
        Map<TableId, String> failing,
        Map<TableId, String> held,
        Optional<String> problem,
        Set<TableId> unready,
        List<PoisonRows> poison,
        Pauses paused,
        StagingArea.StagingStatus staging,
        List<TableId> stagingKeptFor,
        long stateBytes,
        List<TestResults.Result> tests) {

    /** Whether a model is being computed beside the cycles, to replace what it shows. */
    public boolean isRestating(TableId model) {
        return Restatements.REASON.equals(held.get(model));
    }

    /**
     * @param newestCommit when the source committed the newest change that is staged
     * @param log what the source keeps of its log for this pipeline
     * @param waitingBatches how many staged batches the cycle has not taken
     */
    public record Source(
            String name,
            boolean connected,
            List<String> problems,
            long stagedRows,
            Instant newestCommit,
            ChangeSource.LogRetention log,
            List<TableId> loading,
            int waitingBatches) {}

    /** @param tables what is known of each table since the service started */
    public record Target(
            String name,
            long deliveredCut,
            long deliveredRows,
            String state,
            Optional<String> problem,
            Map<TableId, Publisher.TableStatus> tables) {}
}
