package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Delivery;
import dev.freshet.state.Cut;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import java.time.Duration;
import java.util.List;

/** Hears what a pipeline does, on the thread that does it. Must be quick and must not throw. */
public interface PipelineListener {

    default void cycled(
            Cut cut, List<StagedBatch> staged, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {}

    default void delivered(Delivery delivery) {}

    /** Something a person should read, said once. */
    default void notice(String message) {}
}
