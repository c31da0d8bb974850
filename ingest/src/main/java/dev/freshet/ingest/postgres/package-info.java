/**
 * PostgreSQL as a source: checks, slot and publication, the stream of whole transactions, loads beside it, one-time reads. Values reach us
 * as PostgreSQL's own text, from the log as from COPY, and one reader per column makes the canonical value of both.
 */
@NullMarked
package dev.freshet.ingest.postgres;

import org.jspecify.annotations.NullMarked;
