package dev.freshet.deploy.pipeline;

import dev.freshet.publisher.Delivery;
import dev.freshet.state.Cut;
import dev.freshet.state.ErrorKind;
import dev.freshet.state.Reconciliation;
import dev.freshet.state.StagedBatch;
import dev.freshet.state.TableDelta;
import java.time.Duration;
import java.util.List;

/** Hears what a pipeline does, on the thread that does it. Must be quick and must not throw. */
public interface PipelineListener {

    /** A leg of the flow, as it is named in messages and metrics. */
    enum Leg {
        CAPTURE,
        CYCLE,
        MODEL,
        DELIVERY
    }

    /** A batch is durable. Heard before the cycle can take it. */
    default void staged(StagedBatch batch) {}

    default void cycled(
            Cut cut, List<StagedBatch> staged, List<TableDelta> changed, List<TableDelta> maintained, Duration took) {}

    /** Told with a cycle that was committed, for each table where some changes made no difference or had to be filled. */
    default void reconciled(Reconciliation reconciliation) {}

    /** Moved what the state store's commits had logged into its file; cycles waited meanwhile. */
    default void checkpointed(Duration took) {}

    default void delivered(Delivery delivery) {}

    /** @param subject as {@link StepListener#done} */
    default void timed(Step step, String subject, Duration took) {}

    /**
     * Something went wrong, and is tried again.
     *
     * @param subject the source's or target's name, {@code schema.name} of a model, empty for the cycle
     */
    default void failed(Leg leg, String subject, ErrorKind kind) {}

    /** Something a person should read, said once. */
    default void notice(String message) {}

    /** Tells each of these in turn. */
    static PipelineListener all(PipelineListener... listeners) {
        return new ListenerGroup(List.of(listeners));
    }
}
