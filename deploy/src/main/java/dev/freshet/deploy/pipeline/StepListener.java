package dev.freshet.deploy.pipeline;

/** Hears of every step, on the thread that did it. Must be quick; what it throws ends the pipeline, which is how tests stop it anywhere. */
public interface StepListener {

    StepListener NONE = (step, subject) -> {};

    /** @param subject the source's name up to {@link Step#ACKNOWLEDGED}, the target's for {@link Step#PUBLISHED}, else empty */
    void done(Step step, String subject);
}
