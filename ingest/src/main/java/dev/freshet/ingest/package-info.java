/**
 * From a source's commit to durable staging. {@link dev.freshet.ingest.ChangeSource} captures whole transactions, {@link
 * dev.freshet.ingest.StagingArea} makes them durable and only then the source is acknowledged. Nothing here knows models or targets.
 */
@NullMarked
package dev.freshet.ingest;

import org.jspecify.annotations.NullMarked;
