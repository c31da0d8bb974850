/**
 * Debezium's PostgreSQL connector, driven directly: Freshet pulls records from the connector's task at its own pace. No Debezium or Kafka type
 * leaves this package.
 */
@NullMarked
package dev.freshet.ingest.postgres.debezium;

import org.jspecify.annotations.NullMarked;
