package dev.freshet.deploy.pipeline;

/** The steps of the flow, in its order; the cycle's begin beside the commit to staging. A {@link StepListener} hears of each one right after it was done. */
public enum Step {
    /** A batch of whole source transactions is in memory. */
    CAPTURED,
    /** Its rows can be read from staging and the cycle may work on them; nothing of that is kept before they are durable. */
    WRITTEN,
    /** The batch is durable in staging. */
    STAGED,
    /** The source was told so. */
    ACKNOWLEDGED,
    /** The mirrors have it, uncommitted. */
    RECONCILED,
    /** The models have it, uncommitted. */
    MAINTAINED,
    /** The cut is committed in the state store. */
    COMMITTED,
    /** A target has the cut. */
    PUBLISHED
}
