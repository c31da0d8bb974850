package dev.freshet.deploy.pipeline;

import dev.freshet.state.Cut;
import dev.freshet.state.TableId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a pipeline stands at one moment.
 *
 * @param failing the models that failed, with the reason
 * @param problem why the cycle can't go on, if it can't
 */
public record PipelineStatus(
        Cut cut, List<Source> sources, List<Target> targets, Map<TableId, String> failing, Optional<String> problem) {

    /** @param newestCommit when the source committed the newest change that is staged */
    public record Source(
            String name,
            boolean connected,
            List<String> problems,
            long stagedRows,
            Instant newestCommit,
            long lagBytes,
            List<TableId> loading) {}

    public record Target(String name, long deliveredCut, long deliveredRows, String state, Optional<String> problem) {}
}
