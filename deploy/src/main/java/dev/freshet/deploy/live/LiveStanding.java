package dev.freshet.deploy.live;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a live model stands.
 *
 * @param ran when it began last and went well
 * @param took that time
 * @param problem why it did not go well since
 */
public record LiveStanding(Optional<Instant> ran, Optional<Duration> took, Optional<String> problem) {}
