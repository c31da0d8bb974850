package dev.freshet.state;

import java.util.UUID;

/**
 * The right to write for a pipeline: taken in the catalog by compare-and-set before anything else is touched. Staging commits and ledgers
 * refuse a lower epoch than the one they saw last, so an instance that was overtaken can change nothing.
 *
 * @param epoch higher than any taken before, of other stagings too as far as clocks agree
 * @param instance the process that holds it
 */
public record Ownership(PipelineId pipeline, long epoch, UUID instance, PipelineOwner owner) {

    /** Of a pipeline whose owner is nobody in particular. */
    public Ownership(PipelineId pipeline, long epoch, UUID instance) {
        this(pipeline, epoch, instance, new PipelineOwner(instance, "unknown"));
    }
}
