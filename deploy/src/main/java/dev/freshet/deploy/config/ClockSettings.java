package dev.freshet.deploy.config;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * What models take for the time.
 *
 * @param zone whose date {@code current_date} is
 * @param interval between two runs of a model that asks for the time
 */
public record ClockSettings(ZoneId zone, Duration interval) {

    public static final ClockSettings DEFAULT = new ClockSettings(ZoneOffset.UTC, Duration.ofSeconds(60));
}
