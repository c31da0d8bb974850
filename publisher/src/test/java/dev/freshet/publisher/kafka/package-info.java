/** Kafka topics as targets, for real. */
@NullMarked
package dev.freshet.publisher.kafka;

import org.jspecify.annotations.NullMarked;
