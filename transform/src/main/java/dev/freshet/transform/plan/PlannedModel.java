package dev.freshet.transform.plan;

import dev.freshet.transform.plan.query.ColumnLineage;
import java.time.Duration;
import java.util.Optional;

/**
 * A model's plan with what following it costs.
 *
 * @param full what computing all rows took lately
 * @param affected what computing the affected rows took lately
 * @param last what was done when its inputs changed last
 * @param lineage empty where it is not known
 */
public record PlannedModel(
        ModelPlan plan,
        Optional<Duration> full,
        Optional<Duration> affected,
        Optional<Done> last,
        Optional<ColumnLineage> lineage) {

    /**
     * @param how {@link ModelPlan#title} of what was done
     * @param keys how many keys were affected; 0 when all rows were computed
     * @param estimated what it was expected to take; empty when nothing was known yet
     */
    public record Done(String how, long keys, Optional<Duration> estimated, Duration took) {}

    /** Before anything was done. */
    public static PlannedModel of(ModelPlan plan) {
        return new PlannedModel(plan, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    PlannedModel with(Optional<ColumnLineage> known) {
        return new PlannedModel(plan, full, affected, last, known);
    }
}
