package dev.freshet.deploy.config;

import dev.freshet.transform.project.node.DataTest;
import java.time.Duration;

/**
 * What the service makes of data tests.
 *
 * @param mode of those that say nothing of themselves
 * @param interval how long a watched test rests after it was judged
 */
public record TestSettings(DataTest.Mode mode, Duration interval) {

    public static final TestSettings DEFAULT = new TestSettings(DataTest.Mode.MONITOR, Duration.ofMinutes(5));
}
