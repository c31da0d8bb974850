package dev.freshet.deploy.verdict;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Goes by the test's hand, and by itself a step at each look. */
final class HandClock extends Clock {

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private Duration step = Duration.ZERO;

    synchronized void at(String instant) {
        now = Instant.parse(instant);
    }

    synchronized void jump(Duration forward) {
        now = now.plus(forward);
    }

    synchronized void jumpAtEachLook(Duration forward) {
        step = forward;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    @Override
    public synchronized Instant instant() {
        now = now.plus(step);
        return now;
    }
}
