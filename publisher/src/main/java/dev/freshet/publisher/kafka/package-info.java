/** Delivery to Kafka topics, one a model. Nobody else sees Kafka's client. */
@NullMarked
package dev.freshet.publisher.kafka;

import org.jspecify.annotations.NullMarked;
