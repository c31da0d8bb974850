package dev.freshet.publisher;

import java.time.Duration;
import java.time.Instant;

/**
 * A delivery as it is reported to those who watch.
 *
 * @param output the name of the target's output
 * @param duration from reading the ledger to the commit
 * @param committedAt when the commit's answer had arrived
 */
public record Delivery(String output, Receipt receipt, Duration duration, Instant committedAt) {}
