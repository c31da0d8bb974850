package dev.freshet.deploy.run;

import java.time.Duration;

/** How one node of a run ended. */
public record NodeResult(String node, Status status, String message, Duration took) {

    public enum Status {
        SUCCESS,
        ERROR,
        SKIPPED
    }
}
