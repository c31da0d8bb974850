/**
 * Staging on Apache Iceberg: one append-only change table per source table, whose snapshot summaries say how far it has come. {@link
 * dev.freshet.ingest.iceberg.IcebergStagingArea} is the way in. From there: {@code Owner} holds the pipeline's epoch, {@code SourceStaging}
 * keeps one source's batches in order, {@code ChangeTable} makes fenced commits to one table, and {@code Upkeep} keeps files and snapshots few.
 *
 * <p>Iceberg and Parquet types do not leave this package.
 */
@NullMarked
package dev.freshet.ingest.iceberg;

import org.jspecify.annotations.NullMarked;
